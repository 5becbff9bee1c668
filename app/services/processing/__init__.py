"""A claimed job runs to its end: payload, provider chain, result file, finalize."""

import base64
import hashlib
import threading
import time
from collections.abc import Sequence
from uuid import UUID

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import (
    FaultKind,
    MediaMissing,
    MediaStoreUnavailable,
    ProviderFault,
    Reason,
    Refused,
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
    preview_path,
    result_path,
)
from app.domain.media import PREVIEW_SIZES, EncodedImage
from app.domain.pace import Pace
from app.domain.reactions import NEVER_CALLED
from app.services.processing.attempt import Attempts, Means
from app.services.processing.chain import Chain
from app.services.processing.journal import Journal
from app.services.processing.patience import persistently
from app.services.processing.plan import Plan

log = structlog.get_logger(__name__)

_LAST_MOMENT_SECONDS = 0.5
"""A fault so shortly before the deadline is a timeout: the waiting side says so, not the worker."""

_UNATTENDED_SECONDS = LEASE_SECONDS - 2 * HEARTBEAT_SECONDS
"""For so long at least nobody takes an unfinished job from a worker that does not care for it any more."""


class ProcessingService:
    """Runs one job at a time for each calling thread; everything it needs is in the job's snapshot."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._queue = means.queue
        self._media = means.media
        self._images = means.images

    def run(self, job: ClaimedJob, cancelled: threading.Event) -> None:
        """Bring the job to its end, unless `cancelled` says that it ended or belongs to somebody else."""
        deadline = Deadline(time.monotonic() + job.seconds_left)
        journal = Journal(self._queue, job)
        try:
            shot = self._read_payload(job)
            plan = Plan(job, self._means.providers, deadline)
            attempts = Attempts(self._means, job, shot, plan, journal)
            image, made_by = Chain(job, plan, attempts, journal, cancelled).run()
        except ProviderFault as fault:
            self._give_up(job, fault, journal, deadline, cancelled)
            return
        self._succeed(job, image, made_by, journal, deadline)

    def _read_payload(self, job: ClaimedJob) -> bytes:
        try:
            data = self._media.read(job.payload.path)
        except (MediaMissing, MediaStoreUnavailable) as error:
            raise ProviderFault(FaultKind.INTERNAL, "The shot cannot be read back.", permanent=False) from error
        if hashlib.sha256(data).hexdigest() != job.payload.sha256:
            log.error("payload_changed", path=job.payload.path)
            raise ProviderFault(FaultKind.INTERNAL, "The stored shot is damaged.", permanent=False)
        return data

    def _succeed(
        self, job: ClaimedJob, image: EncodedImage, made_by: Attempt, journal: Journal, deadline: Deadline
    ) -> None:
        result = StoredResult(
            path=result_path(job.id, job.attempt, image.info.mime_type),
            mime_type=image.info.mime_type,
            size_bytes=len(image.data),
            checksum=hashlib.sha256(image.data).hexdigest(),
            width=image.info.width,
            height=image.info.height,
        )
        try:
            self._media.write(result.path, image.data)
        except MediaStoreUnavailable as error:
            log.error("result_not_stored", error=str(error))
            fault = ProviderFault(FaultKind.INTERNAL, "The result could not be stored.", permanent=False)
            self._fail(job, fault, journal, deadline)
            return
        if self._finalize(job, result, image.data, made_by, journal, deadline):
            self._make_previews(job.id, image.data)
        else:
            self._discard(result)

    def _finalize(
        self,
        job: ClaimedJob,
        result: StoredResult,
        data: bytes,
        made_by: Attempt,
        journal: Journal,
        deadline: Deadline,
    ) -> bool:
        inline = base64.b64encode(data).decode() if len(data) <= INLINE_RESULT_MAX_BYTES else None
        unlogged = journal.take_unlogged()
        won = persistently(lambda: self._queue.finalize_success(job, result, inline, made_by, unlogged), deadline)
        if not won:
            self._log_late(job, unlogged)
        log.info("job_succeeded" if won else "result_dropped", provider=made_by.provider, model=made_by.model)
        return won

    def _discard(self, result: StoredResult) -> None:
        try:
            self._media.delete([result.path])
        except MediaStoreUnavailable as error:
            log.warning("result_not_deleted", error=str(error))  # the cleanup finds it

    def _give_up(
        self, job: ClaimedJob, fault: ProviderFault, journal: Journal, deadline: Deadline, cancelled: threading.Event
    ) -> None:
        if cancelled.is_set():
            self._log_late(job, journal.take_unlogged())
        elif fault.kind is FaultKind.HANG:
            self._leave_to_time_out(job, journal, deadline, cancelled)
        else:
            self._fail(job, fault, journal, deadline)

    def _leave_to_time_out(
        self, job: ClaimedJob, journal: Journal, deadline: Deadline, cancelled: threading.Event
    ) -> None:
        """Nobody answered in time, and the booth learns it in time: at its deadline, from the side that waits."""
        cancelled.wait(max(0.0, deadline.remaining(time.monotonic()) - _UNATTENDED_SECONDS))
        self._log_late(job, journal.take_unlogged())

    def _fail(self, job: ClaimedJob, fault: ProviderFault, journal: Journal, deadline: Deadline) -> None:
        unlogged = journal.take_unlogged()
        last_moment = Pace(job.window_seconds).seconds(_LAST_MOMENT_SECONDS)
        if deadline.remaining(time.monotonic()) <= last_moment and not fault.permanent:
            self._log_late(job, unlogged)
            return
        failure = Failure(FailureReason.PROVIDER_ERROR, _detail(fault, journal.attempts))
        if not persistently(lambda: self._queue.finalize_failure(job, failure, unlogged), deadline):
            self._log_late(job, unlogged)

    def _log_late(self, job: ClaimedJob, attempts: Sequence[Attempt]) -> None:
        """What was asked of providers for a job that ended elsewhere has cost all the same."""
        if attempts:
            self._queue.log_attempts(job, attempts)

    def _make_previews(self, job_id: UUID, data: bytes) -> None:
        """The booth has its answer by now; a preview that fails is made again when somebody asks for it."""
        for size, max_side in PREVIEW_SIZES.items():
            try:
                self._media.write(preview_path(job_id, size), self._images.preview(data, max_side))
            except (MediaStoreUnavailable, Refused) as error:
                log.warning("preview_not_made", size=size, error=str(error))


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
