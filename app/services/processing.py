"""A claimed job runs to its end: payload, provider chain, result file, finalize."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import (
    DatabaseUnavailable,
    FaultKind,
    MediaMissing,
    MediaStoreUnavailable,
    ProviderFault,
    Reason,
    Refused,
)
from app.domain.job import (
    INLINE_RESULT_MAX_BYTES,
    Attempt,
    ClaimedJob,
    Failure,
    FailureReason,
    StoredResult,
    preview_path,
    result_path,
)
from app.domain.media import PREVIEW_SIZES, EncodedImage
from app.domain.slot import Step, output_of, steps_of
from app.ports.jobs import JobQueue
from app.ports.media import ImageTool, MediaStore, TemplateStore
from app.ports.providers import ProviderRegistry, ProviderRequest

log = structlog.get_logger(__name__)
T = TypeVar("T")

RESERVE_SECONDS = 0.5
"""What is kept of the window for storing and handing over a result; no attempt starts inside it."""

_DATABASE_RETRY_SECONDS = 0.2


class ProcessingService:
    """Runs one job at a time for each calling thread; everything it needs is in the job's snapshot."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        media: MediaStore,
        images: ImageTool,
        providers: ProviderRegistry,
        templates: TemplateStore,
    ) -> None:
        self._queue = queue
        self._media = media
        self._images = images
        self._providers = providers
        self._templates = templates

    def run(self, job: ClaimedJob, cancelled: threading.Event) -> None:
        """Bring the job to its end, unless `cancelled` says that it ended or belongs to somebody else."""
        deadline = Deadline(time.monotonic() + job.seconds_left)
        attempts: list[Attempt] = []
        try:
            image = self._picture(job, deadline, cancelled, attempts)
        except ProviderFault as fault:
            if not cancelled.is_set():
                self._fail(job, fault, attempts, deadline)
            return
        self._succeed(job, image, attempts, deadline)

    def _picture(
        self, job: ClaimedJob, deadline: Deadline, cancelled: threading.Event, attempts: list[Attempt]
    ) -> EncodedImage:
        """The first usable image of the chain; raises the last ProviderFault when no step gave one."""
        payload = self._read_payload(job)
        fault = ProviderFault(FaultKind.HANG, "The window was over before the first attempt.", permanent=False)
        for step in steps_of(job.settings):
            if cancelled.is_set() or deadline.remaining(time.monotonic()) <= RESERVE_SECONDS:
                break
            began = time.monotonic()
            try:
                image = self._attempt(job, step, payload, deadline, cancelled)
            except ProviderFault as error:
                fault = error
                attempts.append(_attempted(step, began, error))
                log.warning("attempt_failed", provider=step.provider, fault=error.kind.value, message=error.message)
                continue
            attempts.append(_attempted(step, began, None))
            return image
        raise fault

    def _read_payload(self, job: ClaimedJob) -> bytes:
        try:
            data = self._media.read(job.payload.path)
        except (MediaMissing, MediaStoreUnavailable) as error:
            raise ProviderFault(FaultKind.INTERNAL, "The shot cannot be read back.", permanent=False) from error
        if hashlib.sha256(data).hexdigest() != job.payload.sha256:
            log.error("payload_changed", path=job.payload.path)
            raise ProviderFault(FaultKind.INTERNAL, "The stored shot is damaged.", permanent=False)
        return data

    def _attempt(
        self, job: ClaimedJob, step: Step, payload: bytes, deadline: Deadline, cancelled: threading.Event
    ) -> EncodedImage:
        provider = self._providers.get(step.provider)
        if provider is None:
            raise ProviderFault(FaultKind.NOT_CONFIGURED, f"There is no provider {step.provider}.", permanent=True)
        output = output_of(job.settings)
        request = ProviderRequest(
            job_id=job.id,
            operation=step.operation,
            settings=step.settings,
            payload=payload,
            payload_mime_type=job.payload.mime_type,
            templates=self._read_templates(step, deadline),
            output=output,
            deadline=deadline,
            cancelled=cancelled,
        )
        try:
            return self._images.transcode(provider.run(request), output)
        except Refused as error:
            raise ProviderFault(FaultKind.INVALID_OUTPUT, error.message, permanent=False) from error
        except ProviderFault:
            raise
        except Exception as error:
            log.exception("provider_crashed", provider=step.provider)
            raise ProviderFault(FaultKind.INTERNAL, "The provider's adapter failed.", permanent=True) from error

    def _read_templates(self, step: Step, deadline: Deadline) -> dict[str, bytes]:
        spec = self._providers.spec(step.provider)
        operation = spec.operation(step.operation) if spec else None
        if operation is None:
            raise ProviderFault(
                FaultKind.NOT_CONFIGURED, f"{step.provider} has no operation {step.operation}.", permanent=True
            )
        given = ((f.name, step.settings.get(f.name)) for f in operation.template_fields)
        return {name: self._read_template(UUID(value), deadline) for name, value in given if value}

    def _read_template(self, template_id: UUID, deadline: Deadline) -> bytes:
        template = _persistently(lambda: self._templates.get(template_id), deadline)
        if template is None:
            raise ProviderFault(FaultKind.NOT_CONFIGURED, "A template image was deleted.", permanent=True)
        try:
            return self._media.read(template.path)
        except (MediaMissing, MediaStoreUnavailable) as error:
            raise ProviderFault(FaultKind.INTERNAL, "A template image cannot be read.", permanent=False) from error

    def _succeed(self, job: ClaimedJob, image: EncodedImage, attempts: list[Attempt], deadline: Deadline) -> None:
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
            self._fail(job, fault, attempts, deadline)
            return
        if self._finalize(job, result, image.data, attempts, deadline):
            self._make_previews(job.id, image.data)
        else:
            self._discard(result)

    def _finalize(
        self, job: ClaimedJob, result: StoredResult, data: bytes, attempts: list[Attempt], deadline: Deadline
    ) -> bool:
        inline = base64.b64encode(data).decode() if len(data) <= INLINE_RESULT_MAX_BYTES else None
        won = _persistently(lambda: self._queue.finalize_success(job, result, inline, attempts), deadline)
        log.info("job_succeeded" if won else "result_dropped", provider=attempts[-1].provider)
        return won

    def _discard(self, result: StoredResult) -> None:
        try:
            self._media.delete([result.path])
        except MediaStoreUnavailable as error:
            log.warning("result_not_deleted", error=str(error))  # the cleanup finds it

    def _fail(self, job: ClaimedJob, fault: ProviderFault, attempts: list[Attempt], deadline: Deadline) -> None:
        """A fault at the very end of the window is a timeout: the waiting side says so, not the worker."""
        if deadline.remaining(time.monotonic()) <= RESERVE_SECONDS and not fault.permanent:
            return
        unusable = bool(attempts) and all(a.fault == FaultKind.NOT_CONFIGURED for a in attempts)
        code = Reason.PROVIDER_UNAVAILABLE if unusable else Reason.PROVIDER_ERROR
        detail = {
            "code": code.value,
            "fault": fault.kind.value,
            "message": fault.message,
            "attempts": [{"provider": a.provider, "fault": a.fault, "duration_ms": a.duration_ms} for a in attempts],
        }
        failure = Failure(FailureReason.PROVIDER_ERROR, detail)
        _persistently(lambda: self._queue.finalize_failure(job, failure, attempts), deadline)

    def _make_previews(self, job_id: UUID, data: bytes) -> None:
        """The booth has its answer by now; a preview that fails is made again when somebody asks for it."""
        for size, max_side in PREVIEW_SIZES.items():
            try:
                self._media.write(preview_path(job_id, size), self._images.preview(data, max_side))
            except (MediaStoreUnavailable, Refused) as error:
                log.warning("preview_not_made", size=size, error=str(error))


def _attempted(step: Step, began: float, fault: ProviderFault | None) -> Attempt:
    return Attempt(
        provider=step.provider,
        operation=step.operation,
        duration_ms=round((time.monotonic() - began) * 1000),
        fault=fault.kind.value if fault else None,
        message=fault.message if fault else None,
    )


def _persistently(call: Callable[[], T], deadline: Deadline) -> T:
    """Repeat a call that is safe to repeat until the database is back or the window over.

    Giving up sooner would mean another attempt, and another call of the provider.
    """
    while True:
        try:
            return call()
        except DatabaseUnavailable as error:
            log.warning("database_waited_for", error=str(error))
            if deadline.remaining(time.monotonic()) == 0:
                raise
            time.sleep(_DATABASE_RETRY_SECONDS)
