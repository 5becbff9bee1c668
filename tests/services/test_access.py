"""Administrators come in by password; a stranger learns nothing, not even by the clock."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import Reason, Refused
from app.services.access import AccessService
from app.services.access.throttling import AT_ONCE, WRONG_FOR_USER, WRONG_FOR_USER_FROM_NETWORK, WRONG_FROM_NETWORK
from app.services.access.tokens import TokenService
from tests.services.house import House
from tests.twins.memory_access import PlainHasher

PASSWORD = "serg-secret-1"
HERE, ELSEWHERE = "10.0.0.7", "198.51.100.4"


class MeanwhileHasher(PlainHasher):
    """Lets something happen while a password is being checked."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = happens

    def verify(self, password_hash: str, password: str) -> bool:
        self._happens()
        return super().verify(password_hash, password)


class Office(House):
    """A house whose administrator is serg."""

    def __init__(self) -> None:
        super().__init__()
        self.access = self.service(self.hasher)
        self.tokens = TokenService(
            tokens=self.stores.tokens, audit=self.stores.audit, transaction=self.stores.transaction
        )
        self.access.add_administrator("serg", PASSWORD)

    def service(self, hasher: PlainHasher, **options: float) -> AccessService:
        """As one process has it."""
        return AccessService(
            accounts=self.stores.accounts,
            tokens=self.stores.tokens,
            hasher=hasher,
            throttle=self.stores.throttle_of(window_seconds=300),
            audit=self.stores.audit,
            transaction=self.stores.transaction,
            **options,
        )

    def refusal(self, username: str, password: str, client: str = HERE) -> Refused:
        with pytest.raises(Refused) as raised:
            self.access.log_in(username, password, client)
        return raised.value

    def guess(self, times: int, username: str = "serg", client: str = HERE) -> None:
        for _ in range(times):
            assert self.refusal(username, "guess", client).reason is Reason.INVALID_CREDENTIALS

    def recorded(self) -> list[tuple[str | None, str, str]]:
        changes, _ = self.stores.audit.search(page=1, page_size=100)
        return [(change.username, change.action, change.subject) for change in reversed(changes)]


@pytest.fixture
def office() -> Office:
    return Office()


class TestPasswords:
    def test_the_right_one_says_who_came_in(self, office: Office) -> None:
        assert office.access.log_in("serg", PASSWORD, HERE) == "serg"
        assert office.recorded() == [("serg", "login", "")]

    def test_a_stranger_costs_as_much_as_a_wrong_password_and_hears_the_same(self, office: Office) -> None:
        unknown = office.refusal("nobody", PASSWORD)
        wrong = office.refusal("serg", "guess")
        assert office.hasher.verified == [PASSWORD, "guess"]
        assert (unknown.reason, unknown.message, unknown.details) == (wrong.reason, wrong.message, wrong.details)
        assert unknown.reason is Reason.INVALID_CREDENTIALS

    @pytest.mark.parametrize("username", ["", "SERG", "serg ", "\ud800", "serg\x00", "s" * 100_000])
    def test_whatever_is_typed_is_wrong_and_never_an_error(self, office: Office, username: str) -> None:
        assert office.refusal(username, PASSWORD).reason is Reason.INVALID_CREDENTIALS
        assert office.hasher.verified == [PASSWORD]

    def test_the_stand_in_for_strangers_has_no_password(self, office: Office) -> None:
        for guess in ("", "plain-1:", "decoy"):
            assert office.refusal("nobody", guess, client=guess).reason is Reason.INVALID_CREDENTIALS

    def test_an_old_hash_is_renewed_on_the_way_in(self, office: Office) -> None:
        office.hasher.generation = 2
        office.access.log_in("serg", PASSWORD, HERE)
        account = office.stores.accounts.get("serg")
        assert account is not None
        assert not office.hasher.needs_rehash(account.password_hash)
        office.access.log_in("serg", PASSWORD, HERE)

    def test_a_wrong_password_renews_nothing(self, office: Office) -> None:
        before = office.stores.accounts.get("serg")
        office.hasher.generation = 2
        office.refusal("serg", "guess")
        assert office.stores.accounts.get("serg") == before


