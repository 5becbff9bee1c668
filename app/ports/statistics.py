"""The counters of photos and of providers' calls, as they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from app.domain.periods import Period
from app.domain.statistics import By, Counts, Selection, Spent

Key = tuple[datetime | str, ...]
"""Values of the columns that counters are grouped by, in their order; times are the beginnings of steps."""

Grouping = tuple[By, ...]


@dataclass(frozen=True, slots=True)
class SlotEpoch:
    """Since when a slot is counted; `reset_at` is None if its statistics were never reset."""

    epoch: int
    reset_at: datetime | None
    reset_by: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """Which counters are read: those of `step` (FINE_STEP or COARSE_STEP) that begin in `period`, in whole steps.

    `epoch` is the slot's, if the selection has one. Hours and days are those of `zone`. `now` is the time of the
    question, and tells which steps are over; None: it does not matter.
    """

    period: Period
    step: timedelta
    zone: ZoneInfo
    selection: Selection
    epoch: int | None = None
    now: datetime | None = None


class Statistics(Protocol):
    def now(self) -> datetime:
        """The database's clock, by which is counted."""

    def photos(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Counts]]:
        """For each grouping what was counted under each key, keys with nothing left out. One read for all."""

    def calls(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Spent]]:
        """As `photos`, for calls of providers. Raises ValueError if calls are not known by a column or filter."""

    def epoch(self, slot_id: str) -> SlotEpoch | None:
        """None if there is no such slot."""

    def reset(self, slot_id: str, author: str) -> SlotEpoch | None:
        """Count the slot from nothing; what was counted stays with the whole house. None if there is no such slot."""
