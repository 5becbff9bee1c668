"""Links for guests: what they lead to, how long they live, and that nobody comes in who was not given one."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from app.domain.photo import PhotoFilter
from app.domain.share_link import Audience
from tests.services.lodge import EVENT, GUEST, PASSWORD, Lodge

DAY_SECONDS = 24 * 3600


@pytest.fixture
def lodge() -> Lodge:
    return Lodge()


class TestOpening:
    def test_a_guest_comes_in_by_the_token(self, lodge: Lodge) -> None:
        link = lodge.link()
        opened = lodge.links.open(lodge.token(link), GUEST)
        assert (opened.id, opened.wanted) == (link.id, PhotoFilter(frozenset(["slot-003"])))

    def test_a_link_to_an_event_leads_to_the_photos_of_its_window(self, lodge: Lodge) -> None:
        event = lodge.event(slot_ids=["slot-001", "slot-002"])
        link = lodge.link(slot_id=None, event_id=str(event.id))
        wanted = PhotoFilter(frozenset(["slot-001", "slot-002"]), start=event.starts_at, end=event.ends_at)
        assert lodge.links.open(lodge.token(link), GUEST).wanted == wanted

    def test_an_event_of_all_slots_is_found_at_all_of_them(self, lodge: Lodge) -> None:
        link = lodge.link(slot_id=None, event_id=str(lodge.event().id))
        assert lodge.links.open(lodge.token(link), GUEST).wanted.slot_ids is None

    def test_test_runs_are_never_among_the_photos(self, lodge: Lodge) -> None:
        of_event = lodge.link(slot_id=None, event_id=str(lodge.event().id))
        assert not any(link.wanted.with_tests for link in (lodge.link(), of_event))

    def test_its_time_ends_and_it_says_so(self, lodge: Lodge) -> None:
        token = lodge.token(lodge.link(expires_in_days=1))
        lodge.stores.pass_time(DAY_SECONDS - 5)
        lodge.links.open(token, GUEST)
        lodge.stores.pass_time(6)
        assert lodge.refusal(token).reason is Reason.LINK_CLOSED

    def test_a_revoked_one_is_closed_at_once(self, lodge: Lodge) -> None:
        link = lodge.link()
        lodge.links.revoke(link.id, "igor")
        assert lodge.refusal(lodge.token(link)).reason is Reason.LINK_CLOSED

    def test_with_its_event_a_link_is_closed_too(self, lodge: Lodge) -> None:
        event = lodge.event()
        token = lodge.token(lodge.link(slot_id=None, event_id=str(event.id)))
        lodge.events.remove(event.id, "serg")
        assert lodge.refusal(token).reason is Reason.LINK_CLOSED


class TestTokens:
    def test_a_token_can_be_shown_again_and_is_kept_nowhere(self, lodge: Lodge) -> None:
        link = lodge.link()
        token = lodge.token(link)
        assert len(token) == 43
        assert lodge.token(lodge.links.find(link.id)) == token
        assert token not in str(lodge.database.table("share_link"))
        assert token not in str(lodge.database.table("audit_log"))

    def test_every_link_has_its_own(self, lodge: Lodge) -> None:
        assert len({lodge.token(lodge.link()) for _ in range(5)}) == 5

    def test_neither_the_digest_nor_the_id_opens_it(self, lodge: Lodge) -> None:
        link = lodge.link()
        for known in (link.digest, str(link.id), link.id.hex, lodge.links.lock_stamp(link)):
            assert lodge.refusal(known).reason is Reason.NOT_FOUND

    def test_what_was_printed_works_on_under_another_secret_key(self, lodge: Lodge) -> None:
        link = lodge.link()
        token, moved = lodge.token(link), lodge.links_of("another secret")
        assert moved.open(token, GUEST).id == link.id
        assert moved.token_of(link) is None


class TestPasswords:
    def test_the_password_gives_a_stamp_that_lets_the_browser_in(self, lodge: Lodge) -> None:
        link = lodge.locked()
        assert not lodge.links.is_unlocked(link, "")
        assert lodge.links.is_unlocked(link, lodge.links.unlock(link, PASSWORD, GUEST))

    def test_without_a_password_nobody_needs_a_stamp(self, lodge: Lodge) -> None:
        link = lodge.link()
        assert lodge.links.is_unlocked(link, "")
        lodge.links.unlock(link, "whatever", GUEST)

    def test_what_a_phone_adds_around_it_does_not_matter(self, lodge: Lodge) -> None:
        link = lodge.link(password=f" {PASSWORD} ")
        assert lodge.links.unlock(link, f"{PASSWORD} ", GUEST)

    @pytest.mark.parametrize("password", ["", "guess", PASSWORD.upper(), f"{PASSWORD}!", "\ud800", "\x00"])
    def test_a_wrong_one_is_refused(self, lodge: Lodge, password: str) -> None:
        assert lodge.wrong_password(lodge.locked(), password).reason is Reason.INVALID_PASSWORD

    def test_a_stamp_opens_its_own_link_only(self, lodge: Lodge) -> None:
        one, other = lodge.locked(), lodge.locked()
        stamp = lodge.links.unlock(one, PASSWORD, GUEST)
        assert not lodge.links.is_unlocked(other, stamp)
        assert not lodge.links.is_unlocked(one, f"{stamp}é")

    def test_another_secret_key_ends_it(self, lodge: Lodge) -> None:
        link = lodge.locked()
        stamp = lodge.links.unlock(link, PASSWORD, GUEST)
        assert not lodge.links_of("another secret").is_unlocked(link, stamp)

    def test_only_its_slow_hash_is_kept_and_nothing_of_it_is_told(self, lodge: Lodge) -> None:
        link = lodge.locked()
        assert link.password_hash == lodge.hasher.hash(PASSWORD)
        assert PASSWORD not in repr(link)
        assert PASSWORD not in str(lodge.database.table("audit_log"))
        assert lodge.last_change().detail["password"] == "set"


class TestGivingOut:
    def test_a_link_is_what_was_asked_for(self, lodge: Lodge) -> None:
        link = lodge.link(name=" Гостям ", audience="own", allows_archive=True, expires_in_days=30)
        assert (link.name, link.audience, link.allows_archive) == ("Гостям", Audience.OWN, True)
        assert (link.created_by, link.expires_at - link.created_at) == ("serg", timedelta(days=30))

    def test_two_facts_are_enough(self, lodge: Lodge) -> None:
        link = lodge.link()
        assert (link.name, link.audience, link.allows_archive, link.has_password) == ("", Audience.ALL, False, False)

    @pytest.mark.parametrize("event_id", [str(UUID(int=7)), "none", "\x00", ""])
    def test_it_leads_to_an_event_that_there_is(self, lodge: Lodge, event_id: str) -> None:
        assert lodge.problems(slot_id=None, event_id=event_id) == {"event_id": {"code": "not_an_option"}}

    def test_not_to_one_that_is_removed_at_the_same_moment(self, lodge: Lodge, monkeypatch: pytest.MonkeyPatch) -> None:
        event = lodge.event()
        lodge.events.remove(event.id, "serg")
        monkeypatch.setattr(lodge.stores.studio_events, "get", lambda _: event)
        assert lodge.problems(slot_id=None, event_id=str(event.id)) == {"event_id": {"code": "not_an_option"}}

    @pytest.mark.parametrize("slot_id", ["slot-999", "", "\x00", "\ud800"])
    def test_or_to_a_slot_that_there_is(self, lodge: Lodge, slot_id: str) -> None:
        assert lodge.problems(slot_id=slot_id)["slot_id"]["code"] == "not_an_option"

    def test_it_is_on_record(self, lodge: Lodge) -> None:
        link = lodge.link(name="Гостям")
        change = lodge.last_change()
        assert (change.username, change.action, change.subject) == ("serg", "link.created", str(link.id))
        assert change.detail == {
            "label": "Гостям",
            "slot_id": "slot-003",
            "audience": "all",
            "allows_archive": False,
            "expires_at": link.expires_at.isoformat(),
        }

    def test_of_an_event_its_name_is_on_record(self, lodge: Lodge) -> None:
        lodge.link(slot_id=None, event_id=str(lodge.event().id))
        assert lodge.last_change().detail["event"] == EVENT["name"]


class TestEnding:
    def test_a_link_can_be_prolonged_from_now_on(self, lodge: Lodge) -> None:
        link = lodge.link(expires_in_days=1)
        lodge.stores.pass_time(DAY_SECONDS / 2)
        longer = lodge.links.prolong(link.id, 3, "igor")
        assert longer.expires_at - link.expires_at == pytest.approx(timedelta(days=2.5), abs=timedelta(seconds=5))
        change = lodge.last_change()
        assert (change.username, change.action) == ("igor", "link.prolonged")
        assert change.detail["expires_at"] == [link.expires_at.isoformat(), longer.expires_at.isoformat()]

    @pytest.mark.parametrize("days", [0, -1, 367, 1.5, "3", True, None])
    def test_not_for_ever(self, lodge: Lodge, days: object) -> None:
        link = lodge.link()
        with pytest.raises(Refused) as raised:
            lodge.links.prolong(link.id, days, "serg")
        assert raised.value.details["fields"] == {
            "expires_in_days": {"code": "out_of_range", "minimum": 1, "maximum": 366}
        }

    def test_a_closed_one_is_neither_prolonged_nor_revoked(self, lodge: Lodge) -> None:
        link = lodge.link()
        lodge.links.revoke(link.id, "serg")
        with pytest.raises(Refused) as revoking:
            lodge.links.revoke(link.id, "serg")
        with pytest.raises(Refused) as prolonging:
            lodge.links.prolong(link.id, 3, "serg")
        assert {revoking.value.reason, prolonging.value.reason} == {Reason.LINK_CLOSED}
        assert lodge.changes_of(link.id) == ["link.created", "link.revoked"]

    def test_what_there_is_not_can_be_neither(self, lodge: Lodge) -> None:
        nobody = UUID(int=0)
        for call in (
            lambda: lodge.links.find(nobody),
            lambda: lodge.links.revoke(nobody, "serg"),
            lambda: lodge.links.prolong(nobody, 3, "serg"),
        ):
            with pytest.raises(Refused) as raised:
                call()
            assert raised.value.reason is Reason.NOT_FOUND


def test_links_of_a_slot_that_nothing_can_have_are_none(lodge: Lodge) -> None:
    lodge.link()
    assert lodge.links.page(1, 10, slot_id="\x00") == ([], 0)
    assert lodge.links.page(1, 10, slot_id="slot-003")[1] == 1
