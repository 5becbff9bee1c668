"""What is looked for among photos, as addresses of galleries, of archives and of the API say it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from app.domain.errors import Refused
from app.domain.events import Event
from app.domain.photo import PhotoFilter, PhotoState

FILTERS = ("slot", "event", "day", "booth", "state", "tests")

FindEvent = Callable[[UUID], Event]
"""Raises Refused for an event that is not there."""


def asked_in(arguments: Mapping[str, str]) -> dict[str, Any]:
    """The filters of an address that say anything: what leads to the same photos again."""
    return {name: arguments[name].strip() for name in FILTERS if arguments.get(name, "").strip()}


def wanted_by(
    arguments: Mapping[str, str], zone: tzinfo | None, find_event: FindEvent
) -> tuple[PhotoFilter, list[str]]:
    """What is wanted, and the names of the arguments that cannot be understood.

    `slot` is an id, `event` the id of one, `day` such as 2026-11-20 in `zone`, `booth` a name, `state` a PhotoState,
    `tests=1` lets test runs in. Of an event that is not all of a slot or day only what is in both is wanted.
    """
    found: list[dict[str, Any]] = []
    problems = []
    for name, text in asked_in(arguments).items():
        try:
            found.append(_read(name, text, zone, find_event))
        except (ValueError, OverflowError, Refused):
            problems.append(name)
    return PhotoFilter(**_together(found)), problems


def _read(name: str, text: str, zone: tzinfo | None, find_event: FindEvent) -> dict[str, Any]:
    if name == "event":
        event = find_event(UUID(text))
        slots = {"slot_ids": event.slot_ids} if event.slot_ids else {}
        return {**slots, "start": event.starts_at, "end": event.ends_at}
    return _day(text, zone) if name == "day" else _READERS[name](text)


def _day(text: str, zone: tzinfo | None) -> dict[str, Any]:
    if zone is None:
        raise ValueError("a day of no place")
    day = date.fromisoformat(text)
    return {
        "start": datetime.combine(day, time.min, zone),
        "end": datetime.combine(day + timedelta(days=1), time.min, zone),
    }


def _together(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Each asks for less than there is, so all of them for what is in each."""
    wanted: dict[str, Any] = {}
    for part in found:
        for name, value in part.items():
            wanted[name] = _BOTH[name](wanted[name], value) if name in wanted else value
    return wanted


def _is_yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("neither 0 nor 1")
    return text == "1"


_READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "slot": lambda text: {"slot_ids": frozenset([text])},
    "booth": lambda text: {"booth": text},
    "state": lambda text: {"state": PhotoState(text)},
    "tests": lambda text: {"with_tests": _is_yes(text)},
}

_BOTH: dict[str, Callable[[Any, Any], Any]] = {"slot_ids": frozenset.intersection, "start": max, "end": min}
