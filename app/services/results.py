"""Finished pictures for guests and galleries, while their time lasts."""

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

import structlog

from app.domain.catalogue import InputLimits
from app.domain.errors import MediaMissing, MediaStoreUnavailable, Reason, Refused
from app.domain.job import StoredResult, preview_path
from app.domain.media import PREVIEW_SIZES
from app.domain.photo import Photo, PhotoState
from app.ports.jobs import JobReader
from app.ports.media import ImageTool, MediaStore
from app.ports.photos import PhotoReader
from app.ports.settings import RuntimeSettings

log = structlog.get_logger(__name__)

FULL = "full"
"""The size of the picture itself, beside those of PREVIEW_SIZES."""

_AS_JPEG = InputLimits(("image/jpeg",), max_bytes=32_000_000, max_side=10_000)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result ready to be sent: `stream` is seekable, `checksum` is SHA-256 in hex."""

    stream: BinaryIO
    size_bytes: int
    mime_type: str
    checksum: str
    name: str


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

    def open(self, job_id: UUID, *, withdrawn_too: bool = False) -> ResultFile:
        """The picture itself; raises Refused as `photo`, and RESULT_EXPIRED if its file is missing or damaged."""
        photo = self.photo(job_id, withdrawn_too=withdrawn_too)
        result = photo.result
        stream = self._whole(result)
        name = photo.file_name(self._settings.time_zone())
        return ResultFile(stream, result.size_bytes, result.mime_type, result.checksum, name)

    def preview(self, job_id: UUID, size: str, *, withdrawn_too: bool = False) -> bytes:
        """A WebP of one of PREVIEW_SIZES, made now if the worker has not yet; raises Refused as `open`."""
        if size not in PREVIEW_SIZES:
            raise Refused(Reason.NOT_FOUND, "There is no such preview.", details={"allowed": list(PREVIEW_SIZES)})
        result = self.photo(job_id, withdrawn_too=withdrawn_too).result
        path = preview_path(job_id, size)
        try:
            return self._media.read(path)
        except MediaMissing:
            pass
        data = self._make_preview(result, PREVIEW_SIZES[size])
        try:
            self._media.write(path, data)
        except MediaStoreUnavailable as error:
            log.warning("preview_not_kept", error=str(error))
        return data

    def as_jpeg(self, job_id: UUID, size: str) -> bytes:
        """The picture, FULL or a preview, for phones that know no WebP; raises Refused as `preview`."""
        result = self.photo(job_id).result
        is_full = size == FULL
        data = self._read(result) if is_full else self.preview(job_id, size)
        try:
            return self._images.convert(data, result.mime_type if is_full else "image/webp", _AS_JPEG)[0]
        except Refused as error:
            raise _damaged(result, error.message) from error

    def shot(self, job_id: UUID, max_side: int) -> bytes:
        """A WebP of the photo as it came, which is kept for minutes; raises Refused(NOT_FOUND) once it is gone."""
        record = self._jobs.record(job_id)
        if record is None or record.payload is None:
            raise _no_shot()
        try:
            return self._images.preview(self._media.read(record.payload.path), max_side)
        except MediaMissing:
            raise _no_shot() from None

    def _whole(self, result: StoredResult) -> BinaryIO:
        """A file that was cut or replaced is as gone as a missing one: its checksum would be told of other bytes."""
        try:
            stream, size = self._media.open(result.path)
        except MediaMissing:
            raise _damaged(result, "the file is missing") from None
        if size != result.size_bytes:
            stream.close()
            raise _damaged(result, f"the file has {size} bytes instead of {result.size_bytes}")
        return stream

    def _read(self, result: StoredResult) -> bytes:
        with self._whole(result) as stream:
            return stream.read()

    def _make_preview(self, result: StoredResult, max_side: int) -> bytes:
        data = self._read(result)
        try:
            return self._images.preview(data, max_side)
        except Refused as error:
            raise _damaged(result, error.message) from error


def _no_shot() -> Refused:
    return Refused(Reason.NOT_FOUND, "The photo as it came is not kept any more.")


def _damaged(result: StoredResult, problem: str) -> Refused:
    log.error("result_unreadable", path=result.path, error=problem)
    return _expired()


def _expired() -> Refused:
    return Refused(Reason.RESULT_EXPIRED, "This picture was kept for its time and has been deleted.")
