"""A link by which guests come to the photos of a slot or an event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.domain.events import Event
from app.domain.photo import PhotoFilter

LINK_NAME_MAX = 80
LINK_DAYS = (1, 366)
LINK_DAYS_DEFAULT = 7
LINK_PASSWORD_LENGTH = (6, 128)


class Audience(StrEnum):
    """ALL: whoever has the link sees every photo. OWN: only those whose own codes were opened on the same device."""

    ALL = "all"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link without its token. Either `slot_id` or `event` is set; neither if the event was removed.

    `last_opened_at` lags up to a minute behind. `digest` is SHA-256 in hex of the token. `password_hash` is None for a
    link without a password; `allows_archive`: guests may take all photos as a ZIP.
    """

    id: UUID
    digest: str = field(repr=False)
    name: str
    slot_id: str | None
    event: Event | None
    audience: Audience
    allows_archive: bool
    password_hash: str | None = field(repr=False)
    created_by: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    last_opened_at: datetime | None
    read_at: datetime  # the database's clock when this was read

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.read_at < self.expires_at

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None

    @property
    def wanted(self) -> PhotoFilter:
        """The photos that the link leads to; those of test runs are never among them."""
        if self.event is not None:
            return PhotoFilter(self.event.slot_ids or None, start=self.event.starts_at, end=self.event.ends_at)
        return PhotoFilter(frozenset([self.slot_id] if self.slot_id else []))


def link_problems(wanted: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Why a link cannot be like `wanted`, as codes with what is allowed, by field; empty if it can.

    Whether its slot or event exists is not looked at.
    """
    found = {
        **{name: {"code": "unknown_field", "allowed": list(_RULES)} for name in wanted if name not in _RULES},
        **{name: rule(wanted.get(name, _DEFAULTS.get(name))) for name, rule in _RULES.items()},
    }
    if (wanted.get("slot_id") is None) == (wanted.get("event_id") is None):
        found["slot_id"] = {"code": "slot_or_event"}
    return {name: problem for name, problem in found.items() if problem}


def days_problem(value: Any) -> dict[str, Any] | None:
    """Why a link cannot live for so many days from now."""
    low, high = LINK_DAYS
    whole = isinstance(value, int) and not isinstance(value, bool)
    return None if whole and low <= value <= high else {"code": "out_of_range", "minimum": low, "maximum": high}


def _name_problem(value: Any) -> dict[str, Any] | None:
    fits = isinstance(value, str) and len(value.strip()) <= LINK_NAME_MAX and (value.isprintable() or not value)
    return None if fits else {"code": "bad_length", "minimum": 0, "maximum": LINK_NAME_MAX}


def _scope_problem(value: Any) -> dict[str, Any] | None:
    return None if value is None or isinstance(value, str) else {"code": "not_an_option"}


def _audience_problem(value: Any) -> dict[str, Any] | None:
    known = [audience.value for audience in Audience]
    return None if value in known else {"code": "not_an_option", "options": known}


def _flag_problem(value: Any) -> dict[str, Any] | None:
    return None if isinstance(value, bool) else {"code": "not_a_boolean"}


def _password_problem(value: Any) -> dict[str, Any] | None:
    """None is for a link without one."""
    low, high = LINK_PASSWORD_LENGTH
    fits = value is None or (isinstance(value, str) and low <= len(value.strip()) <= high and value.isprintable())
    return None if fits else {"code": "bad_password", "minimum": low, "maximum": high}


_RULES = {
    "name": _name_problem,
    "slot_id": _scope_problem,
    "event_id": _scope_problem,
    "audience": _audience_problem,
    "allows_archive": _flag_problem,
    "password": _password_problem,
    "expires_in_days": days_problem,
}
_DEFAULTS: Mapping[str, Any] = {"name": "", "audience": Audience.ALL.value, "allows_archive": False}
