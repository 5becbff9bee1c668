"""The contract of ports.AuditLog, held by PostgreSQL and by the twin in memory."""

import contextlib

from tests.twins.memory_stores import MemoryStores

DAY = 24 * 3600


def test_changes_are_found_newest_first_and_by_what_was_changed(stores: MemoryStores) -> None:
    stores.audit.record("serg", "slot.changed", "slot-003", {"name": ["Old", "New"]})
    stores.audit.record("igor", "settings.changed")
    stores.audit.record("igor", "slot.changed", "slot-004")
    everything, total = stores.audit.search(subject=None, page=1, page_size=2)
    assert [(c.username, c.subject) for c in everything] == [("igor", "slot-004"), ("igor", "")]
    assert total == 3
    [change], total = stores.audit.search(subject="slot-003", page=1, page_size=10)
    assert (change.username, change.action, change.detail) == ("serg", "slot.changed", {"name": ["Old", "New"]})
    assert total == 1
    assert [c.action for c in stores.audit.search(username="igor", page=1, page_size=10)[0]] == [
        "slot.changed",
        "settings.changed",
    ]
    assert stores.audit.search(username="serg", subject="slot-004", page=1, page_size=10) == ([], 0)
    rest, _ = stores.audit.search(subject=None, page=2, page_size=2)
    assert [c.subject for c in rest] == ["slot-003"]


def test_a_change_that_is_undone_is_not_on_record(stores: MemoryStores) -> None:
    with contextlib.suppress(ZeroDivisionError), stores.transaction():
        stores.audit.record("serg", "slot.changed", "slot-003")
        raise ZeroDivisionError
    assert stores.audit.search(subject=None, page=1, page_size=10) == ([], 0)


def test_changes_are_forgotten_after_four_hundred_days(stores: MemoryStores) -> None:
    stores.audit.record("serg", "settings.changed")
    stores.pass_time(401 * DAY)
    stores.audit.record("igor", "settings.changed")
    assert stores.audit.forget_expired(10) == 1
    [left], _ = stores.audit.search(subject=None, page=1, page_size=10)
    assert left.username == "igor"
