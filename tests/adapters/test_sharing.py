"""The contracts of ports/sharing.py, held by PostgreSQL and by the twins in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.events import Event
from app.domain.share_link import Audience, ShareLink
from app.ports.sharing import NewShareLink
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores

EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOBODY = UUID(int=0)


def an_event(starts_at: datetime = EVENING, *slot_ids: str, name: str = "Свадьба") -> Event:
    return Event(uuid4(), name, starts_at, starts_at + 6 * HOUR, frozenset(slot_ids), "serg", EVENING)


def a_link(
    event: Event | None = None, *, slot_id: str = "slot-003", days: float = 7, name: str = "Гостям"
) -> NewShareLink:
    link_id = uuid4()
    return NewShareLink(
        id=link_id,
        digest=f"digest of {link_id}",
        name=name,
        slot_id=None if event else slot_id,
        event_id=event.id if event else None,
        audience=Audience.ALL,
        allows_archive=True,
        password_hash="hash",
        lifetime_seconds=days * 24 * 3600,
        author="serg",
    )


class TestEvents:
    def test_an_event_is_kept_as_it_was_made(self, stores: Stores) -> None:
        made = an_event(EVENING, "slot-002", "slot-001")
        kept = stores.studio_events.add(made)
        assert replace(kept, created_at=EVENING) == made
        assert kept.created_at - datetime.now(UTC) == pytest.approx(timedelta(), abs=timedelta(seconds=5))
        assert stores.studio_events.get(made.id) == kept
        assert stores.studio_events.get(NOBODY) is None

    def test_those_that_began_last_come_first(self, stores: Stores) -> None:
        for day in (1, 3, 2):
            stores.studio_events.add(an_event(EVENING + day * DAY, name=str(day)))
        pages = [stores.studio_events.page(page, 2) for page in (1, 2, 3)]
        assert [[event.name for event in events] for events, _ in pages] == [["3", "2"], ["1"], []]
        assert {total for _, total in pages} == {3}

    def test_all_of_it_but_its_origin_can_be_changed(self, stores: Stores) -> None:
        kept = stores.studio_events.add(an_event(EVENING, "slot-001"))
        wanted = replace(kept, name="Юбилей", starts_at=EVENING + HOUR, ends_at=EVENING + DAY, slot_ids=frozenset())
        assert stores.studio_events.change(replace(wanted, created_by="igor", created_at=EVENING)) == wanted
        assert stores.studio_events.get(kept.id) == wanted
        assert stores.studio_events.change(an_event()) is None

    def test_with_it_end_the_links_to_it_and_no_others(self, stores: Stores) -> None:
        gone, stays = (stores.studio_events.add(an_event()) for _ in range(2))
        links = [stores.share_links.add(link) for link in (a_link(gone), a_link(stays), a_link())]
        assert stores.studio_events.remove(gone.id, "igor") == gone
        assert stores.studio_events.remove(gone.id, "igor") is None
        assert [read(stores, link.digest).is_open for link in links] == [False, True, True]

    def test_its_links_say_for_as_long_as_others_that_they_are_over(self, stores: Stores) -> None:
        event = stores.studio_events.add(an_event(name="Свадьба"))
        named, nameless, revoked = (
            stores.share_links.add(link) for link in (a_link(event), a_link(event, name=""), a_link(event))
        )
        stores.share_links.revoke(revoked.id, "serg")
        stores.studio_events.remove(event.id, "igor")
        told = [read(stores, link.digest) for link in (named, nameless, revoked)]
        assert [(link.name, link.revoked_by) for link in told] == [
            ("Гостям", "igor"),
            ("Свадьба", "igor"),
            ("Гостям", "serg"),
        ]
        assert {(link.event, link.slot_id, link.wanted.is_possible) for link in told} == {(None, None, False)}
        stores.pass_time(90 * 24 * 3600 - 60)
        assert stores.share_links.forget_expired(10) == 0
        stores.pass_time(120)
        assert stores.share_links.forget_expired(10) == 3


class TestLinks:
    def test_a_link_is_kept_as_it_was_made(self, stores: Stores) -> None:
        made = a_link(days=2)
        link = stores.share_links.add(made)
        assert (link.id, link.digest, link.name, link.slot_id, link.event) == (
            made.id, made.digest, "Гостям", "slot-003", None
        )  # fmt: skip
        assert (link.audience, link.allows_archive, link.password_hash) == (Audience.ALL, True, "hash")
        assert (link.created_by, link.revoked_at, link.revoked_by, link.last_opened_at) == ("serg", None, None, None)
        assert link.expires_at - link.created_at == 2 * DAY
        assert same(stores.share_links.get(link.id), link)
        assert stores.share_links.get(NOBODY) is None

    def test_a_link_to_an_event_follows_what_becomes_of_it(self, stores: Stores) -> None:
        event = stores.studio_events.add(an_event(EVENING, "slot-001"))
        link = stores.share_links.add(a_link(event))
        assert (link.slot_id, link.event) == (None, event)
        stores.studio_events.change(replace(event, name="Юбилей"))
        for found in (stores.share_links.get(link.id), stores.share_links.opened(link.digest)):
            assert found is not None
            assert found.event == replace(event, name="Юбилей")

    def test_to_an_event_that_was_removed_there_is_none(self, stores: Stores) -> None:
        event = stores.studio_events.add(an_event())
        stores.studio_events.remove(event.id, "serg")
        with pytest.raises(LookupError):
            stores.share_links.add(a_link(event))
        assert stores.share_links.page(1, 10)[1] == 0

    def test_it_is_opened_by_its_digest(self, stores: Stores) -> None:
        link = stores.share_links.add(a_link())
        assert same(stores.share_links.opened(link.digest), link)
        assert stores.share_links.opened("0" * 64) is None
        assert stores.share_links.opened("") is None

    def test_being_opened_is_noted_at_most_once_a_minute(self, stores: Stores) -> None:
        link = stores.share_links.add(a_link())

        def noted_after() -> timedelta | None:
            found = stores.share_links.get(link.id)
            assert found is not None
            return found.last_opened_at and found.last_opened_at - found.created_at

        stores.share_links.opened(link.digest)
        first = noted_after()
        stores.share_links.opened(link.digest)
        assert noted_after() == first is not None
        stores.pass_time(61)
        stores.share_links.opened(link.digest)
        assert noted_after() == pytest.approx(timedelta(seconds=61), abs=timedelta(seconds=5))

    def test_its_time_ends_and_it_stays_to_say_so(self, stores: Stores) -> None:
        link = stores.share_links.add(a_link(days=1))
        assert link.is_open
        stores.pass_time(24 * 3600 + 1)
        for found in (stores.share_links.opened(link.digest), stores.share_links.get(link.id)):
            assert found is not None
            assert not found.is_open
            assert found.last_opened_at is None

    def test_it_can_be_revoked_once(self, stores: Stores) -> None:
        link = stores.share_links.add(a_link())
        revoked = stores.share_links.revoke(link.id, "igor")
        assert revoked is not None
        assert (revoked.is_open, revoked.revoked_by) == (False, "igor")
        assert stores.share_links.revoke(link.id, "serg") is None
        assert stores.share_links.prolong(link.id, link.expires_at + DAY) is None
        assert same(stores.share_links.opened(link.digest), revoked)
        assert stores.share_links.revoke(NOBODY, "serg") is None

    def test_only_an_open_one_lives_on(self, stores: Stores) -> None:
        link = stores.share_links.add(a_link(days=1))
        longer = stores.share_links.prolong(link.id, link.expires_at + DAY)
        assert longer is not None
        assert longer.expires_at == link.expires_at + DAY
        stores.pass_time(2 * 24 * 3600 + 1)
        assert stores.share_links.prolong(link.id, link.expires_at + 10 * DAY) is None
        assert stores.share_links.revoke(link.id, "serg") is None

    def test_open_ones_come_first_and_the_newest_of_them(self, stores: Stores) -> None:
        closed, links = stores.share_links.add(a_link()), []
        for _ in range(3):
            stores.pass_time(1)
            links.append(stores.share_links.add(a_link()))
        stores.share_links.revoke(closed.id, "serg")
        pages = [stores.share_links.page(page, 3) for page in (1, 2, 3)]
        wanted = [link.id for link in reversed(links)]
        assert [[link.id for link in found] for found, _ in pages] == [wanted, [closed.id], []]
        assert {total for _, total in pages} == {4}

    def test_a_page_may_be_of_one_slot_or_event(self, stores: Stores) -> None:
        event = stores.studio_events.add(an_event())
        of_slot, of_event = (stores.share_links.add(link) for link in (a_link(slot_id="slot-007"), a_link(event)))
        stores.share_links.add(a_link())
        assert ids(stores.share_links.page(1, 9, slot_id="slot-007")) == ([of_slot.id], 1)
        assert ids(stores.share_links.page(1, 9, event_id=event.id)) == ([of_event.id], 1)
        assert ids(stores.share_links.page(1, 9, event_id=NOBODY)) == ([], 0)

    def test_closed_ones_are_forgotten_after_ninety_days(self, stores: Stores) -> None:
        expired, revoked, lives = (stores.share_links.add(a_link(days=days)) for days in (1, 300, 300))
        stores.share_links.revoke(revoked.id, "serg")
        stores.pass_time(90 * 24 * 3600 - 60)
        assert stores.share_links.forget_expired(10) == 0
        stores.pass_time(120)
        assert stores.share_links.forget_expired(10) == 1
        stores.pass_time(24 * 3600)
        assert stores.share_links.forget_expired(10) == 1
        left = [stores.share_links.get(link.id) is not None for link in (expired, revoked, lives)]
        assert left == [False, False, True]


def read(stores: Stores, digest: str) -> ShareLink:
    link = stores.share_links.opened(digest)
    assert link is not None
    return link


def same(found: ShareLink | None, link: ShareLink) -> bool:
    """Read at another moment, and nothing else is different."""
    return found is not None and replace(found, read_at=link.read_at) == link


def ids(found: tuple[Sequence[ShareLink], int]) -> tuple[list[UUID], int]:
    links, total = found
    return [link.id for link in links], total
