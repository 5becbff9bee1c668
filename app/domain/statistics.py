"""What the counters say: how many photos, how they ended, how long they took, what they cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

DURATION_BOUNDS_MS = (
    *(250, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000),
    *(25_000, 30_000, 35_000, 40_000, 45_000, 48_000, 50_000, 55_000, 60_000),
)
"""A histogram has one count for what took less than each of these, and a last one for what took longer."""

NO_DURATIONS = (0,) * (len(DURATION_BOUNDS_MS) + 1)

FINE_STEP = timedelta(minutes=5)
COARSE_STEP = timedelta(hours=1)
FINE_KEPT = timedelta(days=2)
COARSE_KEPT = timedelta(days=400)
"""How long the counters of five minutes and of an hour are kept."""


class Outcome(StrEnum):
    """How a request of a booth ended. A refused one never became a photo."""

    SUCCESS = "success"
    TIMEOUT = "timeout"
    PROVIDER_ERROR = "provider_error"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, both aware."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(self.start - self.length, self.start)


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
    def success_share(self) -> float | None:
        """Of the photos that nobody cancelled, from 0 to 1; None if there were none."""
        counted = self.photos - self.cancelled
        return self.success / counted if counted else None


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls of a provider in some part of a period, what they cost, and how many gave no picture."""

    calls: int = 0
    faults: int = 0
    cost_usd: Decimal = Decimal(0)
    durations: Durations = Durations()


def added(durations: Iterable[Durations]) -> Durations:
    """One histogram of all."""
    found = list(durations)
    counts = tuple(map(sum, zip(*(d.counts for d in found), strict=True))) if found else NO_DURATIONS
    return Durations(counts, sum(d.total_ms for d in found))