class TestThrottling:
    def test_who_guesses_at_a_user_waits_for_the_windows_end(self, office: Office) -> None:
        office.guess(WRONG_FOR_USER_FROM_NETWORK)
        refusal = office.refusal("serg", PASSWORD)
        assert refusal.reason is Reason.TOO_MANY_ATTEMPTS
        assert refusal.retry_after == pytest.approx(300, abs=2)
        office.stores.pass_time(301)
        assert office.access.log_in("serg", PASSWORD, HERE) == "serg"

    def test_another_address_of_the_same_network_helps_nobody(self, office: Office) -> None:
        for number in range(WRONG_FOR_USER_FROM_NETWORK):
            office.guess(1, client=f"10.0.0.{number}")
        assert office.refusal("serg", "guess", "10.0.0.200").reason is Reason.TOO_MANY_ATTEMPTS

    def test_a_guesser_does_not_keep_the_user_out_elsewhere(self, office: Office) -> None:
        office.guess(WRONG_FOR_USER_FROM_NETWORK)
        assert office.access.log_in("serg", PASSWORD, ELSEWHERE) == "serg"

    def test_one_users_mistakes_do_not_stop_another_beside_them(self, office: Office) -> None:
        office.access.add_administrator("igor", "igor-secret-1")
        office.guess(WRONG_FOR_USER_FROM_NETWORK)
        assert office.access.log_in("igor", "igor-secret-1", HERE) == "igor"

    def test_guessing_from_very_many_networks_is_stopped_for_the_user(self, office: Office) -> None:
        for number in range(WRONG_FOR_USER):
            office.guess(1, client=f"10.{number // 256}.{number % 256}.1")
        assert office.refusal("serg", PASSWORD, ELSEWHERE).reason is Reason.TOO_MANY_ATTEMPTS

    def test_guessing_at_many_users_from_one_place_is_stopped(self, office: Office) -> None:
        for number in range(WRONG_FROM_NETWORK):
            office.guess(1, username=f"user-{number}")
        assert office.refusal("serg", PASSWORD).reason is Reason.TOO_MANY_ATTEMPTS
        assert len(office.hasher.verified) == WRONG_FROM_NETWORK

    def test_a_stranger_is_throttled_as_a_user_is(self, office: Office) -> None:
        for username in ("serg", "nobody"):
            office.guess(WRONG_FOR_USER_FROM_NETWORK, username)
        told = [office.refusal(username, "guess") for username in ("serg", "nobody")]
        assert len({(refusal.reason, refusal.message) for refusal in told}) == 1

    def test_coming_in_forgives_the_failures_before(self, office: Office) -> None:
        for _ in range(3):
            office.guess(WRONG_FOR_USER_FROM_NETWORK - 1)
            office.access.log_in("serg", PASSWORD, HERE)

    def test_an_attempt_counts_while_it_is_being_checked(self, office: Office) -> None:
        """Another process is asked in the middle of the last one that is allowed."""
        office.guess(WRONG_FOR_USER_FROM_NETWORK - 1)
        other = office.service(MeanwhileHasher(lambda: refused.append(office.refusal("serg", PASSWORD))))
        refused: list[Refused] = []
        with pytest.raises(Refused):
            other.log_in("serg", "guess", HERE)
        assert [refusal.reason for refusal in refused] == [Reason.TOO_MANY_ATTEMPTS]

    def test_the_last_attempt_that_is_allowed_may_be_right(self, office: Office) -> None:
        office.guess(WRONG_FOR_USER_FROM_NETWORK - 1)
        assert office.access.log_in("serg", PASSWORD, HERE) == "serg"

    def test_right_ones_count_for_nothing(self, office: Office) -> None:
        for _ in range(WRONG_FROM_NETWORK + 1):
            office.access.log_in("serg", PASSWORD, HERE)
        assert office.database.table("throttle") == {}

    def test_no_more_than_a_few_are_checked_at_once(self, office: Office) -> None:
        busy, go_on = threading.Semaphore(0), threading.Event()

        def be_slow() -> None:
            busy.release()
            go_on.wait(10)

        slow = office.service(MeanwhileHasher(be_slow), patience_seconds=0.01)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            inside = [threads.submit(slow.log_in, "serg", PASSWORD, HERE) for _ in range(AT_ONCE)]
            assert all(busy.acquire(timeout=10) for _ in inside)
            with pytest.raises(Refused) as raised:
                slow.log_in("igor", "guess", ELSEWHERE)
            go_on.set()
            assert [login.result() for login in inside] == ["serg"] * AT_ONCE
        assert (raised.value.reason, raised.value.retry_after) == (Reason.TOO_MANY_ATTEMPTS, 0.01)
        assert slow.log_in("serg", PASSWORD, HERE) == "serg"

    def test_a_pause_is_on_record_once_and_names_only_who_exists(self, office: Office) -> None:
        for username in ("serg", "my-password-in-the-wrong-field"):
            office.guess(WRONG_FOR_USER_FROM_NETWORK, username)
            office.refusal(username, "guess")
        assert office.recorded() == [(None, "login.throttled", "serg"), (None, "login.throttled", "")]


class TestAccounts:
    def test_an_administrators_password_is_not_overwritten(self, office: Office) -> None:
        assert not office.access.add_administrator("serg", "another")
        assert office.access.log_in("serg", PASSWORD, HERE) == "serg"

    def test_sessions_of_a_user_end_without_touching_others(self, office: Office) -> None:
        office.access.add_administrator("igor", "igor-secret-1")
        before = [office.access.session_epoch(name) for name in ("serg", "igor", "nobody")]
        office.access.end_sessions("serg")
        after = [office.access.session_epoch(name) for name in ("serg", "igor", "nobody")]
        assert before == [0, 0, None]
        assert after == [1, 0, None]

    def test_what_began_with_the_old_password_ends_with_it(self, office: Office) -> None:
        before = office.access.session_epoch("serg")
        secret, _ = office.tokens.issue_for_login("serg")
        office.access.set_password("serg", "brand-new-1", None)
        assert office.access.session_epoch("serg") != before
        assert office.tokens.use(secret) is None
        assert office.access.log_in("serg", "brand-new-1", HERE) == "serg"
        assert office.refusal("serg", PASSWORD).reason is Reason.INVALID_CREDENTIALS
        assert (None, "password.changed", "serg") in office.recorded()

    def test_a_new_password_leaves_other_users_as_they_are(self, office: Office) -> None:
        office.access.add_administrator("igor", "igor-secret-1")
        secret, _ = office.tokens.issue_for_login("igor")
        office.access.set_password("serg", "brand-new-1", None)
        assert (office.access.session_epoch("igor"), office.tokens.use(secret) is not None) == (0, True)

    def test_setting_a_strangers_password_makes_an_administrator(self, office: Office) -> None:
        office.access.set_password("igor", "igor-secret-1", None)
        assert office.access.log_in("igor", "igor-secret-1", HERE) == "igor"
