"""What addresses of galleries ask for."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from app.domain.errors import Reason, Refused
from app.domain.events import Event
from app.domain.photo import PhotoFilter, PhotoState
from app.web.photo_filters import asked_in, wanted_by

MOSCOW = ZoneInfo("Europe/Moscow")
EVENING = datetime(2026, 11, 20, 15, tzinfo=UTC)
WEDDING = Event(
    uuid4(), "Wedding", EVENING, EVENING + timedelta(hours=12), frozenset(["slot-001", "slot-002"]), "serg", EVENING
)


def find_event(event_id: UUID) -> Event:
    if event_id != WEDDING.id:
        raise Refused(Reason.NOT_FOUND, "There is no such event.")
    return WEDDING


def wanted(**arguments: str) -> PhotoFilter:
    found, problems = wanted_by(arguments, MOSCOW, find_event)
    assert problems == []
    return found


def problems(**arguments: str) -> list[str]:
    return wanted_by(arguments, MOSCOW, find_event)[1]


def test_nothing_asked_is_all_that_guests_may_see() -> None:
    assert wanted() == PhotoFilter()


def test_each_filter_is_understood() -> None:
    assert wanted(slot="slot-003", booth="DESKTOP-1", state="hidden", tests="1") == PhotoFilter(
        frozenset(["slot-003"]), booth="DESKTOP-1", state=PhotoState.HIDDEN, with_tests=True
    )


def test_a_day_is_the_house_s() -> None:
    found = wanted(day="2026-11-20")
    assert found.start == datetime(2026, 11, 19, 21, tzinfo=UTC)
    assert found.end == datetime(2026, 11, 20, 21, tzinfo=UTC)


def test_a_day_is_as_long_as_the_clocks_make_it() -> None:
    found, _ = wanted_by({"day": "2026-10-25"}, ZoneInfo("Europe/Berlin"), find_event)
    assert found.start
    assert found.end
    assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == timedelta(hours=25)


def test_an_event_is_its_time_at_its_slots() -> None:
    assert wanted(event=str(WEDDING.id)) == PhotoFilter(WEDDING.slot_ids, start=EVENING, end=WEDDING.ends_at)


def test_of_a_slot_at_an_event_and_on_a_day_only_what_is_in_all_is_wanted() -> None:
    found = wanted(event=str(WEDDING.id), slot="slot-002", day="2026-11-21")
    assert found.slot_ids == frozenset(["slot-002"])
    assert found.start == datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert found.end == WEDDING.ends_at


def test_a_slot_that_is_not_at_the_event_leaves_nothing() -> None:
    assert wanted(event=str(WEDDING.id), slot="slot-009").slot_ids == frozenset()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("day", "yesterday"),
        ("day", "9999-12-31"),
        ("event", "wedding"),
        ("event", str(UUID(int=7))),
        ("state", "lost"),
        ("tests", "yes"),
    ],
)
def test_what_cannot_be_understood_is_named(name: str, text: str) -> None:
    assert problems(**{name: text, "slot": "slot-001"}) == [name]


def test_a_day_without_a_place_is_not_understood() -> None:
    assert wanted_by({"day": "2026-11-20"}, None, find_event)[1] == ["day"]


def test_what_says_nothing_is_not_asked() -> None:
    assert asked_in({"slot": " slot-001 ", "booth": "  ", "day": "", "before": "x"}) == {"slot": "slot-001"}
