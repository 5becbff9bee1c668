"""A shot goes in, the finished image comes back in time: the whole path of a request, in order."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar
from uuid import UUID

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, MediaMissing, MediaStoreUnavailable, Reason, Refused, Unavailable
from app.domain.job import (
    Failure,
    FailureReason,
    FinishedJob,
    NewJob,
    Payload,
    QueuedJob,
    Source,
    StoredResult,
    payload_path,
)
from app.domain.media import ImageInfo
from app.domain.networks import network_of
from app.domain.refusals import refusal_of
from app.domain.slot import Slot
from app.domain.text import storable
from app.domain.uploads import check_size
from app.ports.access import BoothGuard
from app.ports.jobs import JobQueue, ResultWait, WaitAbandoned, WaitInterrupted
from app.ports.media import ImageTool, MediaStore
from app.ports.settings import RuntimeSettings
from app.ports.slots import SlotStore
from app.ports.upkeep import RequestLog

log = structlog.get_logger(__name__)
T = TypeVar("T")

_DATABASE_PATIENCE_SECONDS = 3.0  # a restart of PostgreSQL takes less, and costs no shot then
_RETRY_SECONDS = 0.1
_SLOT_ID_MAX = 100  # an address may name a slot that is none, at any length
_UNAVAILABLE_RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part as it came; `stream` is seekable and at its start, `size_bytes` is the real one."""

    filename: str
    stream: BinaryIO
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Shot:
    """A booth's request. `received_at` is on this process's monotonic clock, `client` the address of the sender."""

    slot_id: str
    uploads: Sequence[Upload]
    password: str
    fields: Mapping[str, str]
    client: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The finished image for the booth."""

    job_id: UUID
    data: bytes
    mime_type: str


class IngestService:
    """Takes shots from booths (`receive`) and from administrators who try a slot (`submit`)."""

    def __init__(
        self,
        *,
        slots: SlotStore,
        settings: RuntimeSettings,
        guard: BoothGuard,
        images: ImageTool,
        media: MediaStore,
        queue: JobQueue,
        waiting: ResultWait,
        request_log: RequestLog,
        held_max: int,
        max_upload_bytes: int,
    ) -> None:
        self._slots = slots
        self._settings = settings
        self._guard = guard
        self._images = images
        self._media = media
        self._queue = queue
        self._waiting = waiting
        self._request_log = request_log
        self._held = threading.BoundedSemaphore(held_max)
        self._held_max = held_max
        self._max_upload_bytes = max_upload_bytes

    def receive(self, shot: Shot, is_gone: Callable[[], bool]) -> Answer:
        """Queue the shot and hold the request until its result or its deadline.

        Raises Refused with every code of the ingest table; `details["job_id"]` is set once there is a job.
        """
        try:
            with self._place():
                return self._receive(shot, is_gone)
        except Unavailable as error:
            log.error("ingest_unavailable", slot_id=shot.slot_id, error=str(error))
            refusal = _unavailable()
            self._note_refusal(shot, refusal)
            raise refusal from error
        except Refused as refusal:
            self._note_refusal(shot, refusal)
            raise

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the places for held requests; who finds none is told at once."""
        if not self._held.acquire(blocking=False):
            raise Refused(
                Reason.QUEUE_UNAVAILABLE,
                f"This server holds {self._held_max} requests, which is the most allowed; send again in a moment.",
                details={"held_max": self._held_max},
                retry_after=_UNAVAILABLE_RETRY_SECONDS,
            )
        try:
            yield
        finally:
            self._held.release()

    def submit(self, slot: Slot, upload: Upload, source: Source) -> QueuedJob:
        """Queue a photo for `slot` as given, saved or not, without waiting; raises Refused as `receive` does."""
        window = _patiently(self._settings.sync_response_seconds)
        return self._enqueue(slot, [upload], {}, source, time.monotonic(), window)

    def _receive(self, shot: Shot, is_gone: Callable[[], bool]) -> Answer:
        window = _patiently(self._settings.sync_response_seconds)
        deadline = Deadline(shot.received_at + window)
        slot = self._admit(shot)
        job = self._enqueue(slot, shot.uploads, shot.fields, Source.INGEST, shot.received_at, window)
        structlog.contextvars.bind_contextvars(job_id=str(job.id))
        log.info("job_queued", slot_id=slot.id, seconds_left=round(job.seconds_left, 2))
        for upload in shot.uploads:
            upload.stream.close()
        return self._answer(self._hold(job, deadline, is_gone))

    def _admit(self, shot: Shot) -> Slot:
        slot = _patiently(lambda: self._slots.get(shot.slot_id))
        if slot is None:
            raise Refused(
                Reason.SLOT_NOT_FOUND,
                "There is no such slot; the slots are slot-001 to slot-015.",
                details={"slot_id": shot.slot_id},
            )
        _patiently(lambda: self._guard.check(shot.slot_id, shot.client, shot.password))
        if not slot.is_active:
            raise Refused(Reason.SLOT_DISABLED, "This slot is paused.", details={"slot_id": slot.id})
        return slot

    def _enqueue(
        self,
        slot: Slot,
        uploads: Sequence[Upload],
        fields: Mapping[str, str],
        source: Source,
        received_at: float,
        window: float,
    ) -> QueuedJob:
        upload, info = self._choose(uploads)
        job_id = UUID(bytes=secrets.token_bytes(16))
        payload = self._store(job_id, upload, info)
        job = NewJob(job_id, slot.id, source, slot.snapshot(), fields, payload, window, age_seconds=0.0)
        try:
            return _patiently(lambda: self._queue.enqueue(replace(job, age_seconds=time.monotonic() - received_at)))
        except Refused:
            self._discard(payload)
            raise

    def _choose(self, uploads: Sequence[Upload]) -> tuple[Upload, ImageInfo]:
        """The first acceptable image; if there is none, the first file's refusal."""
        refusals: list[Refused] = []
        for place, upload in enumerate(uploads, start=1):
            try:
                info = self._inspect(upload)
            except Refused as refusal:
                refusals.append(refusal)
                continue
            if len(uploads) > 1:
                log.info("one_of_several_files", taken=place, files=len(uploads))
            return upload, info
        if refusals:
            raise refusals[0]
        raise Refused(
            Reason.INVALID_REQUEST,
            "The form has no photo: send it as a file part named fileToUpload, file or image.",
            details={"allowed": ["fileToUpload", "file", "image"]},
        )

    def _inspect(self, upload: Upload) -> ImageInfo:
        check_size(upload.size_bytes, self._max_upload_bytes)
        return self._images.inspect(upload.stream)

    def _store(self, job_id: UUID, upload: Upload, info: ImageInfo) -> Payload:
        digest = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # wants readinto
        upload.stream.seek(0)
        path = payload_path(job_id, info.mime_type)
        self._media.write(path, upload.stream)
        return Payload(path, info.mime_type, upload.size_bytes, digest)

    def _discard(self, payload: Payload) -> None:
        try:
            self._media.delete([payload.path])
        except MediaStoreUnavailable as error:
            log.warning("payload_not_deleted", error=str(error))  # the cleanup finds it

    def _hold(self, job: QueuedJob, deadline: Deadline, is_gone: Callable[[], bool]) -> FinishedJob:
        try:
            finished = self._waiting.wait(job, deadline, is_gone)
        except WaitAbandoned:
            return self._end(job, Failure(FailureReason.CANCELLED, {"by": "booth"}))
        except WaitInterrupted:
            return self._end(job, Failure(FailureReason.CANCELLED, {"by": "shutdown"}))
        return finished or self._end(job, Failure(FailureReason.TIMEOUT))

    def _end(self, job: QueuedJob, failure: Failure) -> FinishedJob:
        """End the job for everybody. Without a database the answer is the same: no success is possible any more
        after the deadline, and the rescue writes it down later."""
        try:
            return self._queue.end_waiting(job.id, failure)
        except DatabaseUnavailable as error:
            log.error("job_end_not_written", error=str(error))
            return FinishedJob(job.id, job.expires_at, None, failure)

    def _answer(self, finished: FinishedJob) -> Answer:
        if finished.result is None:
            raise refusal_of(finished)
        try:
            data = self._result_bytes(finished.result, finished.inline_base64)
        except (MediaMissing, MediaStoreUnavailable) as error:
            log.error("result_unreadable", path=finished.result.path, error=str(error))
            raise _unavailable(job_id=str(finished.id)) from error
        log.info("job_answered", size_bytes=len(data))
        return Answer(finished.id, data, finished.result.mime_type)

    def _result_bytes(self, result: StoredResult, inline_base64: str | None) -> bytes:
        data = self._media.read(result.path) if inline_base64 is None else base64.b64decode(inline_base64)
        if hashlib.sha256(data).hexdigest() != result.checksum:
            raise MediaMissing(f"{result.path} is not what was stored")
        return data

    def _note_refusal(self, shot: Shot, refusal: Refused) -> None:
        if "job_id" in refusal.details:
            log.info("ingest_refused", slot_id=shot.slot_id, reason=refusal.reason.value)
        else:
            self.note_refused(shot.slot_id, refusal.reason.value, shot.client)

    def note_refused(self, slot_id: str, reason: str, client: str) -> None:
        """Log a request that was refused without a job; `reason` is the code that its sender was told."""
        known = storable(slot_id, _SLOT_ID_MAX)
        log.info("ingest_refused", slot_id=known, reason=reason)
        goes_on = reason == Reason.TOO_MANY_ATTEMPTS.value  # who guesses and guesses must not fill the log
        detail = {"client": client} | ({"network": network_of(client)} if goes_on else {})
        try:
            self._request_log.refused(known, reason, detail, once_a_minute=goes_on)
        except DatabaseUnavailable as error:
            log.warning("refusal_not_logged", error=str(error))


def _patiently(call: Callable[[], T]) -> T:
    """Repeat a call that is safe to repeat while the database comes back."""
    give_up_at = time.monotonic() + _DATABASE_PATIENCE_SECONDS
    while True:
        try:
            return call()
        except DatabaseUnavailable:
            if time.monotonic() >= give_up_at:
                raise
            time.sleep(_RETRY_SECONDS)


def _unavailable(**details: str) -> Refused:
    return Refused(
        Reason.QUEUE_UNAVAILABLE,
        "The queue or the media store does not answer at the moment; send the shot again shortly.",
        details=details,
        retry_after=_UNAVAILABLE_RETRY_SECONDS,
    )
