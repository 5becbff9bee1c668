"""The form of an event: its times are those of the house's clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.domain.errors import Refused
from app.domain.events import EVENT_NAME_LENGTH, Event
from app.domain.zones import moment_at
from app.web.pages.phrases import problem

_USUAL_START = time(18)
_USUAL_LENGTH = timedelta(hours=8)
_TIMES = ("starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class EventForm:
    """What is typed by field, and the slots that are ticked, none for all.

    `problems` and `notes`, which only explain, are sentences by field.
    """

    typed: Mapping[str, str]
    slots: frozenset[str] = frozenset()
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def focus(self) -> str | None:
        return next((name for name in ("name", *_TIMES, "slot_ids") if name in self.problems), None)

    @property
    def name_max(self) -> int:
        return EVENT_NAME_LENGTH[1]


def new_form(now: datetime, slots: frozenset[str] = frozenset()) -> EventForm:
    """For an event of this evening and night; `now` is by the clocks of the house."""
    start = datetime.combine(now.date(), _USUAL_START)
    times = {"starts_at": _as_typed(start), "ends_at": _as_typed(start + _USUAL_LENGTH)}
    return EventForm({"name": "", **times}, slots)


def form_of(event: Event, zone: ZoneInfo) -> EventForm:
    moments = {name: getattr(event, name).astimezone(zone) for name in _TIMES}
    notes = {name: _which_of_two(moment) for name, moment in moments.items() if _comes_twice(moment)}
    return EventForm({"name": event.name, **_clocks(event, zone)}, event.slot_ids, notes=notes)


def wanted_by(form: MultiDict[str, str], zone: ZoneInfo, stored: Event | None = None) -> dict[str, Any]:
    """What EventService takes; a time that cannot be understood stays text, to be refused by its name.

    A time that is shown of `stored` and was not touched stays what it is, to the second and the fold.
    """
    shown = _clocks(stored, zone) if stored else {}
    wanted: dict[str, Any] = {"name": form.get("name", ""), "slot_ids": form.getlist("slot_ids")}
    for name in _TIMES:
        text = form.get(name, "").strip()
        is_untouched = stored is not None and text == shown[name]
        wanted[name] = getattr(stored, name) if is_untouched else _moment(text, zone, later=name == "ends_at") or text
    return wanted


def refused_form(form: MultiDict[str, str], zone: ZoneInfo, refused: Refused) -> EventForm:
    """As it was sent, with what is wrong beside its fields."""
    found: Mapping[str, Mapping[str, Any]] = refused.details["fields"]
    problems = {name: problem(why, form.get(name)) for name, why in found.items()}
    for name in _TIMES:
        if name in problems and _is_left_out(form.get(name, ""), zone):
            problems[name] = gettext("Clocks are put forward over this time: it does not exist on that day.")
    typed = {name: form.get(name, "") for name in ("name", *_TIMES)}
    return EventForm(typed, frozenset(form.getlist("slot_ids")), problems)


def _clocks(event: Event, zone: ZoneInfo) -> dict[str, str]:
    return {name: _as_typed(getattr(event, name).astimezone(zone)) for name in _TIMES}


def _as_typed(clock: datetime) -> str:
    return clock.strftime("%Y-%m-%dT%H:%M")


def _comes_twice(moment: datetime) -> bool:
    """Whether clocks, which are put back, show the same once more."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _which_of_two(moment: datetime) -> str:
    if moment.fold:
        return str(gettext("Clocks are put back that night: of the two this is the second such time."))
    return str(gettext("Clocks are put back that night: of the two this is the first such time."))


def _moment(text: str, zone: ZoneInfo, *, later: bool) -> datetime | None:
    """An end that comes twice is the later one, so that no photo of the night is left out."""
    clock = _clock(text)
    return moment_at(clock, zone, later=later) if clock else None


def _is_left_out(text: str, zone: ZoneInfo) -> bool:
    clock = _clock(text)
    return clock is not None and moment_at(clock, zone) is None


def _clock(text: str) -> datetime | None:
    """As browsers send `datetime-local`; far from our time there is no zone that holds."""
    try:
        clock = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return clock if clock.tzinfo is None and 1900 < clock.year < 3000 else None
