"""Jobs as pages read them, from the rows that the queue in memory writes."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.domain.booth import booth_name
from app.domain.job import JobView, LastPhoto, LogEvent, Source
from app.domain.job_log import JobRecord
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase


class MemoryJobReader:
    """Implements ports.JobReader."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def get(self, job_id: UUID) -> JobView | None:
        return next((view for view in self.all() if view.id == job_id), None)

    def timeline(self, job_id: UUID) -> list[LogEvent]:
        with self._database.transaction():
            return [entry for logged, entry in self._database.table("processing_log").values() if logged == job_id]

    def record(self, job_id: UUID) -> JobRecord | None:
        with self._database.transaction():
            row = self._database.table("job").get(job_id)
            if row is None:
                return None
            payload = replace(row.new.payload, path=row.payload_path) if row.payload_path else None
            references = [reference for reference in row.orders.values() if reference]
            reference = references[-1] if references else None
            return JobRecord(self._view(row), row.new.booth_fields, payload, reference, self.timeline(job_id))

    def last_photos(self) -> Mapping[str, LastPhoto]:
        shown = [view for view in self.all() if view.result_is_available and not view.is_withdrawn]
        photos = [(v.finalized_at, v.id, v.slot_id) for v in shown if v.finalized_at and v.source is Source.INGEST]
        return {slot_id: LastPhoto(photo_id, at) for at, photo_id, slot_id in sorted(photos)}

    def all(self) -> list[JobView]:
        with self._database.transaction():
            return [self._view(row) for row in self._database.table("job").values()]

    def _view(self, row: JobRow) -> JobView:
        return JobView(
            id=row.new.id,
            slot_id=row.new.slot_id,
            status=row.status,
            source=row.new.source,
            failure=row.failure,
            result=row.result,
            result_expires_at=row.result_expires_at,
            booth=booth_name(row.new.booth_fields),
            provider=row.provider,
            operation=row.operation,
            model=row.model,
            cost_usd=row.cost_usd,
            attempt=row.attempt,
            created_at=row.created_at,
            started_at=row.started_at,
            finalized_at=row.finalized_at,
            expires_at=row.expires_at,
            read_at=self._database.now(),
            is_withdrawn=bool(row.hidden_at or row.deleted_at),
        )
