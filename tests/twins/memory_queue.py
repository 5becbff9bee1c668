"""The job queue in memory: for tests of what is built on ports.JobQueue and ports.JobReader."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.deadlines import RESULT_RETENTION_HOURS_DEFAULT
from app.domain.errors import FaultKind, ProviderFault, Reason, Refused
from app.domain.job import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    Attempt,
    ClaimedJob,
    Failure,
    FailureReason,
    FinishedJob,
    JobStatus,
    LogEvent,
    NewJob,
    Order,
    QueuedJob,
    Source,
    StoredResult,
)
from app.domain.job_log import KEPT
from app.domain.photo import UNDO_SECONDS
from tests.twins.job_row import JobRow, json_ready, through_json
from tests.twins.memory_copies import order_copy
from tests.twins.memory_database import MemoryDatabase
from tests.twins.memory_statistics import count_call, count_photo
from tests.twins.vk.memory_filling import is_awaited, order_upload


class MemoryJobQueue:
    """Implements ports.JobQueue. `slot_max` bounds the active jobs of one slot; `wake` is told about work."""

    def __init__(
        self,
        database: MemoryDatabase,
        *,
        max_active: int,
        slot_max: int | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._max_active = max_active
        self._slot_max = slot_max
        self._wake = wake

    def enqueue(self, job: NewJob) -> QueuedJob:
        with self._database.transaction():
            if job.id not in self._jobs:
                self._refuse_if_busy(job.slot_id)
                self._change(row := self._new_row(job))
                self._log(row, "received", round(job.age_seconds * 1000))
            row = self._jobs[job.id]
        self._wake()
        return QueuedJob(job.id, row.expires_at, self._seconds_left(row))

    def claim(self, worker: str, limit: int) -> list[ClaimedJob]:
        with self._database.transaction():
            now = self._database.now()
            pending = [r for r in self._jobs.values() if r.status is JobStatus.PENDING and r.expires_at > now]
            urgent = sorted(pending, key=lambda row: row.expires_at)[:limit]
            return [self._claimed(self._lease(row, worker)) for row in urgent]

    def renew(self, worker: str, jobs: Mapping[UUID, int]) -> set[UUID]:
        with self._database.transaction():
            held = [row for row in self._current(jobs) if row.worker in (worker, None)]
            for row in held:
                lease_until = self._lease_end()
                self._change(replace(row, status=JobStatus.PROCESSING, worker=worker, lease_until=lease_until))
            return {row.new.id for row in held}

    def keep_reference(self, job: ClaimedJob, step: int, reference: str | None) -> None:
        with self._database.transaction():
            if not self._is_held(job):
                raise ProviderFault(FaultKind.CANCELLED, "memory: the job is not this worker's", permanent=True)
            row = self._jobs[job.id]
            self._change(replace(row, orders={**row.orders, step: reference}))

    def forget_reference(self, job: ClaimedJob, step: int) -> None:
        with self._database.transaction():
            if self._is_held(job):
                row = self._jobs[job.id]
                self._change(replace(row, orders={s: ref for s, ref in row.orders.items() if s != step}))

    def log_attempts(self, job: ClaimedJob, attempts: Sequence[Attempt]) -> None:
        with self._database.transaction():
            known = self._database.table("attempt")
            for attempt in attempts:
                if attempt.id not in known:
                    known[attempt.id] = attempt
                    row = self._jobs[job.id]
                    self._change(replace(row, cost_usd=row.cost_usd + attempt.cost_usd))
                    self._log(row, "attempt", attempt.duration_ms, attempt.detail)
                    count_call(self._database, row, attempt)

    def finalize_success(
        self,
        job: ClaimedJob,
        result: StoredResult,
        inline_base64: str | None,
        made_by: Attempt,
        unlogged: Sequence[Attempt] = (),
    ) -> bool:
        with self._database.transaction():
            row = self._jobs[job.id]
            if not self._is_held(job) or row.expires_at <= self._database.now():
                return row.result is not None and row.result.path == result.path
            self.log_attempts(job, unlogged)
            self._finalize(
                replace(
                    self._jobs[job.id],
                    provider=made_by.provider,
                    model=made_by.model,
                    operation=made_by.operation,
                    result=result,
                    inline_base64=inline_base64 if row.new.source is Source.INGEST else None,
                )
            )
            order_copy(self._database, row)
            order_upload(self._database, row)
            return True

    def finalize_failure(self, job: ClaimedJob, failure: Failure, unlogged: Sequence[Attempt] = ()) -> bool:
        with self._database.transaction():
            if not self._is_held(job):
                return False
            self.log_attempts(job, unlogged)
            self._finalize(replace(self._jobs[job.id], failure=json_ready(failure)))
            return True

    def end_waiting(self, job_id: UUID, failure: Failure) -> FinishedJob:
        with self._database.transaction():
            self._end(job_id, failure)
            self.mark_answered([job_id])
            return self.finished([job_id])[0]

    def cancel(self, job_id: UUID) -> bool:
        with self._database.transaction():
            return self._end(job_id, Failure(FailureReason.CANCELLED, {"by": "administrator"}))

    def hand_back(self, jobs: Sequence[ClaimedJob]) -> int:
        with self._database.transaction():
            held = [row for job in jobs for row in self._current({job.id: job.attempt}) if row.worker == job.worker]
            for row in held:
                self._requeue(row, "handed_back")
        self._wake()
        return len(held)

    def rescue(self) -> Mapping[str, int]:
        with self._database.transaction():
            now = self._database.now()
            overdue = [r for r in self._unfinished() if r.expires_at < now - timedelta(seconds=1)]
            for row in overdue:
                self._finalize(replace(row, failure=Failure(FailureReason.TIMEOUT)))
            killers = [r for r in self._abandoned() if r.attempt >= MAX_ATTEMPTS]
            for row in killers:
                detail = {"code": "worker_lost", "attempts": row.attempt}
                self._finalize(replace(row, failure=Failure(FailureReason.PROVIDER_ERROR, detail)))
            lost = self._abandoned()
            for row in lost:
                self._requeue(row, "requeued")
        if lost:
            self._wake()
        return {"timed_out": len(overdue), "failed": len(killers), "requeued": len(lost)}

    def finished(self, ids: Sequence[UUID]) -> list[FinishedJob]:
        with self._database.transaction():
            return [row.finished() for row in self._rows(ids) if row.is_finalized]

    def mark_answered(self, ids: Sequence[UUID]) -> None:
        with self._database.transaction():
            for row in self._rows(ids):
                self._change(replace(row, inline_base64=None), "answered")

    def forget_payloads(self, limit: int) -> list[tuple[str, int]]:
        with self._database.transaction():
            now = self._database.now()
            over = [r for r in self._jobs.values() if r.is_finalized and r.payload_path and r.expires_at < now]
            for row in over:
                self._change(replace(row, inline_base64=None))
            over = [row for row in over if not (row.keeps_original and row.result and not self._is_over(row))]
            over = sorted(over, key=lambda row: row.expires_at)[:limit]
            for row in over:
                self._change(replace(row, payload_path=None, inline_base64=None))
            return [(row.payload_path, row.new.payload.size_bytes) for row in over if row.payload_path]

    def forget_results(self, limit: int) -> list[tuple[UUID, str, int]]:
        with self._database.transaction():
            now = self._database.now()
            undone = now - timedelta(seconds=UNDO_SECONDS)
            over = [
                row
                for row in self._jobs.values()
                if row.result and (self._is_over(row) or (row.deleted_at or now) <= undone)
                if not is_awaited(self._database, row)
            ]
            over = sorted(over, key=lambda row: row.result_expires_at or now)[:limit]
            for row in over:
                self._change(replace(row, result=None))
            return [(row.new.id, row.result.path, row.result.size_bytes) for row in over if row.result]

    def forget_jobs(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - KEPT
            over = [row for row in self._jobs.values() if row.is_finalized and row.created_at < kept_since]
            gone = {row.new.id for row in [r for r in over if not (r.payload_path or r.result)][:limit]}
            log = self._database.table("processing_log")
            for number in [number for number, (job_id, _) in log.items() if job_id in gone]:
                del log[number]
            return self._database.forget("job", lambda row: row.new.id in gone, limit)

    def referenced(self, ids: Sequence[UUID]) -> set[str]:
        with self._database.transaction():
            paths = {path for row in self._rows(ids) for path in (row.payload_path, row.result and row.result.path)}
            return {path for path in paths if path}

    def _is_over(self, row: JobRow) -> bool:
        now = self._database.now()
        return (row.result_expires_at or now) <= now

    @property
    def _jobs(self) -> dict[UUID, JobRow]:
        return self._database.table("job")

    def _rows(self, ids: Sequence[UUID]) -> list[JobRow]:
        return [self._jobs[job_id] for job_id in ids if job_id in self._jobs]

    def _unfinished(self) -> list[JobRow]:
        return [row for row in self._jobs.values() if not row.is_finalized]

    def _abandoned(self) -> list[JobRow]:
        """Jobs whose lease has run out."""
        now = self._database.now()
        return [row for row in self._unfinished() if row.lease_until and row.lease_until < now]

    def _current(self, jobs: Mapping[UUID, int]) -> Iterator[JobRow]:
        """The unfinished among `jobs` (id to attempt) that nobody has claimed since."""
        rows = self._rows(list(jobs))
        return (row for row in rows if not row.is_finalized and row.attempt == jobs[row.new.id])

    def _is_held(self, job: ClaimedJob) -> bool:
        """The fence: the attempt. A later claim raises it."""
        return any(self._current({job.id: job.attempt}))

    def _refuse_if_busy(self, slot_id: str) -> None:
        slots = [row.new.slot_id for row in self._unfinished()]
        if len(slots) >= self._max_active:
            raise Refused(Reason.QUEUE_BUSY, "memory: the queue is full", retry_after=5)
        if self._slot_max is not None and slots.count(slot_id) >= self._slot_max:
            raise Refused(Reason.SLOT_BUSY, "memory: the slot is full", retry_after=5)

    def _new_row(self, job: NewJob) -> JobRow:
        created_at = self._database.now() - timedelta(seconds=job.age_seconds)
        primary = job.settings["steps"][0]
        return JobRow(
            new=replace(job, settings=through_json(job.settings), booth_fields=through_json(job.booth_fields)),
            provider=primary["provider"],
            operation=primary["operation"],
            payload_path=job.payload.path,
            created_at=created_at,
            expires_at=created_at + timedelta(seconds=job.window_seconds),
        )

    def _lease(self, row: JobRow, worker: str) -> JobRow:
        leased = replace(
            row,
            status=JobStatus.PROCESSING,
            attempt=row.attempt + 1,
            worker=worker,
            lease_until=self._lease_end(),
            started_at=row.started_at or self._database.now(),
        )
        self._change(leased)
        return leased

    def _lease_end(self) -> datetime:
        return self._database.now() + timedelta(seconds=LEASE_SECONDS)

    def _retention(self) -> timedelta:
        setting = self._database.table("app_settings").get("result_retention_hours")
        return timedelta(hours=setting.value if setting else RESULT_RETENTION_HOURS_DEFAULT)

    def _seconds_left(self, row: JobRow) -> float:
        return (row.expires_at - self._database.now()).total_seconds()

    def _claimed(self, row: JobRow) -> ClaimedJob:
        logged = self._logged_requests(row)
        return ClaimedJob(
            id=row.new.id,
            slot_id=row.new.slot_id,
            attempt=row.attempt,
            worker=row.worker or "",
            settings=row.new.settings,
            booth_fields=row.new.booth_fields,
            payload=row.new.payload,
            seconds_left=self._seconds_left(row),
            window_seconds=row.new.window_seconds,
            orders={step: Order(ref, ref in logged) for step, ref in row.orders.items()},
            cost_usd=row.cost_usd,
        )

    def _logged_requests(self, row: JobRow) -> set[str]:
        log = self._database.table("processing_log").values()
        return {
            entry.detail["request_id"]
            for job_id, entry in log
            if job_id == row.new.id and entry.event == "attempt" and entry.detail["request_id"]
        }

    def _end(self, job_id: UUID, failure: Failure) -> bool:
        for row in self._rows([job_id]):
            if not row.is_finalized:
                self._finalize(replace(row, failure=json_ready(failure)))
                return True
        return False

    def _finalize(self, row: JobRow) -> None:
        now = self._database.now()
        ended = replace(row, status=JobStatus.FINALIZED, worker=None, lease_until=None, finalized_at=now)
        if ended.result:
            ended = replace(ended, result_expires_at=now + self._retention())
        self._change(ended)
        count_photo(self._database, ended)
        self._log(row, "finalized", detail={"failure_reason": row.failure.reason.value} if row.failure else {})

    def _requeue(self, row: JobRow, event: str) -> None:
        self._change(replace(row, status=JobStatus.PENDING, worker=None, lease_until=None), event)

    def _change(self, row: JobRow, *events: str) -> None:
        self._jobs[row.new.id] = row
        for event in events:
            self._log(row, event)

    def _log(
        self, row: JobRow, event: str, duration_ms: int | None = None, detail: Mapping[str, Any] | None = None
    ) -> None:
        log = self._database.table("processing_log")
        entry = LogEvent(self._database.now(), event, duration_ms, through_json(detail or {}))
        log[max(log, default=0) + 1] = (row.new.id, entry)
