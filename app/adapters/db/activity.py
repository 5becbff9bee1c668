"""What all slots have been doing, read from the newest jobs and from today's counters."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from app.adapters.db.connection import Database
from app.domain.activity import HEARTBEAT_LENGTH, Beat, SlotActivity
from app.domain.periods import FINE_STEP
from app.domain.statistics import Counts, Outcome

_BEATS = text("""
SELECT slot.id AS slot_id, beat.* FROM slot CROSS JOIN LATERAL (
    SELECT id, created_at, finalized_at, failure_reason FROM job
    WHERE slot_id = slot.id AND source = 'ingest' AND is_finalized
    ORDER BY created_at DESC LIMIT :length) AS beat
ORDER BY slot.id, beat.created_at
""")

# The steps of five minutes: midnight is the beginning of one everywhere, while some zones lie half an hour from UTC.
_TODAY = text("""
SELECT slot_id, outcome, sum(photos)::int AS photos FROM photo_stats JOIN slot ON slot.id = slot_id
WHERE step_minutes = :step_minutes AND starts_at >= date_trunc('day', statement_timestamp(), :zone)
  AND epoch = stats_epoch AND source = 'ingest' AND outcome <> 'refused'
GROUP BY slot_id, outcome
""")


class PostgresActivityReader:
    """Implements ports.ActivityReader."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_slot(self, zone: ZoneInfo) -> Mapping[str, SlotActivity]:
        with self._database.transaction():
            beats, today = self._beats(), self._today(zone)
        return {slot_id: SlotActivity(beats[slot_id], Counts(**today[slot_id])) for slot_id in {*beats, *today}}

    def _beats(self) -> dict[str, list[Beat]]:
        found: dict[str, list[Beat]] = defaultdict(list)
        for row in self._database.run(_BEATS, {"length": HEARTBEAT_LENGTH}):
            found[row.slot_id].append(_beat(row))
        return found

    def _today(self, zone: ZoneInfo) -> dict[str, dict[str, Any]]:
        """The fields of Counts that are not nothing."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in self._database.run(_TODAY, {"zone": zone.key, "step_minutes": FINE_STEP.seconds // 60}):
            found[row.slot_id][row.outcome] = row.photos
        return found


def _beat(row: Row[Any]) -> Beat:
    outcome = Outcome(row.failure_reason or Outcome.SUCCESS)
    return Beat(row.id, row.finalized_at, row.finalized_at - row.created_at, outcome)
