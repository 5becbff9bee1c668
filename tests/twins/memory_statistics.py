"""Statistics in memory: what ended and what was called, one entry each, added up when somebody asks."""

import itertools
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from app.domain.booth import booth_name
from app.domain.job import Attempt, Source
from app.domain.periods import COARSE_KEPT, COARSE_STEP, FINE_KEPT, FINE_STEP, Period, TimeStep
from app.domain.statistics import (
    DURATION_BOUNDS_MS,
    PHOTOS_ONLY,
    By,
    Counts,
    Dimension,
    Durations,
    Outcome,
    Selection,
    Spent,
)
from app.ports.statistics import Cut, Grouping, Key, SlotEpoch
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase

_KEPT = {FINE_STEP: FINE_KEPT, COARSE_STEP: COARSE_KEPT}
_FILTERS = ("provider", "model", "booth", "outcome", "reason")
_ids = itertools.count()


@dataclass(frozen=True, slots=True)
class Counted:
    """One photo, refused request or call, and when it was counted; what is unknown of it is empty."""

    at: datetime
    slot_id: str
    epoch: int
    source: str
    duration_ms: int
    outcome: str = ""
    reason: str = ""
    provider: str = ""
    model: str = ""
    booth: str = ""
    fault: str = ""
    cost_usd: Decimal = Decimal(0)


def count_photo(database: MemoryDatabase, row: JobRow) -> None:
    """Only to be called in the transaction that ends the job."""
    at = row.finalized_at or database.now()
    detail = row.failure.detail if row.failure else {}
    outcome = row.failure.reason.value if row.failure else Outcome.SUCCESS.value
    photo = replace(
        _of_slot(database, row.new.slot_id, row.new.source),
        duration_ms=round((at - row.created_at).total_seconds() * 1000),
        outcome=outcome,
        reason=str(detail.get("fault") or detail.get("code") or (outcome if row.failure else "")),
        provider=row.provider,
        model=row.model,
        booth=booth_name(row.new.booth_fields),
    )
    database.table("photo_stats")[next(_ids)] = photo


def count_call(database: MemoryDatabase, row: JobRow, attempt: Attempt) -> None:
    """Only to be called in the transaction that logs the attempt."""
    call = replace(
        _of_slot(database, row.new.slot_id, row.new.source),
        duration_ms=attempt.duration_ms,
        provider=attempt.provider,
        model=attempt.model,
        fault=attempt.fault or "",
        cost_usd=attempt.cost_usd,
    )
    database.table("call_stats")[next(_ids)] = call


def count_refusal(database: MemoryDatabase, slot_id: str, reason: str) -> None:
    """Only to be called in the transaction that logs the refusal."""
    known = slot_id if slot_id in database.table("slot") else ""
    refusal = _of_slot(database, known, Source.INGEST)
    database.table("photo_stats")[next(_ids)] = replace(refusal, outcome=Outcome.REFUSED.value, reason=reason)


class MemoryStatistics:
    """Implements ports.Statistics."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def now(self) -> datetime:
        with self._database.transaction():
            return self._database.now()

    def photos(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Counts]]:
        found = [self._grouped("photo_stats", cut, grouping) for grouping in groupings]
        return [{key: _counts(entries) for key, entries in by_key.items()} for by_key in found]

    def calls(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Spent]]:
        if not cut.selection.tells_calls or any(PHOTOS_ONLY.intersection(grouping) for grouping in groupings):
            raise ValueError("calls of providers are not known by booth, outcome or reason")
        found = [self._grouped("call_stats", cut, grouping) for grouping in groupings]
        return [{key: _spent(entries) for key, entries in by_key.items()} for by_key in found]

    def epoch(self, slot_id: str) -> SlotEpoch | None:
        with self._database.transaction():
            if slot_id not in self._database.table("slot"):
                return None
            return _epoch(self._database, slot_id)

    def reset(self, slot_id: str, author: str) -> SlotEpoch | None:
        with self._database.transaction():
            before = self.epoch(slot_id)
            if before is None:
                return None
            begun = SlotEpoch(before.epoch + 1, self._database.now(), author)
            self._database.table("slot_epoch")[slot_id] = begun
            return begun

    def _grouped(self, table: str, cut: Cut, grouping: Grouping) -> Mapping[Key, list[Counted]]:
        with self._database.transaction():
            entries = list(self._database.table(table).values())
            kept_since = self._database.now() - _KEPT[cut.step]
        starts = {by: cut.period.starts(by, cut.zone) for by in grouping if isinstance(by, TimeStep)}
        found: dict[Key, list[Counted]] = defaultdict(list)
        for entry in entries:
            began = Period(entry.at, entry.at).widened(cut.step).start
            if cut.period.start <= began < cut.period.end and began >= kept_since and _is_asked_for(entry, cut):
                found[tuple(_value(entry, by, began, starts) for by in grouping)].append(entry)
        return found


class MemoryExpiringCounters:
    """Implements ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase, table: str) -> None:
        self._database = database
        self._table = table

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - COARSE_KEPT
            return self._database.forget(self._table, lambda counted: counted.at < kept_since, limit)


def _of_slot(database: MemoryDatabase, slot_id: str, source: Source) -> Counted:
    return Counted(database.now(), slot_id, _epoch(database, slot_id).epoch, source.value, duration_ms=0)


def _epoch(database: MemoryDatabase, slot_id: str) -> SlotEpoch:
    never_reset = SlotEpoch(0, None, None)
    epoch: SlotEpoch = database.table("slot_epoch").get(slot_id, never_reset)
    return epoch


def _is_asked_for(entry: Counted, cut: Cut) -> bool:
    selection: Selection = cut.selection
    asked = {name: getattr(selection, name) for name in _FILTERS}
    is_of_slot = selection.slot_id is None or (entry.slot_id, entry.epoch) == (selection.slot_id, cut.epoch)
    is_like = all(value is None or getattr(entry, name) == value for name, value in asked.items())
    return is_of_slot and is_like and entry.source in selection.sources


def _value(entry: Counted, by: By, began: datetime, starts: Mapping[By, Sequence[datetime]]) -> datetime | str:
    if by in starts:
        return starts[by][bisect_right(starts[by], began) - 1]
    return entry.slot_id if by is Dimension.SLOT else str(getattr(entry, by.value))


def _counts(entries: Sequence[Counted]) -> Counts:
    outcomes = Counter(entry.outcome for entry in entries)
    return Counts(**outcomes, durations=_durations([e for e in entries if e.outcome == Outcome.SUCCESS]))


def _spent(entries: Sequence[Counted]) -> Spent:
    faults = Counter(entry.fault for entry in entries if entry.fault)
    cost_usd = sum((entry.cost_usd for entry in entries), Decimal(0))
    return Spent(len(entries), cost_usd, dict(faults), _durations(entries))


def _durations(entries: Sequence[Counted]) -> Durations:
    counts = [0] * (len(DURATION_BOUNDS_MS) + 1)
    for entry in entries:
        counts[bisect_right(DURATION_BOUNDS_MS, entry.duration_ms)] += 1
    return Durations(tuple(counts), sum(entry.duration_ms for entry in entries))
