"""Guessing links and passwords is slowed down where it happens, and guests beside it do not notice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import Reason
from app.services.access.guests import (
    MISSES_FROM_PLACE,
    WRONG_FOR_LINK,
    WRONG_FOR_LINK_FROM_PLACE,
    WRONG_FROM_NETWORK,
)
from tests.services.lodge import GUEST, PASSWORD, Lodge

UNKNOWN = "A" * 43


@pytest.fixture
def lodge() -> Lodge:
    return Lodge()


def guess_links(lodge: Lodge, times: int, client: str = GUEST) -> None:
    for number in range(times):
        assert lodge.refusal(f"{UNKNOWN}{number}", client).reason is Reason.NOT_FOUND


class TestMisses:
    @pytest.mark.parametrize("token", [UNKNOWN, "", "x", "../../etc", "токен", "\ud800", "\x00", "A" * 5000])
    def test_whatever_is_no_token_of_ours_gets_one_answer(self, lodge: Lodge, token: str) -> None:
        refusal = lodge.refusal(token)
        assert (refusal.reason, refusal.message, refusal.details) == (Reason.NOT_FOUND, "There is no such link.", {})

    def test_too_many_are_refused_for_a_while(self, lodge: Lodge) -> None:
        guess_links(lodge, MISSES_FROM_PLACE)
        refusal = lodge.refusal(UNKNOWN)
        assert refusal.reason is Reason.TOO_MANY_ATTEMPTS
        assert refusal.retry_after == pytest.approx(300, abs=5)
        lodge.stores.pass_time(301)
        assert lodge.refusal(UNKNOWN).reason is Reason.NOT_FOUND

    def test_a_good_link_opens_all_the_same_from_there(self, lodge: Lodge) -> None:
        link = lodge.link()
        guess_links(lodge, MISSES_FROM_PLACE)
        assert lodge.links.open(lodge.token(link), GUEST).id == link.id

    def test_a_closed_link_is_no_miss(self, lodge: Lodge) -> None:
        link = lodge.link()
        lodge.links.revoke(link.id, "serg")
        for _ in range(MISSES_FROM_PLACE + 1):
            assert lodge.refusal(lodge.token(link)).reason is Reason.LINK_CLOSED
        assert lodge.refusal(UNKNOWN).reason is Reason.NOT_FOUND

    def test_addresses_that_a_device_takes_as_it_likes_count_as_one(self, lodge: Lodge) -> None:
        for number in range(MISSES_FROM_PLACE):
            guess_links(lodge, 1, f"2001:db8:1:2::{number:x}")
        assert lodge.refusal(UNKNOWN, "2001:db8:1:2:ffff::1").reason is Reason.TOO_MANY_ATTEMPTS
        for elsewhere in ("2001:db8:1:3::1", "198.51.100.5"):
            assert lodge.refusal(UNKNOWN, elsewhere).reason is Reason.NOT_FOUND


class TestPasswords:
    def test_who_guesses_must_pause_and_is_told_nothing_meanwhile(self, lodge: Lodge) -> None:
        link = lodge.locked()
        for _ in range(WRONG_FOR_LINK_FROM_PLACE):
            assert lodge.wrong_password(link).reason is Reason.INVALID_PASSWORD
        refusals = [lodge.wrong_password(link, password) for password in ("guess", PASSWORD)]
        assert {(refusal.reason, refusal.message) for refusal in refusals} == {
            (Reason.TOO_MANY_ATTEMPTS, refusals[0].message)
        }
        lodge.stores.pass_time(301)
        lodge.links.unlock(link, PASSWORD, GUEST)

    def test_elsewhere_and_at_other_links_guests_come_in(self, lodge: Lodge) -> None:
        guessed, other = lodge.locked(), lodge.locked()
        for _ in range(WRONG_FOR_LINK_FROM_PLACE):
            lodge.wrong_password(guessed)
        lodge.links.unlock(guessed, PASSWORD, "203.0.113.9")
        lodge.links.unlock(other, PASSWORD, GUEST)

    def test_who_has_come_in_already_stays(self, lodge: Lodge) -> None:
        link = lodge.locked()
        stamp = lodge.links.unlock(link, PASSWORD, GUEST)
        for _ in range(WRONG_FOR_LINK_FROM_PLACE):
            lodge.wrong_password(link)
        assert lodge.links.is_unlocked(link, stamp)

    def test_a_hall_of_guests_who_know_it_is_no_guessing(self, lodge: Lodge) -> None:
        link = lodge.locked()
        for _ in range(WRONG_FROM_NETWORK + 1):
            lodge.links.unlock(link, PASSWORD, GUEST)
        assert lodge.wrong_password(link).reason is Reason.INVALID_PASSWORD

    def test_a_network_that_guesses_at_many_links_is_stopped(self, lodge: Lodge) -> None:
        links = [lodge.locked() for _ in range(WRONG_FROM_NETWORK // 10 + 1)]
        for number in range(WRONG_FROM_NETWORK):
            lodge.wrong_password(links[number // 10], client=f"198.51.100.{number}")
        assert lodge.wrong_password(links[-1]).reason is Reason.TOO_MANY_ATTEMPTS

    def test_a_link_that_is_guessed_at_from_everywhere_is_closed_for_a_while(self, lodge: Lodge) -> None:
        link = lodge.locked()
        for number in range(WRONG_FOR_LINK):
            lodge.wrong_password(link, client=f"10.{number // 250}.{number % 250}.1")
        assert lodge.wrong_password(link, client="192.0.2.1").reason is Reason.TOO_MANY_ATTEMPTS

    def test_guesses_at_the_same_moment_are_no_way_around_it(self, lodge: Lodge) -> None:
        link, start = lodge.locked(), threading.Barrier(8)

        def guess(_: int) -> list[Reason]:
            start.wait()
            return [lodge.wrong_password(link).reason for _ in range(5)]

        with ThreadPoolExecutor(8) as guessers:
            reasons = [reason for found in guessers.map(guess, range(8)) for reason in found]
        assert reasons.count(Reason.INVALID_PASSWORD) == WRONG_FOR_LINK_FROM_PLACE
        assert len(lodge.hasher.verified) == WRONG_FOR_LINK_FROM_PLACE

    def test_wrong_ones_are_counted_by_link_and_place_only(self, lodge: Lodge) -> None:
        lodge.wrong_password(lodge.locked(), "a-secret-guess")
        assert "a-secret-guess" not in str(lodge.database.table("throttle"))
