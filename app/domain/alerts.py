"""What administrators are told: whatever keeps slots from their pictures, or soon will."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.errors import FaultKind


class Lack(StrEnum):
    """What this installation has not been given."""

    KEY = "key_missing"
    READABLE_KEY = "key_unreadable"
    PUBLIC_ADDRESS = "public_address_missing"
    TEMPLATE = "template_missing"
    COPY_STORAGE = "copy_storage_missing"


class Trouble(StrEnum):
    """What is wrong with the installation itself, or with how it is used."""

    NO_WORKER = "worker_missing"
    QUEUE_STUCK = "queue_stuck"
    DISK_FULL = "disk_full"
    DISK_LOW = "disk_low"
    CLEANUP_STALE = "cleanup_stale"
    BUDGET_SPENT = "budget_spent"
    BUDGET_LOW = "budget_low"
    COPIES_FAILING = "copies_failing"
    COPIES_LOST = "copies_lost"
    NO_TRACKER = "tracker_missing"
    POST_FAILED = "post_failed"
    POST_NEEDS_PERSON = "post_needs_person"
    COMMUNITY_REFUSED = "community_refused"
    POST_LATE = "post_late"
    UPLOADS_FAILING = "uploads_failing"
    UPLOADS_LOST = "uploads_lost"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a code of the API, no password


class Severity(StrEnum):
    """`BAD`: photos are lost now. `WARNING`: they will be, or a few are."""

    BAD = "bad"
    WARNING = "warning"


AlertKind = FaultKind | Lack | Trouble

_WARNINGS = (
    Trouble.DISK_LOW,
    Trouble.CLEANUP_STALE,
    Trouble.BUDGET_LOW,
    Trouble.COPIES_FAILING,
    Trouble.POST_LATE,
    Trouble.UPLOADS_FAILING,
    Trouble.WRONG_PASSWORD,
)


@dataclass(frozen=True, slots=True)
class Sufferer:
    """A slot, by what people call it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One trouble. `provider` is an id of the catalogue, empty where it is none's, as is `model`.

    `message` is safe to show, in English or in figures, and may be empty. `since` is None where nobody knows. `slots`
    are those that suffer, none where all do.
    """

    kind: AlertKind
    provider: str = ""
    model: str = ""
    message: str = ""
    since: datetime | None = None
    open_until: datetime | None = None
    slots: tuple[Sufferer, ...] = field(default=())

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.kind in _WARNINGS else Severity.BAD

    @property
    def leaves_without_key(self) -> bool:
        return self.kind in (Lack.KEY, Lack.READABLE_KEY)

    @property
    def fingerprint(self) -> str:
        """The same for one trouble as long as it lasts, whatever is said of it and whoever suffers."""
        return " ".join((self.kind.value, self.provider, self.model)).rstrip()

    def snapshot(self) -> dict[str, Any]:
        """JSON-ready: what programs are told."""
        return {
            "kind": self.kind.value,
            "severity": self.severity.value,
            "provider": self.provider,
            "model": self.model,
            "message": self.message,
            "since": self.since.isoformat() if self.since else None,
            "slots": [{"id": slot.id, "name": slot.name} for slot in self.slots],
        }


def alert_of(snapshot: Mapping[str, Any]) -> Alert:
    """The alert that a snapshot was made of, without when its pause ends."""
    return Alert(
        kind=_kind(snapshot["kind"]),
        provider=snapshot["provider"],
        model=snapshot["model"],
        message=snapshot["message"],
        since=datetime.fromisoformat(snapshot["since"]) if snapshot["since"] else None,
        slots=tuple(Sufferer(slot["id"], slot["name"]) for slot in snapshot["slots"]),
    )


def merged(alerts: Iterable[Alert]) -> list[Alert]:
    """What several slots suffer from in the same words is told once, as old as it is for the first of them."""
    return list(_by(lambda alert: f"{alert.fingerprint} {alert.message}", alerts).values())


def by_fingerprint(alerts: Iterable[Alert]) -> dict[str, Alert]:
    """One alert for each trouble; of several the first gives its words."""
    return _by(lambda alert: alert.fingerprint, alerts)


def in_order(slots: Iterable[Sufferer]) -> tuple[Sufferer, ...]:
    """By id, each once."""
    return tuple(sorted({slot.id: slot for slot in slots}.values(), key=lambda slot: slot.id))


def _kind(code: str) -> AlertKind:
    return next(kind(code) for kind in (Lack, Trouble, FaultKind) if code in set(kind))


def _by(name: Callable[[Alert], str], alerts: Iterable[Alert]) -> dict[str, Alert]:
    found: dict[str, Alert] = {}
    for alert in alerts:
        same = found.get(name(alert))
        found[name(alert)] = _united(same, alert) if same else alert
    return found


def _united(one: Alert, other: Alert) -> Alert:
    since = min((moment for moment in (one.since, other.since) if moment), default=None)
    return replace(one, since=since, slots=in_order((*one.slots, *other.slots)))
