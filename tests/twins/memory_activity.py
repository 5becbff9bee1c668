"""What all slots have been doing, from the rows that the queue in memory writes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.domain.activity import HEARTBEAT_LENGTH, Beat, SlotActivity
from app.domain.job import Source
from app.domain.statistics import Counts, Outcome
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase


class MemoryActivityReader:
    """Implements ports.ActivityReader."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def by_slot(self, zone: ZoneInfo) -> Mapping[str, SlotActivity]:
        with self._database.transaction():
            rows = [row for row in self._database.table("job").values() if row.new.source is Source.INGEST]
            midnight = datetime.combine(self._database.now().astimezone(zone), time.min, zone)
        ended = sorted((row for row in rows if row.finalized_at), key=lambda row: row.created_at)
        return {slot_id: _activity(ended, slot_id, midnight) for slot_id in {row.new.slot_id for row in ended}}


def _activity(ended: Sequence[JobRow], slot_id: str, midnight: datetime) -> SlotActivity:
    beats = [_beat(row, row.finalized_at) for row in ended if row.new.slot_id == slot_id and row.finalized_at]
    today = Counter(beat.outcome.value for beat in beats if beat.finalized_at >= midnight)
    return SlotActivity(beats[-HEARTBEAT_LENGTH:], Counts(**today))


def _beat(row: JobRow, finalized_at: datetime) -> Beat:
    outcome = Outcome(row.failure.reason if row.failure else Outcome.SUCCESS)
    return Beat(row.new.id, finalized_at, finalized_at - row.created_at, outcome)
