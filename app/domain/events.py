"""What studios shoot: a named stretch of time at some of the booths."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

EVENT_NAME_LENGTH = (1, 80)
EVENT_DAYS_MAX = 31

_FIELDS = ("name", "starts_at", "ends_at", "slot_ids")
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Event:
    """A named time window, aware, from `starts_at` on and before `ends_at`; no `slot_ids` mean all slots."""

    id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    slot_ids: frozenset[str]
    created_by: str | None
    created_at: datetime


def event_problems(wanted: Mapping[str, Any], known_slots: Collection[str]) -> dict[str, dict[str, Any]]:
    """Why an event cannot be like `wanted`, as codes with what is allowed, by field; empty if it can."""
    found = {
        "name": _name_problem(wanted.get("name")),
        "starts_at": _time_problem(wanted.get("starts_at")),
        "ends_at": _time_problem(wanted.get("ends_at")),
        "slot_ids": _slots_problem(wanted.get("slot_ids", []), known_slots),
        **{name: {"code": "unknown_field", "allowed": list(_FIELDS)} for name in wanted if name not in _FIELDS},
    }
    problems = {name: problem for name, problem in found.items() if problem}
    if not problems.keys() & {"starts_at", "ends_at"} and (problem := _length_problem(wanted)):
        problems["ends_at"] = problem
    return problems


def _name_problem(value: Any) -> dict[str, Any] | None:
    low, high = EVENT_NAME_LENGTH
    fits = isinstance(value, str) and low <= len(value.strip()) <= high and value.isprintable()
    return None if fits else {"code": "bad_length", "minimum": low, "maximum": high}


def _time_problem(value: Any) -> dict[str, Any] | None:
    is_moment = isinstance(value, datetime) and value.utcoffset() is not None and value.year in _YEARS
    return None if is_moment else {"code": "not_a_time"}


def _slots_problem(value: Any, known: Collection[str]) -> dict[str, Any] | None:
    are_known = isinstance(value, list | tuple) and all(isinstance(one, str) and one in known for one in value)
    return None if are_known else {"code": "not_an_option", "options": sorted(known)}


def _length_problem(wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Compared as moments: two times of one zone would be compared by their clocks."""
    length = wanted["ends_at"].astimezone(UTC) - wanted["starts_at"].astimezone(UTC)
    if length <= timedelta():
        return {"code": "not_after_start"}
    return None if length <= timedelta(days=EVENT_DAYS_MAX) else {"code": "too_long_event", "maximum": EVENT_DAYS_MAX}
