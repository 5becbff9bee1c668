"""What an event may be like."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.events import EVENT_DAYS_MAX, event_problems

EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = {"name": "Свадьба", "starts_at": EVENING, "ends_at": EVENING + HOUR}
SLOTS = ["slot-001", "slot-002"]


def problems(**changes: Any) -> dict[str, Any]:
    return event_problems({**GOOD, **changes}, SLOTS)


def test_a_name_and_a_window_are_enough() -> None:
    assert problems() == {}
    assert problems(slot_ids=[]) == {}
    assert problems(slot_ids=("slot-002", "slot-001")) == {}


@pytest.mark.parametrize("name", [None, "", "  ", "x" * 81, "two\nlines", "\ud800", 7])
def test_the_name_is_one_that_people_can_read(name: object) -> None:
    assert problems(name=name) == {"name": {"code": "bad_length", "minimum": 1, "maximum": 80}}


@pytest.mark.parametrize("moment", [None, "", "2026-11-20T18:00", 7, datetime(2026, 11, 20, 18), datetime.min])  # noqa: DTZ001, DTZ901
def test_times_are_moments_and_not_readings_of_some_clock(moment: object) -> None:
    assert problems(starts_at=moment) == {"starts_at": {"code": "not_a_time"}}
    assert problems(ends_at=moment) == {"ends_at": {"code": "not_a_time"}}


@pytest.mark.parametrize("year", [1, 1999, 2100, 9999])
def test_years_are_of_our_time(year: int) -> None:
    moment = EVENING.replace(year=year, month=1, day=1)
    assert problems(starts_at=moment, ends_at=moment).keys() == {"starts_at", "ends_at"}


@pytest.mark.parametrize("length", [timedelta(), -HOUR, -timedelta(days=40)])
def test_it_ends_after_it_has_begun(length: timedelta) -> None:
    assert problems(ends_at=EVENING + length) == {"ends_at": {"code": "not_after_start"}}


def test_it_is_no_longer_than_a_month() -> None:
    longest = timedelta(days=EVENT_DAYS_MAX)
    assert problems(ends_at=EVENING + longest) == {}
    assert problems(ends_at=EVENING + longest + timedelta(seconds=1)) == {
        "ends_at": {"code": "too_long_event", "maximum": 31}
    }


def test_moments_are_compared_and_not_clocks() -> None:
    berlin, night = ZoneInfo("Europe/Berlin"), datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - the hour that comes twice
    first, second = night.replace(tzinfo=berlin), night.replace(tzinfo=berlin, fold=1)
    assert problems(starts_at=first, ends_at=second) == {}
    assert problems(starts_at=second, ends_at=first) == {"ends_at": {"code": "not_after_start"}}
    elsewhere = (EVENING + HOUR).astimezone(timezone(timedelta(hours=-9)))
    assert problems(ends_at=elsewhere) == {}


@pytest.mark.parametrize("slots", [None, "slot-001", ["slot-001", "slot-999"], [1], {"slot-001": True}, [["slot-001"]]])
def test_its_slots_are_among_those_that_there_are(slots: object) -> None:
    assert problems(slot_ids=slots) == {"slot_ids": {"code": "not_an_option", "options": SLOTS}}


def test_what_is_no_field_is_named() -> None:
    allowed = ["name", "starts_at", "ends_at", "slot_ids"]
    assert problems(colour="red") == {"colour": {"code": "unknown_field", "allowed": allowed}}
