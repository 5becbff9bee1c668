"""Jobs as pages and the API read them; nothing here writes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text

from app.adapters.db.connection import Database
from app.adapters.db.queue import failure_of, result_of
from app.adapters.db.schema import job, processing_log
from app.domain.job import JobStatus, JobView, LastPhoto, LogEvent, Payload, Source
from app.domain.job_log import JobRecord

VIEW: Select[Any] = select(
    job.c.id,
    job.c.slot_id,
    job.c.status,
    job.c.source,
    job.c.failure_reason,
    job.c.failure_detail,
    job.c.result_file_path,
    job.c.result_mime_type,
    job.c.result_size_bytes,
    job.c.result_checksum,
    job.c.result_width,
    job.c.result_height,
    job.c.result_expires_at,
    job.c.booth,
    job.c.provider,
    job.c.operation,
    job.c.model,
    job.c.cost_usd,
    job.c.attempt,
    job.c.created_at,
    job.c.started_at,
    job.c.finalized_at,
    job.c.expires_at,
    func.statement_timestamp().label("read_at"),
    (job.c.hidden_at.is_not(None) | job.c.deleted_at.is_not(None)).label("is_withdrawn"),
)

_RECORD = VIEW.add_columns(
    job.c.booth_fields,
    job.c.payload_path,
    job.c.payload_mime_type,
    job.c.payload_size_bytes,
    job.c.payload_sha256,
    job.c.provider_job_reference,
)

_LAST_PHOTOS = text("""
SELECT slot.id AS slot_id, latest.id, latest.finalized_at FROM slot CROSS JOIN LATERAL (
    SELECT id, finalized_at FROM job
    WHERE slot_id = slot.id AND result_checksum IS NOT NULL AND source = 'ingest'
      AND hidden_at IS NULL AND deleted_at IS NULL AND result_expires_at > statement_timestamp()
    ORDER BY finalized_at DESC, id DESC LIMIT 1) AS latest
""")


class PostgresJobReader:
    """Implements ports.JobReader."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, job_id: UUID) -> JobView | None:
        rows = self._database.run(VIEW.where(job.c.id == job_id))
        return view_of(rows[0]) if rows else None

    def timeline(self, job_id: UUID) -> list[LogEvent]:
        query = select(processing_log).where(processing_log.c.job_id == job_id).order_by(processing_log.c.id)
        return [LogEvent(row.at, row.event, row.duration_ms, row.detail or {}) for row in self._database.run(query)]

    def record(self, job_id: UUID) -> JobRecord | None:
        with self._database.transaction():
            rows = self._database.run(_RECORD.where(job.c.id == job_id))
            return _record_of(rows[0], self.timeline(job_id)) if rows else None

    def last_photos(self) -> Mapping[str, LastPhoto]:
        return {row.slot_id: LastPhoto(row.id, row.finalized_at) for row in self._database.run(_LAST_PHOTOS)}


def _record_of(row: Row[Any], events: Sequence[LogEvent]) -> JobRecord:
    payload = Payload(row.payload_path, row.payload_mime_type, row.payload_size_bytes, row.payload_sha256)
    kept = payload if row.payload_path else None
    return JobRecord(view_of(row), row.booth_fields, kept, row.provider_job_reference, events)


def view_of(row: Row[Any]) -> JobView:
    return JobView(
        id=row.id,
        slot_id=row.slot_id,
        status=JobStatus(row.status),
        source=Source(row.source),
        failure=failure_of(row),
        result=result_of(row),
        result_expires_at=row.result_expires_at,
        booth=row.booth,
        provider=row.provider,
        operation=row.operation,
        model=row.model,
        cost_usd=row.cost_usd,
        attempt=row.attempt,
        created_at=row.created_at,
        started_at=row.started_at,
        finalized_at=row.finalized_at,
        expires_at=row.expires_at,
        read_at=row.read_at,
        is_withdrawn=row.is_withdrawn,
    )
