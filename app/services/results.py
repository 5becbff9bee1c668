"""Finished pictures for guests and galleries, while their time lasts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO
from uuid import UUID

import structlog

from app.domain.catalogue import InputLimits
from app.domain.errors import MediaMissing, MediaStoreUnavailable, Reason, Refused
from app.domain.job import StoredResult, jpeg_path, preview_path
from app.domain.media import FULL, PREVIEW_MAX_BYTES, PREVIEW_SIZES
from app.domain.photo import Photo, PhotoState
from app.ports.jobs import JobReader
from app.ports.media import ImageTool, MediaStore
from app.ports.photos import PhotoReader
from app.ports.settings import RuntimeSettings

log = structlog.get_logger(__name__)

_AS_JPEG = InputLimits(("image/jpeg",), max_bytes=32_000_000, max_side=10_000)
_TURN_SECONDS = 2.0  # that a web thread waits for the pictures of others
_RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result whose file is there; `checksum` is SHA-256 in hex.

    Nothing of it is read before `open` is called, for a seekable stream. That raises Refused(RESULT_EXPIRED) if the
    file has gone since.
    """

    open: Callable[[], BinaryIO]
    size_bytes: int
    mime_type: str
    checksum: str
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A WebP that is read by `read` alone, which makes it if need be; `size` is in bytes.

    Both raise Refused(RESULT_EXPIRED) if it would have to be made of a picture that is missing or damaged.
    """

    read: Callable[[], bytes]
    size: Callable[[], int]


class ResultService:
    """`withdrawn_too` is for administrators, who also see what was hidden or deleted, while its file is there."""

    def __init__(
        self,
        *,
        jobs: JobReader,
        photos: PhotoReader,
        media: MediaStore,
        images: ImageTool,
        settings: RuntimeSettings,
    ) -> None:
        self._jobs = jobs
        self._photos = photos
        self._media = media
        self._images = images
        self._settings = settings
        self._making_jpeg = Lock()
        self._showing_shot = Lock()

    def photo(self, job_id: UUID, *, withdrawn_too: bool = False) -> Photo:
        """The photo of a job.

        Raises Refused: NOT_FOUND for a stranger's or failed job, RESULT_WITHDRAWN for a picture that was hidden or
        deleted, RESULT_EXPIRED once its time is over.
        """
        photo = self._photos.find(job_id)
        if photo is not None and (withdrawn_too or photo.state is PhotoState.VISIBLE):
            return photo
        job = self._jobs.get(job_id)
        if job is not None and job.is_withdrawn:
            raise Refused(Reason.RESULT_WITHDRAWN, "This picture was taken back and is not shown any more.")
        if job is not None and job.result_expires_at is not None:
            raise _expired()
        raise Refused(Reason.NOT_FOUND, "There is no such result.")

    def file(self, job_id: UUID, *, withdrawn_too: bool = False) -> ResultFile:
        """The picture itself; raises Refused as `available`."""
        photo = self.available(job_id, withdrawn_too=withdrawn_too)
        result, name = photo.result, photo.file_name(self._settings.time_zone())
        return ResultFile(lambda: self._whole(result), result.size_bytes, result.mime_type, result.checksum, name)

    def available(self, job_id: UUID, *, withdrawn_too: bool = False) -> Photo:
        """The photo of a job if its file is there, which is not read.

        Raises Refused as `photo`, and RESULT_EXPIRED if its file is missing or damaged.
        """
        photo = self.photo(job_id, withdrawn_too=withdrawn_too)
        try:
            size = self._media.size(photo.result.path)
        except MediaMissing:
            raise _missing(photo.result) from None
        _check_size(photo.result, size)
        return photo

    def preview(self, job_id: UUID, size: str, *, withdrawn_too: bool = False) -> Preview:
        """The picture in one of PREVIEW_SIZES; raises Refused as `photo`."""
        if size not in PREVIEW_SIZES:
            raise Refused(Reason.NOT_FOUND, "There is no such preview.", details={"allowed": list(PREVIEW_SIZES)})
        result = self.photo(job_id, withdrawn_too=withdrawn_too).result
        path = preview_path(job_id, size)

        def read() -> bytes:
            return self._kept(path, lambda: self._make_preview(result, size))

        return Preview(read, lambda: self._size_of_kept(path) or len(read()))

    def as_jpeg(self, job_id: UUID, size: str) -> bytes:
        """The picture in one of JPEG_SIZES for phones that know no WebP, made when it is first asked for.

        Raises Refused as `available`, and QUEUE_UNAVAILABLE if it would have to wait for those of others.
        """
        result = self.photo(job_id).result
        path = jpeg_path(job_id, size)
        with suppress(MediaMissing):
            return self._media.read(path)
        with _one_at_a_time(self._making_jpeg):
            return self._kept(path, lambda: self._make_jpeg(job_id, result, size))

    def shot(self, job_id: UUID, max_side: int) -> bytes:
        """A WebP of the photo as it came, made anew each time: nothing of it may outlive the shot.

        Raises Refused: NOT_FOUND once the shot is gone, QUEUE_UNAVAILABLE as `as_jpeg`.
        """
        record = self._jobs.record(job_id)
        if record is None or record.payload is None:
            raise _no_shot()
        try:
            with _one_at_a_time(self._showing_shot):
                return self._images.preview(self._media.read(record.payload.path), max_side)
        except MediaMissing:
            raise _no_shot() from None

    def _whole(self, result: StoredResult) -> BinaryIO:
        """A file that was cut or replaced is as gone as a missing one: its checksum would be told of other bytes."""
        try:
            stream, size = self._media.open(result.path)
        except MediaMissing:
            raise _missing(result) from None
        try:
            _check_size(result, size)
        except Refused:
            stream.close()
            raise
        return stream

    def _read(self, result: StoredResult) -> bytes:
        with self._whole(result) as stream:
            return stream.read()

    def _kept(self, path: str, make: Callable[[], bytes]) -> bytes:
        """What is there under `path`; what is not is made and, if there is room, kept."""
        with suppress(MediaMissing):
            return self._media.read(path)
        data = make()
        try:
            self._media.write(path, data)
        except MediaStoreUnavailable as error:
            log.warning("preview_not_kept", error=str(error))
        return data

    def _size_of_kept(self, path: str) -> int | None:
        with suppress(MediaMissing):
            return self._media.size(path)
        return None

    def _make_jpeg(self, job_id: UUID, result: StoredResult, size: str) -> bytes:
        is_full = size == FULL
        data = self._read(result) if is_full else self.preview(job_id, size).read()
        try:
            return self._images.convert(data, result.mime_type if is_full else "image/webp", _AS_JPEG)[0]
        except Refused as error:
            raise _damaged(result, error.message) from error

    def _make_preview(self, result: StoredResult, size: str) -> bytes:
        data = self._read(result)
        try:
            return self._images.preview(data, PREVIEW_SIZES[size], PREVIEW_MAX_BYTES.get(size))
        except Refused as error:
            raise _damaged(result, error.message) from error


@contextmanager
def _one_at_a_time(turn: Lock) -> Iterator[None]:
    """Decoding has one line for all, and booths' shots must not stand behind everything that people look at."""
    if not turn.acquire(timeout=_TURN_SECONDS):
        raise Refused(
            Reason.QUEUE_UNAVAILABLE,
            "Other pictures are being converted at the moment; try again shortly.",
            retry_after=_RETRY_SECONDS,
        )
    try:
        yield
    finally:
        turn.release()


def _no_shot() -> Refused:
    return Refused(Reason.NOT_FOUND, "The photo as it came is not kept any more.")


def _missing(result: StoredResult) -> Refused:
    return _damaged(result, "the file is missing")


def _check_size(result: StoredResult, size: int) -> None:
    if size != result.size_bytes:
        raise _damaged(result, f"the file has {size} bytes instead of {result.size_bytes}")


def _damaged(result: StoredResult, problem: str) -> Refused:
    log.error("result_unreadable", path=result.path, error=problem)
    return _expired()


def _expired() -> Refused:
    return Refused(Reason.RESULT_EXPIRED, "This picture was kept for its time and has been deleted.")
