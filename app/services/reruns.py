"""The shot of an earlier job, sent through its slot once more, as the slot is now."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import structlog

from app.domain.catalogue import Catalogue
from app.domain.errors import DatabaseUnavailable, MediaMissing, MediaStoreUnavailable, Reason, Refused
from app.domain.job import NewJob, Payload, QueuedJob, Source, payload_path
from app.domain.job_log import JobRecord
from app.domain.slot import Slot, Step
from app.ports.audit import AuditLog
from app.ports.jobs import JobQueue, JobReader
from app.ports.media import MediaStore
from app.ports.settings import RuntimeSettings
from app.ports.slots import SlotStore

log = structlog.get_logger(__name__)


class RerunService:
    def __init__(
        self,
        *,
        jobs: JobReader,
        slots: SlotStore,
        settings: RuntimeSettings,
        media: MediaStore,
        queue: JobQueue,
        audit: AuditLog,
        catalogue: Catalogue,
    ) -> None:
        self._jobs = jobs
        self._slots = slots
        self._settings = settings
        self._media = media
        self._queue = queue
        self._audit = audit
        self._catalogue = catalogue

    def prices(self, slot_id: str) -> Sequence[Decimal]:
        """What the slot's steps cost at present, US dollars for one picture each, the primary's first.

        A step that the catalogue does not know any more is never asked and costs nothing.
        """
        slot = self._slot(slot_id)
        return [self._price(step) for step in (slot.step, *slot.fallbacks)]

    def start(self, job_id: UUID, author: str) -> QueuedJob:
        """Queue the job's shot again, with what its booth told; the result is kept for administrators.

        Raises Refused: NOT_FOUND, PAYLOAD_EXPIRED once the shot is gone, or as ports.JobQueue.enqueue does.
        """
        record = self._jobs.record(job_id)
        if record is None:
            raise Refused(Reason.NOT_FOUND, "There is no such job.")
        job = self._copied(record)
        try:
            queued = self._enqueue(job)
        except Refused:
            with suppress(MediaStoreUnavailable):  # the cleanup finds it
                self._media.delete([job.payload.path])
            raise
        self._note(author, job_id, job)
        return queued

    def _enqueue(self, job: NewJob) -> QueuedJob:
        """Outside a transaction, which would hold up every booth until its end. A lost answer is asked for again."""
        try:
            return self._queue.enqueue(job)
        except DatabaseUnavailable:
            return self._queue.enqueue(job)

    def _note(self, author: str, job_id: UUID, job: NewJob) -> None:
        """What is queued is paid for: whoever was told of a failure now would queue it a second time."""
        try:
            detail = {"slot_id": job.slot_id, "new_job_id": str(job.id)}
            self._audit.record(author, "job.rerun", str(job_id), detail)
        except DatabaseUnavailable as error:
            log.warning("rerun_not_audited", username=author, job_id=str(job.id), error=str(error))

    def _copied(self, record: JobRecord) -> NewJob:
        """The file is the new job's own: the old one goes when its window is over."""
        if record.payload is None:
            raise _gone(record.view.id)
        slot, window = self._slot(record.view.slot_id), self._settings.sync_response_seconds()
        job_id = UUID(bytes=secrets.token_bytes(16))
        payload = replace(record.payload, path=payload_path(job_id, record.payload.mime_type))
        self._copy(record.view.id, record.payload, payload)
        return NewJob(job_id, slot.id, Source.RERUN, slot.snapshot(), record.booth_fields, payload, window, 0.0)

    def _copy(self, job_id: UUID, old: Payload, new: Payload) -> None:
        try:
            stream, _ = self._media.open(old.path)
        except MediaMissing:
            raise _gone(job_id) from None
        with stream:
            self._media.write(new.path, stream)

    def _slot(self, slot_id: str) -> Slot:
        slot = self._slots.get(slot_id)
        if slot is None:
            raise Refused(Reason.SLOT_NOT_FOUND, "There is no such slot.", details={"slot_id": slot_id})
        return slot

    def _price(self, step: Step) -> Decimal:
        operation = self._catalogue.operation(step.provider, step.operation)
        if operation is None:
            return Decimal(0)
        model = operation.model(step.settings)
        return model.price(operation.known_to(model, step.settings))


def _gone(job_id: UUID) -> Refused:
    message = "The shot has been deleted: it is kept until soon after its window."
    return Refused(Reason.PAYLOAD_EXPIRED, message, details={"job_id": str(job_id)})
