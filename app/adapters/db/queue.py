"""The job queue on PostgreSQL: runs the statements of queue_sql and speaks the domain's language."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause

from app.adapters.db import forgetting_sql
from app.adapters.db import queue_sql as sql
from app.adapters.db.connection import Database, at_most
from app.domain.booth import booth_name
from app.domain.deadlines import RESULT_RETENTION_HOURS_DEFAULT
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault, Reason, Refused
from app.domain.job import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    Attempt,
    ClaimedJob,
    Failure,
    FailureReason,
    FinishedJob,
    NewJob,
    Order,
    Payload,
    QueuedJob,
    StoredResult,
)
from app.domain.job_log import KEPT
from app.domain.photo import UNDO_SECONDS

_BUSY_RETRY_SECONDS = 5.0
_LAST_WORD_SECONDS = 1.0  # a booth's answer is due; a database that hangs must not move it further
_NOTE_SECONDS = 1.0  # what can be written down later, or be done without, must not hold up a photo


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
            "booth": booth_name(job.booth_fields),
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
        rows = self._database.run(sql.ENQUEUE, parameters) or self._database.run(sql.FIND_QUEUED, {"id": job.id})
        if not rows:
            raise self._busy(self._count(sql.COUNT_ACTIVE))
        return QueuedJob(job.id, rows[0].expires_at, rows[0].seconds_left)

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
        return [_claimed(row, worker) for row in self._database.run(sql.CLAIM, parameters)]

    def renew(self, worker: str, jobs: Mapping[UUID, int]) -> set[UUID]:
        parameters = {**_leases(worker, jobs), "lease_seconds": LEASE_SECONDS}
        return {row.id for row in self._database.run(sql.RENEW, parameters)}

    def keep_reference(self, job: ClaimedJob, step: int, reference: str | None) -> None:
        parameters = {"id": job.id, "attempt": job.attempt, "step": step, "reference": reference}
        with at_most(_NOTE_SECONDS):
            is_kept = self._database.run(sql.KEEP_REFERENCE, parameters)
        if not is_kept:
            raise ProviderFault(FaultKind.CANCELLED, "The job ended, or another worker has it.", permanent=True)

    def forget_reference(self, job: ClaimedJob, step: int) -> None:
        with at_most(_NOTE_SECONDS):
            self._database.run(sql.FORGET_REFERENCE, {"id": job.id, "attempt": job.attempt, "step": step})

    def log_attempts(self, job: ClaimedJob, attempts: Sequence[Attempt]) -> None:
        with at_most(_NOTE_SECONDS):
            self._database.run(sql.LOG_ATTEMPTS, {"id": job.id, "events": json.dumps(_events(attempts))})

    def finalize_success(
        self,
        job: ClaimedJob,
        result: StoredResult,
        inline_base64: str | None,
        made_by: Attempt,
        unlogged: Sequence[Attempt] = (),
    ) -> bool:
        parameters = {
            "id": job.id,
            "attempt": job.attempt,
            "provider": made_by.provider,
            "model": made_by.model,
            "operation": made_by.operation,
            "path": result.path,
            "mime_type": result.mime_type,
            "size_bytes": result.size_bytes,
            "checksum": result.checksum,
            "width": result.width,
            "height": result.height,
            "inline_base64": inline_base64,
            "default_retention_hours": RESULT_RETENTION_HOURS_DEFAULT,
            "events": _ending(unlogged, {}),
        }
        if self._database.run(sql.FINALIZE_SUCCESS, parameters):
            return True
        return bool(self._database.run(sql.IS_MY_RESULT, {"id": job.id, "path": result.path}))

    def finalize_failure(self, job: ClaimedJob, failure: Failure, unlogged: Sequence[Attempt] = ()) -> bool:
        parameters = {
            "id": job.id,
            "attempt": job.attempt,
            "reason": failure.reason.value,
            "detail": json.dumps(dict(failure.detail)),
            "events": _ending(unlogged, {"failure_reason": failure.reason.value}),
        }
        return bool(self._database.run(sql.FINALIZE_FAILURE, parameters))

    def end_waiting(self, job_id: UUID, failure: Failure) -> FinishedJob:
        with at_most(_LAST_WORD_SECONDS):
            ended = self._end(job_id, failure, "finalized", "answered")
            finished = [_finished(row) for row in ended] or self.finished([job_id])
        if not finished:
            raise DatabaseUnavailable(f"the row of job {job_id} is not there")
        if not ended:
            self.mark_answered([job_id])
        return finished[0]

    def cancel(self, job_id: UUID) -> bool:
        return bool(self._end(job_id, Failure(FailureReason.CANCELLED, {"by": "administrator"}), "finalized"))

    def _end(self, job_id: UUID, failure: Failure, *events: str) -> Sequence[Row[Any]]:
        reason = failure.reason.value
        parameters = {
            "id": job_id,
            "reason": reason,
            "detail": json.dumps(dict(failure.detail)),
            "events": json.dumps([{"event": event, "detail": {"failure_reason": reason}} for event in events]),
        }
        return self._database.run(sql.END, parameters)

    def hand_back(self, jobs: Sequence[ClaimedJob]) -> int:
        if not jobs:
            return 0
        parameters = _leases(jobs[0].worker, {job.id: job.attempt for job in jobs})
        return self._count(sql.HAND_BACK, parameters)

    def rescue(self) -> Mapping[str, int]:
        return {
            "timed_out": self._count(sql.TIME_OUT_OVERDUE),
            "failed": self._count(sql.FAIL_KILLERS, {"max_attempts": MAX_ATTEMPTS}),
            "requeued": self._count(sql.REQUEUE_LOST),
        }

    def finished(self, ids: Sequence[UUID]) -> list[FinishedJob]:
        return [_finished(row) for row in self._database.run(sql.FINISHED, _ids(ids))]

    def mark_answered(self, ids: Sequence[UUID]) -> None:
        self._database.run(sql.MARK_ANSWERED, _ids(ids))

    def forget_payloads(self, limit: int) -> list[tuple[str, int]]:
        rows = self._database.run(forgetting_sql.FORGET_PAYLOADS, {"limit": limit})
        return [(row.payload_path, row.payload_size_bytes) for row in rows]

    def forget_results(self, limit: int) -> list[tuple[UUID, str, int]]:
        rows = self._database.run(forgetting_sql.FORGET_RESULTS, {"limit": limit, "undo_seconds": UNDO_SECONDS})
        return [(row.id, row.result_file_path, row.result_size_bytes) for row in rows]

    def forget_jobs(self, limit: int) -> int:
        return self._count(forgetting_sql.FORGET_JOBS, {"kept_seconds": KEPT.total_seconds(), "limit": limit})

    def referenced(self, ids: Sequence[UUID]) -> set[str]:
        return {path for row in self._database.run(sql.REFERENCED, _ids(ids)) for path in row if path}

    def _count(self, statement: TextClause, parameters: Mapping[str, Any] | None = None) -> int:
        return int(self._database.run(statement, parameters)[0][0])


def _ids(ids: Sequence[UUID]) -> dict[str, list[str]]:
    return {"ids": [str(job_id) for job_id in ids]}


def _leases(worker: str, jobs: Mapping[UUID, int]) -> dict[str, Any]:
    return {"worker": worker, "ids": [str(i) for i in jobs], "attempts": list(jobs.values())}


def _ending(attempts: Sequence[Attempt], outcome: Mapping[str, Any]) -> str:
    """What is still to be logged when the job ends, the end included."""
    return json.dumps([*_events(attempts), {"event": "finalized", "detail": dict(outcome)}])


def _events(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Rows of the processing log."""
    return [
        {
            "event": "attempt",
            "duration_ms": attempt.duration_ms,
            "detail": attempt.detail,
            "attempt_id": str(attempt.id),
        }
        for attempt in attempts
    ]


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
        window_seconds=row.window_seconds,
        orders={int(step): Order(ref, ref in row.logged_requests) for step, ref in row.orders.items()},
        cost_usd=row.cost_usd,
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
    return None if row.result_file_path is None else stored_result(row)


def stored_result(row: Row[Any]) -> StoredResult:
    """The result of a job whose file is there."""
    return StoredResult(
        path=row.result_file_path,
        mime_type=row.result_mime_type,
        size_bytes=row.result_size_bytes,
        checksum=row.result_checksum,
        width=row.result_width,
        height=row.result_height,
    )
