"""Parts of time that something is counted in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FINE_STEP = timedelta(minutes=5)
COARSE_STEP = timedelta(hours=1)
FINE_KEPT = timedelta(days=2)
COARSE_KEPT = timedelta(days=400)
"""How long the counters of five minutes and of an hour are kept."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_FINE_SERIES = timedelta(hours=3)
_HOURLY_SERIES = timedelta(days=2)


class TimeStep(StrEnum):
    """How finely a course over time is drawn. Hours and days are those of a time zone."""

    FIVE_MINUTES = "5min"
    HOUR = "hour"
    DAY = "day"


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

    def counted_in(self, now: datetime) -> timedelta:
        """The step of the counters that still tell of it and of the period before: the finest."""
        return FINE_STEP if self.before().start >= now - FINE_KEPT else COARSE_STEP

    def widened(self, step: timedelta) -> "Period":
        """The least period of whole steps, in UTC, that covers it."""
        before, after = (self.start - _EPOCH) % step, (_EPOCH - self.end) % step
        return Period(self.start.astimezone(UTC) - before, self.end.astimezone(UTC) + after)

    def cut_to(self, end: datetime, step: timedelta) -> "Period":
        """The part of it that is over at `end`, in whole steps; empty if there is none."""
        last = max(self.start, min(self.end, end - (end - _EPOCH) % step))
        return Period(self.start, last)

    def natural_step(self, now: datetime) -> TimeStep:
        """The step in which its course is best drawn."""
        if self.counted_in(now) == FINE_STEP and self.length <= _FINE_SERIES:
            return TimeStep.FIVE_MINUTES
        return TimeStep.HOUR if self.length <= _HOURLY_SERIES else TimeStep.DAY

    def starts(self, step: TimeStep, zone: ZoneInfo) -> list[datetime]:
        """When each step that has a part in the period begins, in `zone`; the first may begin before the period."""
        starts = _days(self, zone) if step is TimeStep.DAY else _even_steps(self, step, zone)
        return [start.astimezone(zone) for start in starts]


class Preset(StrEnum):
    """The periods that a page offers, named as in its address."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        return {
            Preset.HOUR: timedelta(hours=1),
            Preset.DAY: timedelta(days=1),
            Preset.WEEK: timedelta(days=7),
            Preset.MONTH: timedelta(days=30),
        }[self]

    def period(self, now: datetime) -> Period:
        """Of exactly this length, in whole steps of the counters, the last of which is the one that `now` is in."""
        step = FINE_STEP if self.length * 2 <= FINE_KEPT else COARSE_STEP
        end = _EPOCH + (now - _EPOCH) // step * step + step
        return Period(end - self.length, end)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A period as somebody asks for it, aware: until now if it has no `end`, of a day if it has no `start`."""

    start: datetime | None = None
    end: datetime | None = None

    def period(self, now: datetime) -> Period:
        """Raises ValueError, saying what is allowed."""
        if any(moment and not _EPOCH <= moment <= _LATEST for moment in (self.start, self.end)):
            raise ValueError("The period must lie between the years 2000 and 2100.")
        end = self.end or now
        start = self.start or end - Preset.DAY.length
        if not timedelta() < end - start <= COARSE_KEPT:
            raise ValueError(f"The period must begin before it ends, and last {COARSE_KEPT.days} days at the most.")
        return Period(start, end)


def _even_steps(period: Period, step: TimeStep, zone: ZoneInfo) -> Iterator[datetime]:
    length = FINE_STEP if step is TimeStep.FIVE_MINUTES else COARSE_STEP
    past = timedelta(minutes=period.start.astimezone(zone).minute) % length
    start = period.start.astimezone(UTC).replace(second=0, microsecond=0) - past
    while start < period.end:
        yield start
        start += length


def _days(period: Period, zone: ZoneInfo) -> Iterator[datetime]:
    day = period.start.astimezone(zone).date()
    while (start := datetime.combine(day, time.min, zone).astimezone(UTC)) < period.end:
        yield start
        day += timedelta(days=1)
