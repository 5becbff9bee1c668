"""A claimed job runs to its end: payload, provider chain, result file, finalize."""

import base64
import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import (
    DatabaseUnavailable,
    FaultKind,
    MediaMissing,
    MediaStoreUnavailable,
    ProviderFault,
    Reason,
)
from app.domain.job import (
    HEARTBEAT_SECONDS,
    INLINE_RESULT_MAX_BYTES,
    LEASE_SECONDS,
    Attempt,
    ClaimedJob,
    Failure,
    FailureReason,
    StoredResult,
    result_path,
)
from app.domain.media import EncodedImage
from app.domain.pace import Pace
from app.domain.reactions import NEVER_CALLED
from app.services.processing.attempt import Attempts, Made, Means
from app.services.processing.chain import Chain
from app.services.processing.journal import Journal
from app.services.processing.patience import briefly, persistently
from app.services.processing.plan import Plan
from app.services.processing.previews import Previews

log = structlog.get_logger(__name__)

_LAST_MOMENT_SECONDS = 0.5
"""A fault so shortly before the deadline is a timeout: the waiting side says so, not the worker."""

_UNATTENDED_SECONDS = LEASE_SECONDS - 2 * HEARTBEAT_SECONDS
"""For so long at least nobody takes an unfinished job from a worker that does not care for it any more."""


@dataclass(frozen=True, slots=True)
class _Work:
    """A job in hand."""

    job: ClaimedJob
    deadline: Deadline
    journal: Journal
    cancelled: threading.Event

    @property
    def seconds_left(self) -> float:
        return self.deadline.remaining(time.monotonic())


class ProcessingService:
    """Runs one job at a time for each calling thread; everything it needs is in the job's snapshot."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._queue = means.queue
        self._media = means.media
        self._previews = Previews(means.media, means.images, means.photos)

    def run(self, job: ClaimedJob, cancelled: threading.Event) -> None:
        """Bring the job to its end, unless `cancelled` says that it ended or belongs to somebody else."""
        deadline = Deadline(time.monotonic() + job.seconds_left)
        work = _Work(job, deadline, Journal(self._queue, job), cancelled)
        try:
            made = self._picture(work)
        except ProviderFault as fault:
            self._give_up(work, fault)
            return
        try:
            is_kept = self._keep(work, made)
        finally:
            made.settle()
        if is_kept:
            self._previews.make(job.id, made.image.data)

    def _picture(self, work: _Work) -> Made:
        shot = self._read_payload(work)
        plan = Plan(work.job, self._means.providers, work.deadline)
        attempts = Attempts(self._means, work.job, shot, plan, work.journal)
        return Chain(work.job, plan, attempts, work.journal, work.cancelled).run()

    def _read_payload(self, work: _Work) -> bytes:
        payload = work.job.payload
        try:
            data = briefly(lambda: self._media.read(payload.path), work.deadline)
        except (MediaMissing, MediaStoreUnavailable) as error:
            raise ProviderFault(FaultKind.INTERNAL, "The shot cannot be read back.", permanent=False) from error
        if hashlib.sha256(data).hexdigest() != payload.sha256:
            log.error("payload_changed", path=payload.path)
            raise ProviderFault(FaultKind.INTERNAL, "The stored shot is damaged.", permanent=False)
        return data

    def _keep(self, work: _Work, made: Made) -> bool:
        """Store the picture, then finish the job with it; False if that came too late, or failed."""
        result, began = _result(work.job, made.image), time.monotonic()
        try:
            briefly(lambda: self._media.write(result.path, made.image.data), work.deadline)
        except MediaStoreUnavailable as error:
            log.error("result_not_stored", error=str(error))
            fault = ProviderFault(FaultKind.INTERNAL, "The result could not be stored.", permanent=False)
            self._fail(work, fault)
            return False
        stored = replace(made.attempt, store_ms=round((time.monotonic() - began) * 1000))
        won = self._finalize(work, result, replace(made, attempt=stored))
        if not won:
            self._discard(result)
        return won

    def _finalize(self, work: _Work, result: StoredResult, made: Made) -> bool:
        data = made.image.data
        inline = base64.b64encode(data).decode() if len(data) <= INLINE_RESULT_MAX_BYTES else None
        unlogged = [made.attempt if a.id == made.attempt.id else a for a in work.journal.take_unlogged()]
        won = persistently(
            lambda: self._queue.finalize_success(work.job, result, inline, made.attempt, unlogged), work.deadline
        )
        if not won:
            self._log_late(work.job, unlogged)
        event = "job_succeeded" if won else "result_dropped"
        log.info(event, provider=made.attempt.provider, model=made.attempt.model)
        return won

    def _discard(self, result: StoredResult) -> None:
        try:
            self._media.delete([result.path])
        except MediaStoreUnavailable as error:
            log.warning("result_not_deleted", error=str(error))  # the cleanup finds it

    def _give_up(self, work: _Work, fault: ProviderFault) -> None:
        is_silence = fault.kind in (FaultKind.HANG, FaultKind.OUT_OF_TIME) and fault.status is None
        if not work.cancelled.is_set() and not is_silence:
            self._fail(work, fault)
            return
        if is_silence:
            # Nobody answered in time, and the booth learns it in time: at its deadline, from the side that waits.
            work.cancelled.wait(max(0.0, work.seconds_left - _UNATTENDED_SECONDS))
        self._log_late(work.job, work.journal.take_unlogged())

    def _fail(self, work: _Work, fault: ProviderFault) -> None:
        unlogged = work.journal.take_unlogged()
        if work.seconds_left <= Pace(work.job.window_seconds).seconds(_LAST_MOMENT_SECONDS) and not fault.permanent:
            self._log_late(work.job, unlogged)
            return
        failure = Failure(FailureReason.PROVIDER_ERROR, _detail(fault, work.journal.attempts))
        if not persistently(lambda: self._queue.finalize_failure(work.job, failure, unlogged), work.deadline):
            self._log_late(work.job, unlogged)

    def _log_late(self, job: ClaimedJob, attempts: Sequence[Attempt]) -> None:
        """What was asked of providers for a job that ended elsewhere has cost all the same."""
        try:
            if attempts:
                self._queue.log_attempts(job, attempts)
        except DatabaseUnavailable as error:
            log.error("attempts_not_logged", error=str(error), attempts=[a.detail for a in attempts])


def _result(job: ClaimedJob, image: EncodedImage) -> StoredResult:
    return StoredResult(
        path=result_path(job.id, job.attempt, image.info.mime_type),
        mime_type=image.info.mime_type,
        size_bytes=len(image.data),
        checksum=hashlib.sha256(image.data).hexdigest(),
        width=image.info.width,
        height=image.info.height,
    )


def _detail(fault: ProviderFault, attempts: Sequence[Attempt]) -> dict[str, object]:
    """What a booth and an administrator learn of the failure."""
    kinds = {attempt.fault for attempt in attempts} | {fault.kind.value}
    code = Reason.PROVIDER_UNAVAILABLE if kinds <= NEVER_CALLED else Reason.PROVIDER_ERROR
    return {
        "code": code.value,
        "fault": fault.kind.value,
        "message": fault.message,
        "content_blocked": FaultKind.CONTENT_BLOCKED in kinds,
        "attempts": [
            {
                "provider": a.provider,
                "model": a.model,
                "fault": a.fault,
                "http_status": a.http_status,
                "duration_ms": a.duration_ms,
            }
            for a in attempts
        ],
    }
