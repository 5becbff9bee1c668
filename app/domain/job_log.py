"""The log of every shot that came, refused ones too: what it holds and how somebody finds one in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.errors import Reason
from app.domain.job import JobView, LogEvent, Payload, Source

KEPT = timedelta(days=90)
"""How long jobs, their stories and refused requests are remembered; pictures go much earlier."""

COUNTED_MAX = 10_000
"""Shots are counted up to here; beyond it is only known that there are more."""

ID_PREFIX_MIN = 4

_REFUSALS = frozenset(reason.value for reason in Reason)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile("([0-9a-f]{1,14})-([0-9a-f]{32})")


class State(StrEnum):
    """What has become of a shot. A job that failed timed out or had its provider's error."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    PROVIDER_ERROR = "provider_error"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the log something stands. What came at the same moment is told apart by its key."""

    at: datetime
    key: UUID

    def __str__(self) -> str:
        """As addresses carry it."""
        return f"{(self.at - _EPOCH) // _MICROSECOND:x}-{self.key.hex}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        found = _PLACE.fullmatch(text)
        return cls(_EPOCH + int(found[1], 16) * _MICROSECOND, UUID(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: whatever is like everything here that is not None.

    `reason` is the code of a failure (Failure.code) or of a refusal. From `start` on and before `end`, both aware.
    `id_prefix` is the beginning of a job's id: ID_PREFIX_MIN to 32 hex digits in lower case, without dashes.
    """

    slot_id: str | None = None
    state: State | None = None
    reason: str | None = None
    booth: str | None = None
    source: Source | None = None
    start: datetime | None = None
    end: datetime | None = None
    id_prefix: str | None = None

    @property
    def may_be_job(self) -> bool:
        """A job that has not failed has no code."""
        without_code = self.state in (State.PENDING, State.PROCESSING, State.SUCCESS)
        return self.state is not State.REFUSED and not (self.reason is not None and without_code)

    @property
    def may_be_refusal(self) -> bool:
        """Of a refused request neither the booth is known nor has it an id."""
        could = self.state in (None, State.REFUSED) and self.source in (None, Source.INGEST)
        known = self.booth is None and self.id_prefix is None
        return could and known and (self.reason is None or self.reason in _REFUSALS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """`size` entries, newest first, after leaving out `offset`; with `before` only what is older than that place."""

    before: Place | None = None
    offset: int = 0
    size: int = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that never became a job. `id` is its number in the log, `client` the address of the sender."""

    id: int
    at: datetime
    slot_id: str
    reason: str
    client: str


Entry = JobView | Refusal


def place_of(entry: Entry) -> Place:
    return Place(entry.created_at, entry.id) if isinstance(entry, JobView) else Place(entry.at, UUID(int=entry.id))


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first. `total` counts all that match, up to COUNTED_MAX; `next` is None at the end of the log."""

    entries: Sequence[Entry]
    total: int
    total_is_exact: bool
    next: Place | None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """All of a job. `payload` is None once the shot has been forgotten; `events` are the oldest first.

    `reference` is a queue provider's own id of the last job that was ordered there.
    """

    view: JobView
    booth_fields: Mapping[str, str]
    payload: Payload | None
    reference: str | None
    events: Sequence[LogEvent]
