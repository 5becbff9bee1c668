"""The job queue on PostgreSQL: runs the statements of queue_sql and speaks the domain's language."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from app.adapters.db import queue_sql as sql
from app.adapters.db.connection import Database
from app.domain.deadlines import RESULT_RETENTION_HOURS_DEFAULT
from app.domain.errors import Reason, Refused
from app.domain.job import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    Attempt,
    ClaimedJob,
    Failure,
    FailureReason,
    FinishedJob,
    NewJob,
    Payload,
    QueuedJob,
    StoredResult,
)

_BUSY_RETRY_SECONDS = 5.0


class PostgresJobQueue:
    """Implements ports.JobQueue. `slot_max` bounds the active jobs of one slot, None leaves it unbounded."""

    def __init__(self, database: Database, *, max_active: int, slot_max: int | None = None) -> None:
        self._database = database
        self._max_active = max_active
        self._slot_max = slot_max

    def enqueue(self, job: NewJob) -> QueuedJob:
        primary = job.settings["steps"][0]
        parameters = {
            "id": job.id,
            "slot_id": job.slot_id,
            "source": job.source.value,
            "settings": json.dumps(job.settings),
            "booth_fields": json.dumps(dict(job.booth_fields)),
            "provider": primary["provider"],
            "operation": primary["operation"],
            "payload_path": job.payload.path,
            "payload_mime_type": job.payload.mime_type,
            "payload_size_bytes": job.payload.size_bytes,
            "payload_sha256": job.payload.sha256,
            "window_seconds": job.window_seconds,
            "age_seconds": job.age_seconds,
            "max_active": self._max_active,
            "slot_max": self._slot_max,
        }
        with self._database.transaction() as session:
            session.execute(text(sql.LOCK_INSERTS))
            row = session.execute(text(sql.ENQUEUE), parameters).first()
            row = row or session.execute(text(sql.FIND_QUEUED), {"id": job.id}).first()
            if row is None:
                raise self._busy(session.scalar(text(sql.COUNT_ACTIVE)) or 0)
        return QueuedJob(job.id, row.expires_at, row.seconds_left)

    def _busy(self, active: int) -> Refused:
        if active >= self._max_active:
            return Refused(
                Reason.QUEUE_BUSY,
                f"{active} photos are being processed, which is the most allowed; send the shot again in a moment.",
                details={"active": active, "max_active": self._max_active},
                retry_after=_BUSY_RETRY_SECONDS,
            )
        return Refused(
            Reason.SLOT_BUSY,
            f"This slot has {self._slot_max} photos in work, which is the most allowed; send again in a moment.",
            details={"max_active": self._slot_max},
            retry_after=_BUSY_RETRY_SECONDS,
        )

    def claim(self, worker: str, limit: int) -> list[ClaimedJob]:
        parameters = {"worker": worker, "limit": limit, "lease_seconds": LEASE_SECONDS}
        with self._database.transaction() as session:
            rows = session.execute(text(sql.CLAIM), parameters).all()
        return [_claimed(row, worker) for row in rows]

    def renew(self, worker: str, jobs: Mapping[UUID, int]) -> set[UUID]:
        parameters = {**_leases(worker, jobs), "lease_seconds": LEASE_SECONDS}
        with self._database.transaction() as session:
            return set(session.scalars(text(sql.RENEW), parameters))

    def finalize_success(
        self, job: ClaimedJob, result: StoredResult, inline_base64: str | None, attempts: Sequence[Attempt]
    ) -> bool:
        winner = attempts[-1]
        parameters = {
            "id": job.id,
            "attempt": job.attempt,
            "worker": job.worker,
            "provider": winner.provider,
            "operation": winner.operation,
            "path": result.path,
            "mime_type": result.mime_type,
            "size_bytes": result.size_bytes,
            "checksum": result.checksum,
            "width": result.width,
            "height": result.height,
            "inline_base64": inline_base64,
            "default_retention_hours": RESULT_RETENTION_HOURS_DEFAULT,
            "events": _events(attempts, {}),
        }
        with self._database.transaction() as session:
            if session.execute(text(sql.FINALIZE_SUCCESS), parameters).first():
                return True
            return bool(session.scalar(text(sql.IS_MY_RESULT), {"id": job.id, "path": result.path}))

    def finalize_failure(self, job: ClaimedJob, failure: Failure, attempts: Sequence[Attempt]) -> bool:
        parameters = {
            "id": job.id,
            "attempt": job.attempt,
            "worker": job.worker,
            "reason": failure.reason.value,
            "detail": json.dumps(dict(failure.detail)),
            "events": _events(attempts, {"failure_reason": failure.reason.value}),
        }
        with self._database.transaction() as session:
            return session.execute(text(sql.FINALIZE_FAILURE), parameters).first() is not None

    def end_waiting(self, job_id: UUID, failure: Failure) -> FinishedJob:
        with self._database.transaction():
            self._end(job_id, failure)
            return self.finished([job_id])[0]

    def cancel(self, job_id: UUID) -> bool:
        return self._end(job_id, Failure(FailureReason.CANCELLED, {"by": "administrator"}))

    def _end(self, job_id: UUID, failure: Failure) -> bool:
        parameters = {
            "id": job_id,
            "reason": failure.reason.value,
            "detail": json.dumps(dict(failure.detail)),
        }
        with self._database.transaction() as session:
            return session.execute(text(sql.END), parameters).first() is not None

    def hand_back(self, jobs: Sequence[ClaimedJob]) -> int:
        if not jobs:
            return 0
        parameters = _leases(jobs[0].worker, {job.id: job.attempt for job in jobs})
        with self._database.transaction() as session:
            return session.scalar(text(sql.HAND_BACK), parameters) or 0

    def rescue(self) -> Mapping[str, int]:
        with self._database.transaction() as session:
            return {
                "timed_out": session.scalar(text(sql.TIME_OUT_OVERDUE)) or 0,
                "failed": session.scalar(text(sql.FAIL_KILLERS), {"max_attempts": MAX_ATTEMPTS}) or 0,
                "requeued": session.scalar(text(sql.REQUEUE_LOST)) or 0,
            }

    def finished(self, ids: Sequence[UUID]) -> list[FinishedJob]:
        with self._database.transaction() as session:
            rows = session.execute(text(sql.FINISHED), {"ids": [str(i) for i in ids]}).all()
        return [_finished(row) for row in rows]

    def mark_answered(self, ids: Sequence[UUID]) -> None:
        with self._database.transaction() as session:
            session.execute(text(sql.MARK_ANSWERED), {"ids": [str(i) for i in ids]})

    def forget_payloads(self, limit: int) -> list[str]:
        with self._database.transaction() as session:
            return list(session.scalars(text(sql.FORGET_PAYLOADS), {"limit": limit}))

    def forget_results(self, limit: int) -> list[tuple[UUID, str, int]]:
        with self._database.transaction() as session:
            rows = session.execute(text(sql.FORGET_RESULTS), {"limit": limit}).all()
        return [(row.id, row.result_file_path, row.result_size_bytes) for row in rows]

    def referenced(self, ids: Sequence[UUID]) -> set[str]:
        with self._database.transaction() as session:
            rows = session.execute(text(sql.REFERENCED), {"ids": [str(i) for i in ids]}).all()
        return {path for row in rows for path in row if path}


def _leases(worker: str, jobs: Mapping[UUID, int]) -> dict[str, Any]:
    return {"worker": worker, "ids": [str(i) for i in jobs], "attempts": list(jobs.values())}


def _events(attempts: Sequence[Attempt], outcome: Mapping[str, Any]) -> str:
    """The attempts and the end as the rows that the processing log keeps."""
    rows: list[dict[str, Any]] = [
        {
            "event": "attempt",
            "duration_ms": a.duration_ms,
            "detail": {
                "provider": a.provider,
                "operation": a.operation,
                "fault": a.fault,
                "message": a.message,
            },
        }
        for a in attempts
    ]
    return json.dumps([*rows, {"event": "finalized", "detail": dict(outcome)}])


def _claimed(row: Row[Any], worker: str) -> ClaimedJob:
    return ClaimedJob(
        id=row.id,
        slot_id=row.slot_id,
        attempt=row.attempt,
        worker=worker,
        settings=row.settings,
        booth_fields=row.booth_fields,
        payload=Payload(row.payload_path, row.payload_mime_type, row.payload_size_bytes, row.payload_sha256),
        seconds_left=row.seconds_left,
    )


def _finished(row: Row[Any]) -> FinishedJob:
    return FinishedJob(
        id=row.id,
        expires_at=row.expires_at,
        result=result_of(row),
        failure=failure_of(row),
        inline_base64=row.result_inline_base64,
    )


def failure_of(row: Row[Any]) -> Failure | None:
    return Failure(FailureReason(row.failure_reason), row.failure_detail or {}) if row.failure_reason else None


def result_of(row: Row[Any]) -> StoredResult | None:
    """None for a job without a result, and for one whose file has been cleaned up."""
    if row.result_file_path is None:
        return None
    return StoredResult(
        path=row.result_file_path,
        mime_type=row.result_mime_type,
        size_bytes=row.result_size_bytes,
        checksum=row.result_checksum,
        width=row.result_width,
        height=row.result_height,
    )
