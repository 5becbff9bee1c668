"""Events: named stretches of time, by which photos are found and shared together."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from tests.services.lodge import EVENING, EVENT, Lodge

HOUR = timedelta(hours=1)


@pytest.fixture
def lodge() -> Lodge:
    return Lodge()


def test_an_event_is_what_was_asked_for(lodge: Lodge) -> None:
    event = lodge.events.create({**EVENT, "name": " Свадьба ", "slot_ids": ["slot-002", "slot-001"]}, "serg")
    assert (event.name, event.starts_at, event.ends_at) == ("Свадьба", EVENING, EVENING + 6 * HOUR)
    assert (event.slot_ids, event.created_by) == ({"slot-001", "slot-002"}, "serg")
    assert lodge.events.find(event.id) == event
    assert lodge.events.page(1, 10) == ([event], 1)


def test_it_is_of_all_slots_unless_some_are_named(lodge: Lodge) -> None:
    assert lodge.event().slot_ids == frozenset()


def test_it_is_on_record(lodge: Lodge) -> None:
    event = lodge.event()
    change = lodge.last_change()
    assert (change.username, change.action, change.subject) == ("serg", "event.created", str(event.id))
    assert change.detail == {
        "label": "Свадьба",
        "starts_at": "2026-11-20T18:00:00+00:00",
        "ends_at": "2026-11-21T00:00:00+00:00",
        "slots": "",
    }


def test_a_change_is_on_record_with_what_was(lodge: Lodge) -> None:
    event = lodge.event()
    wanted = {**EVENT, "ends_at": EVENING + 7 * HOUR, "slot_ids": ["slot-002", "slot-001"]}
    changed = lodge.events.change(event.id, wanted, "igor")
    assert (changed.ends_at, changed.created_by) == (EVENING + 7 * HOUR, "serg")
    assert lodge.last_change().detail == {
        "label": "Свадьба",
        "ends_at": ["2026-11-21T00:00:00+00:00", "2026-11-21T01:00:00+00:00"],
        "slots": ["", "slot-001, slot-002"],
    }


def test_a_change_that_changes_nothing_is_not_on_record(lodge: Lodge) -> None:
    event = lodge.event()
    lodge.events.change(event.id, EVENT, "igor")
    assert lodge.changes_of(event.id) == ["event.created"]


def test_links_follow_the_window(lodge: Lodge) -> None:
    event = lodge.event()
    link = lodge.link(slot_id=None, event_id=str(event.id))
    lodge.events.change(event.id, {**EVENT, "ends_at": EVENING + 9 * HOUR}, "serg")
    assert lodge.links.find(link.id).wanted.end == EVENING + 9 * HOUR


def test_with_it_end_its_links_and_that_is_on_record(lodge: Lodge) -> None:
    event = lodge.event()
    for _ in range(2):
        lodge.link(slot_id=None, event_id=str(event.id))
    other = lodge.link()
    lodge.events.remove(event.id, "igor")
    change = lodge.last_change()
    assert (change.username, change.action) == ("igor", "event.removed")
    assert change.detail == {"label": "Свадьба", "links": 2}
    links, number = lodge.links.page(1, 10)
    assert ([link.id for link in links if link.is_open], number) == ([other.id], 3)


def test_what_there_is_not_can_be_neither_seen_nor_changed_nor_removed(lodge: Lodge) -> None:
    nothing = UUID(int=0)
    for call in (
        lambda: lodge.events.find(nothing),
        lambda: lodge.events.change(nothing, EVENT, "serg"),
        lambda: lodge.events.remove(nothing, "serg"),
    ):
        with pytest.raises(Refused) as raised:
            call()
        assert raised.value.reason is Reason.NOT_FOUND
    assert lodge.stores.audit.search(page=1, page_size=10) == ([], 0)


def test_one_that_cannot_be_is_refused_with_all_that_is_wrong(lodge: Lodge) -> None:
    wanted: dict[str, Any] = {"name": "", "starts_at": "soon", "slot_ids": ["slot-999"], "colour": "red"}
    with pytest.raises(Refused) as raised:
        lodge.events.create(wanted, "serg")
    assert raised.value.reason is Reason.INVALID_SETTINGS
    assert raised.value.details["fields"].keys() == {"name", "starts_at", "ends_at", "slot_ids", "colour"}
    assert lodge.events.page(1, 10) == ([], 0)
