"""What the counters say: how many photos, how they ended, how long they took, what they cost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.job import Source
from app.domain.periods import Period, TimeStep

DURATION_BOUNDS_MS = (
    *(250, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000),
    *(25_000, 30_000, 35_000, 40_000, 45_000, 48_000, 50_000, 55_000, 60_000),
)
"""A histogram has one count for what took less than each of these, and a last one for what took longer."""

NO_DURATIONS = (0,) * (len(DURATION_BOUNDS_MS) + 1)


class Outcome(StrEnum):
    """How a request of a booth ended. A refused one never became a photo."""

    SUCCESS = "success"
    TIMEOUT = "timeout"
    PROVIDER_ERROR = "provider_error"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class Dimension(StrEnum):
    """What photos and calls can be told apart by, beside the time. Calls are not known by booth, outcome and reason."""

    SLOT = "slot"
    PROVIDER = "provider"
    MODEL = "model"
    BOOTH = "booth"
    OUTCOME = "outcome"
    REASON = "reason"


By = TimeStep | Dimension
PHOTOS_ONLY = frozenset((Dimension.BOOTH, Dimension.OUTCOME, Dimension.REASON))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which photos and calls are looked at: those that are like everything here that is not None.

    Of a slot, those since its statistics were last reset. `reason` is a code of the job log, such as `worker_lost`.
    """

    slot_id: str | None = None
    sources: frozenset[Source] = frozenset((Source.INGEST,))
    provider: str | None = None
    model: str | None = None
    booth: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None

    @property
    def tells_calls(self) -> bool:
        """Whether calls of providers can be told apart so."""
        return self.booth is self.outcome is self.reason is None


@dataclass(frozen=True, slots=True)
class Durations:
    """A histogram; `counts` has an element for each bound and one for what took longer."""

    counts: Sequence[int] = NO_DURATIONS
    total_ms: int = 0

    @property
    def number(self) -> int:
        return sum(self.counts)

    @property
    def mean_ms(self) -> int | None:
        return round(self.total_ms / self.number) if self.number else None

    def percentile_ms(self, share: float) -> int | None:
        """The time that `share` (0 to 1) of all stayed under, as exact as the bounds are close; None without any.

        Between two bounds the times count as spread evenly; what took longer than the last bound counts as that.
        """
        wanted, below, low = share * self.number, 0, 0
        if not self.number:
            return None
        for count, high in zip(self.counts, DURATION_BOUNDS_MS, strict=False):
            if count and below + count >= wanted:
                return round(low + (high - low) * (wanted - below) / count)
            below, low = below + count, high
        return DURATION_BOUNDS_MS[-1]


@dataclass(frozen=True, slots=True)
class Counts:
    """Photos by outcome in some part of a period. `durations` are those of the successful ones."""

    success: int = 0
    timeout: int = 0
    provider_error: int = 0
    cancelled: int = 0
    refused: int = 0
    durations: Durations = Durations()

    @property
    def photos(self) -> int:
        """All that were taken in; refused requests are none of them."""
        return self.success + self.timeout + self.provider_error + self.cancelled

    @property
    def requests(self) -> int:
        """All that booths sent: photos and refused requests."""
        return self.photos + self.refused

    @property
    def success_share(self) -> float | None:
        """Of the photos that nobody cancelled, from 0 to 1; None if there were none."""
        counted = self.photos - self.cancelled
        return self.success / counted if counted else None


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls of providers in some part of a period and what they cost; `faults` are the calls without a picture, by
    kind of fault (app.domain.errors.FaultKind).
    """

    calls: int = 0
    cost_usd: Decimal = Decimal(0)
    faults: Mapping[str, int] = field(default_factory=dict)
    durations: Durations = Durations()

    @property
    def failed(self) -> int:
        return sum(self.faults.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is known of some part of a period. `spent` is None where calls cannot be told apart like the photos."""

    counts: Counts = Counts()
    spent: Spent | None = Spent()


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a course over time; `endings` are the photos and refused requests by outcome and reason."""

    start: datetime
    counts: Counts
    endings: Mapping[tuple[Outcome, str], int]


@dataclass(frozen=True, slots=True)
class ProviderCalls:
    provider: str
    model: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class DayCost:
    """What a provider cost on a day that began at `start`."""

    start: datetime
    provider: str
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Overview:
    """What a page of statistics shows of a period.

    `period` is the one that was counted, in whole steps of the counters. `previous` is None if the counters do not
    tell of all of the period before. `course` has a point for every `step`, empty ones too. `endings` are the most
    frequent first and hold no success; `calls` and `costs` are None if calls cannot be told apart as the selection
    wants; `calls` begin with the most, `booths` and `slots` too. `since` is when the slot's statistics were last
    reset, None without a slot or if they never were. `read_at` is the database's clock.
    """

    period: Period
    step: TimeStep
    totals: Figures
    previous: Figures | None
    course: Sequence[Point]
    endings: Sequence[tuple[Outcome, str, int]]
    calls: Sequence[ProviderCalls] | None
    costs: Sequence[DayCost] | None
    booths: Sequence[tuple[str, Counts]]
    slots: Sequence[tuple[str, Figures]]
    since: datetime | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: `key` has a value for each column the table is grouped by, a time being aware."""

    key: tuple[datetime | str, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A page of a table of statistics; `total` is the number of its lines in all, the rest as in `Overview`."""

    period: Period
    totals: Figures
    previous: Figures | None
    lines: Sequence[Line]
    total: int
    since: datetime | None
    read_at: datetime


def all_photos(parts: Iterable[Counts]) -> Counts:
    """The photos of all parts of something together."""
    found = list(parts)
    numbers = {outcome.value: sum(getattr(part, outcome.value) for part in found) for outcome in Outcome}
    return Counts(**numbers, durations=added(part.durations for part in found))


def all_calls(parts: Iterable[Spent]) -> Spent:
    """The calls of all parts of something together."""
    found = list(parts)
    faults = sum((Counter(part.faults) for part in found), Counter[str]())
    return Spent(
        calls=sum(part.calls for part in found),
        cost_usd=sum((part.cost_usd for part in found), Decimal(0)),
        faults=dict(faults),
        durations=added(part.durations for part in found),
    )


def added(durations: Iterable[Durations]) -> Durations:
    """One histogram of all."""
    found = [one for one in durations if one.counts is not NO_DURATIONS]
    counts = tuple(map(sum, zip(*(one.counts for one in found), strict=True))) if found else NO_DURATIONS
    return Durations(counts, sum(one.total_ms for one in found))
