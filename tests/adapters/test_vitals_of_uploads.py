"""The contract of ports.Monitor about albums of communities: photos that do not come to them, or never will."""

import pytest

from app.domain.vk.community import Community
from app.domain.vk.filling import OVERDUE_SECONDS, UNTRIED_SECONDS
from app.ports.alerts import Monitor
from tests.vk.album_orders import GATHERED, Stores, connected, finish, taken

DAY = 24 * 3600.0


@pytest.fixture
def monitor(stores: Stores) -> Monitor:
    return stores.monitor


@pytest.fixture
def community(stores: Stores) -> Community:
    return connected(stores)


def fail(stores: Stores, community: Community, code: str, *slots: str) -> None:
    for slot_id in slots:
        finish(stores, community, slot_id=slot_id)
    stores.pass_time(GATHERED)
    stores.album_uploads.failed(taken(stores.album_uploads), code, 120)


def test_those_that_fail_are_told_by_community_and_reason(
    monitor: Monitor, stores: Stores, community: Community
) -> None:
    fail(stores, community, "token_refused", "slot-003", "slot-001", "slot-003")
    fail(stores, connected(stores, name="Альбомы", group_id=7), "busy", "slot-002")
    stores.pass_time(OVERDUE_SECONDS - 2 * GATHERED - 5)
    assert monitor.vitals().overdue_uploads == ()
    stores.pass_time(2 * GATHERED)
    found = monitor.vitals().overdue_uploads
    assert [(trouble.community, trouble.code, trouble.slot_ids) for trouble in found] == [
        ("Альбомы", "busy", ("slot-002",)),
        (community.name, "token_refused", ("slot-001", "slot-003")),
    ]
    assert (monitor.vitals().now - found[1].since).total_seconds() == pytest.approx(OVERDUE_SECONDS + 37, abs=5)


def test_those_that_nobody_has_tried_have_longer(monitor: Monitor, stores: Stores, community: Community) -> None:
    finish(stores, community)
    stores.pass_time(UNTRIED_SECONDS - 5)
    assert monitor.vitals().overdue_uploads == ()
    stores.pass_time(10)
    assert [trouble.code for trouble in monitor.vitals().overdue_uploads] == [""]


def test_those_that_are_hidden_wait_for_whoever_hid_them(
    monitor: Monitor, stores: Stores, community: Community
) -> None:
    stores.photos.hide([finish(stores, community)])
    stores.pass_time(UNTRIED_SECONDS + 5)
    assert monitor.vitals().overdue_uploads == ()


def test_those_that_were_given_up_are_told_for_a_day(monitor: Monitor, stores: Stores, community: Community) -> None:
    finish(stores, community, slot_id="slot-003")
    stores.pass_time(GATHERED)
    stores.album_uploads.give_up(taken(stores.album_uploads), "album_full")
    [lost] = monitor.vitals().lost_uploads
    assert (lost.community, lost.code, lost.slot_ids) == (community.name, "album_full", ("slot-003",))
    assert monitor.vitals().overdue_uploads == ()
    stores.pass_time(DAY)
    assert monitor.vitals().lost_uploads == ()
