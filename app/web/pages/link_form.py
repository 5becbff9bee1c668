"""The form of a new share link: filled in so far that two clicks are enough."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import format_date, gettext, ngettext, to_user_timezone
from werkzeug.datastructures import MultiDict

from app.domain.errors import Refused
from app.domain.events import Event
from app.domain.share_link import LINK_DAYS_DEFAULT, LINK_NAME_MAX, LINK_PASSWORD_LENGTH, Audience, ShareLink
from app.domain.slot import Slot
from app.web.pages.formats import day
from app.web.pages.phrases import problem
from app.web.pages.typed import integer
from app.web.use_cases import services

DAYS = (1, 3, 7, 30, 366)

_EVENTS_MAX = 50
_FIELDS = ("scope", "expires_in_days", "audience", "name", "password")


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a link may lead to: texts by `event:<id>` and `slot:<id>`, the newest events first."""

    events: Mapping[str, str]
    slots: Mapping[str, str]

    @classmethod
    def of(cls, slots: list[Slot], chosen: UUID | None) -> "Scopes":
        """An event that is `chosen` is among them however old it is."""
        found = list(services().events.page(1, _EVENTS_MAX)[0])
        if chosen and chosen not in [event.id for event in found]:
            found.append(services().events.find(chosen))
        return cls(
            {f"event:{event.id}": _event_text(event) for event in found},
            {f"slot:{slot.id}": f"{slot.name} · {slot.id}" for slot in slots},
        )


@dataclass(frozen=True, slots=True)
class LinkForm:
    """What is typed by field but the password, which no page repeats; `problems` are sentences by field."""

    typed: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def focus(self) -> str | None:
        return next((name for name in _FIELDS if name in self.problems), None)

    @property
    def name_max(self) -> int:
        return LINK_NAME_MAX

    @property
    def password_length(self) -> tuple[int, int]:
        return LINK_PASSWORD_LENGTH


def new_form(scope: str) -> LinkForm:
    return LinkForm({"scope": scope, "audience": Audience.ALL.value, "expires_in_days": str(LINK_DAYS_DEFAULT)})


def going_on(now: datetime) -> UUID | None:
    """The event of this moment; of several the one that began last."""
    newest = services().events.page(1, _EVENTS_MAX)[0]
    return next((event.id for event in newest if event.starts_at <= now < event.ends_at), None)


def wanted_by(form: MultiDict[str, str]) -> dict[str, Any]:
    """What ShareLinkService takes; what cannot be understood is refused by its name there."""
    kind, _, scope_id = form.get("scope", "").partition(":")
    return {
        "slot_id": scope_id if kind == "slot" else None,
        "event_id": scope_id if kind == "event" else None,
        "name": form.get("name", "").strip(),
        "audience": form.get("audience", ""),
        "allows_archive": form.get("allows_archive") == "on",
        "password": form.get("password", "").strip() or None,
        "expires_in_days": integer(form.get("expires_in_days", "")),
    }


def refused_form(form: MultiDict[str, str], refused: Refused) -> LinkForm:
    """As it was sent, with what is wrong beside its fields."""
    found: Mapping[str, Mapping[str, Any]] = refused.details["fields"]
    typed = {name: form.get(name, "") for name in (*_FIELDS, "allows_archive") if name != "password"}
    problems = {
        "scope" if name in ("slot_id", "event_id") else name: problem(why, form.get(name))
        for name, why in found.items()
    }
    if form.get("password", "").strip():
        problems.setdefault("password", gettext("Type the password once more: pages do not keep it."))
    return LinkForm(typed, problems)


def days_choices() -> dict[str, str]:
    """For how long a link may live, as people say it."""
    named = {366: gettext("a year")}
    return {str(days): named.get(days) or ngettext("%(num)s day", "%(num)s days", days) for days in DAYS}


def end_choices(link: ShareLink) -> dict[str, str]:
    """The same for a link that there is, with the day on which it would close: it may be sooner than now."""
    texts = days_choices()
    return {
        days: f"{text} ({_day_in_brief(link.read_at + timedelta(days=int(days)), link.read_at)})"
        for days, text in texts.items()
    }


def kept_end(link: ShareLink) -> str:
    """The first of those choices that takes nothing from the link's time."""
    ends = ((days, link.read_at + timedelta(days=days)) for days in DAYS)
    return str(next((days for days, end in ends if end >= link.expires_at), DAYS[-1]))


def audience_choices() -> dict[str, str]:
    return {
        Audience.ALL.value: gettext("all photos"),
        Audience.OWN.value: gettext("only their own"),
    }


def _day_in_brief(when: datetime, now: datetime) -> str:
    is_this_year = to_user_timezone(when).year == to_user_timezone(now).year
    return str(format_date(when, "d MMMM" if is_this_year else "d MMMM yyyy"))


def _event_text(event: Event) -> str:
    return f"{event.name} · {day(event.starts_at)}"
