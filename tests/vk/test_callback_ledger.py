"""The contract of ports.CallbackLedger, held by PostgreSQL and by the twin: an event and its wishes are one thing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from app.domain.vk.content import ContentKind
from app.ports.vk.updates import CallbackLedger
from tests.vk.community import GROUP_ID
from tests.vk.connected import Stores, connect

DAY = 24 * 3600
WISHES = [(ContentKind.PHOTOS, 17), (ContentKind.ALBUMS, 0)]


@pytest.fixture
def ledger(stores: Stores) -> CallbackLedger:
    return stores.callback_ledger


@pytest.fixture
def community(stores: Stores) -> UUID:
    return connect(stores).id


def wished(stores: Stores) -> set[tuple[ContentKind, int]]:
    return {(task.kind, task.album_id) for task in stores.refreshes.take(10, 60)}


def test_an_event_asks_for_refreshes(ledger: CallbackLedger, community: UUID, stores: Stores) -> None:
    assert ledger.receive(GROUP_ID, "a", "photo_new", community, WISHES)
    assert wished(stores) == set(WISHES)


def test_its_repetition_for_nothing(ledger: CallbackLedger, community: UUID, stores: Stores) -> None:
    ledger.receive(GROUP_ID, "a", "photo_new", community, WISHES)
    for task in stores.refreshes.take(10, 60):
        stores.refreshes.done(task)
    assert not ledger.receive(GROUP_ID, "a", "photo_new", community, WISHES)
    assert wished(stores) == set()


def test_another_community_may_use_the_same_id(ledger: CallbackLedger, community: UUID, stores: Stores) -> None:
    ledger.receive(GROUP_ID, "a", "photo_new", community, WISHES)
    assert ledger.receive(2, "a", "photo_new", connect(stores, 2).id, WISHES)


def test_an_event_may_ask_for_nothing(ledger: CallbackLedger, community: UUID, stores: Stores) -> None:
    assert ledger.receive(GROUP_ID, "a", "group_join", community, [])
    assert not ledger.receive(GROUP_ID, "a", "group_join", community, [])
    assert wished(stores) == set()


def test_of_a_community_that_is_gone_nothing_is_wished(ledger: CallbackLedger, stores: Stores) -> None:
    assert ledger.receive(GROUP_ID, "a", "photo_new", uuid4(), WISHES)
    assert wished(stores) == set()


def test_of_many_deliveries_at_once_one_is_new(ledger: CallbackLedger, community: UUID) -> None:
    start = Barrier(4)

    def deliver(_: int) -> bool:
        start.wait()
        return ledger.receive(GROUP_ID, "a", "photo_new", community, WISHES)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(deliver, range(4))) == 1


def test_a_storm_of_events_is_one_refresh_of_each_kind(ledger: CallbackLedger, community: UUID, stores: Stores) -> None:
    """Whatever order they name the kinds in, nobody waits for one another in a ring."""

    def storm(part: int) -> int:
        wishes = WISHES if part % 2 else WISHES[::-1]
        return sum(ledger.receive(GROUP_ID, f"{part}-{number}", "photo_new", community, wishes) for number in range(50))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(storm, range(4))) == 200
    assert {(task.kind, task.album_id, task.wanted) for task in stores.refreshes.take(10, 60)} == {
        (kind, album_id, 200) for kind, album_id in WISHES
    }


def test_events_are_remembered_for_a_week(ledger: CallbackLedger, community: UUID, stores: Stores) -> None:
    ledger.receive(GROUP_ID, "a", "photo_new", community, WISHES)
    stores.pass_time(6 * DAY)
    assert stores.callback_ledger.forget_expired(10) == 0
    stores.pass_time(2 * DAY)
    assert [stores.callback_ledger.forget_expired(10) for _ in range(2)] == [1, 0]
