"""The counters of app.adapters.db.counting_sql, read; and a slot's begun anew."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, func, or_, select, update

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.histograms import unpacked
from app.adapters.db.schema import call_stats, photo_stats, slot
from app.adapters.db.summing import Sums
from app.domain.periods import COARSE_KEPT, COARSE_STEP, FINE_KEPT, FINE_STEP
from app.domain.statistics import PHOTOS_ONLY, Counts, Durations, Outcome, Spent
from app.ports.statistics import Cut, Grouping, Key, SlotEpoch

_KEPT = {FINE_STEP: FINE_KEPT, COARSE_STEP: COARSE_KEPT}
_EPOCH = (slot.c.stats_epoch, slot.c.stats_reset_at, slot.c.stats_reset_by)


class PostgresStatistics:
    """Implements ports.Statistics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        now: datetime = self._database.run(select(func.now()))[0][0]
        return now

    def photos(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Counts]]:
        sums = Sums(photo_stats, "outcome", ("photos", "duration_ms", "durations"), cut, groupings)
        return [{key: _counts(rows) for key, rows in found.items()} for found in self._read(sums)]

    def calls(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Spent]]:
        if not cut.selection.tells_calls or any(PHOTOS_ONLY.intersection(grouping) for grouping in groupings):
            raise ValueError("calls of providers are not known by booth, outcome or reason")
        sums = Sums(call_stats, "fault", ("calls", "cost_usd", "duration_ms", "durations"), cut, groupings)
        return [{key: _spent(rows) for key, rows in found.items()} for found in self._read(sums)]

    def epoch(self, slot_id: str) -> SlotEpoch | None:
        rows = self._database.run(select(*_EPOCH).where(slot.c.id == slot_id))
        return _epoch(rows)

    def reset(self, slot_id: str, author: str) -> SlotEpoch | None:
        begun = {"stats_epoch": slot.c.stats_epoch + 1, "stats_reset_at": func.now(), "stats_reset_by": author}
        rows = self._database.run(update(slot).where(slot.c.id == slot_id).values(begun).returning(*_EPOCH))
        return _epoch(rows)

    def _read(self, sums: Sums) -> list[Mapping[Key, list[Row[Any]]]]:
        return sums.found(self._database.run(sums.query()))


class ExpiringCounters:
    """Implements ports.ExpiringRows for one of the tables of counters."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def forget_expired(self, limit: int) -> int:
        columns = self._table.c
        over = (
            and_(columns.step_minutes == step.seconds // 60, columns.starts_at < func.now() - kept)
            for step, kept in _KEPT.items()
        )
        return forget(self._database, self._table, or_(*over), limit)


def _epoch(rows: Sequence[Row[Any]]) -> SlotEpoch | None:
    return SlotEpoch(rows[0].stats_epoch, rows[0].stats_reset_at, rows[0].stats_reset_by) if rows else None


def _counts(rows: Iterable[Row[Any]]) -> Counts:
    """Of rows that differ in their outcome."""
    by_outcome = {Outcome(row.kind): row for row in rows}
    success = by_outcome.get(Outcome.SUCCESS)
    durations = unpacked(int(success.durations), int(success.duration_ms)) if success else Durations()
    return Counts(**{outcome.value: int(row.photos) for outcome, row in by_outcome.items()}, durations=durations)


def _spent(rows: Sequence[Row[Any]]) -> Spent:
    """Of rows that differ in their fault, which is empty where there was none."""
    return Spent(
        calls=sum(int(row.calls) for row in rows),
        cost_usd=sum(row.cost_usd for row in rows),
        faults={row.kind: int(row.calls) for row in rows if row.kind},
        durations=unpacked(sum(int(row.durations) for row in rows), sum(int(row.duration_ms) for row in rows)),
    )
