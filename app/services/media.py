"""Temporary public files: what a provider, or a program of the studio, fetches while a photo's window lasts."""

import io
import secrets
from typing import BinaryIO
from uuid import UUID

import structlog

from app.domain.errors import FaultKind, MediaMissing, ProviderFault, Reason, Refused, Unavailable
from app.domain.job import ClaimedJob, extension
from app.domain.media import MediaObject
from app.domain.uploads import check_size
from app.ports.media import ImageTool, MediaObjectStore, MediaStore
from app.ports.settings import RuntimeSettings

log = structlog.get_logger(__name__)


class MediaService:
    """Implements ports.MediaLinks. T_public_link_ttl is T_sync_response, and no file is ever given more.

    `base_url` is this installation's public address without a slash at its end, None if it has none.
    """

    def __init__(
        self,
        *,
        objects: MediaObjectStore,
        media: MediaStore,
        images: ImageTool,
        settings: RuntimeSettings,
        base_url: str | None,
        max_upload_bytes: int,
    ) -> None:
        self._objects = objects
        self._media = media
        self._images = images
        self._settings = settings
        self._base_url = base_url
        self._max_upload_bytes = max_upload_bytes

    def register(self, stream: BinaryIO, size_bytes: int, author: str) -> MediaObject:
        """Store an uploaded image; raises Refused for what is no acceptable image or too large."""
        check_size(size_bytes, self._max_upload_bytes)
        info = self._images.inspect(stream)
        lifetime = self._settings.sync_response_seconds()
        found = self._keep(stream, size_bytes, info.mime_type, None, lifetime)
        log.info("media_registered", media_id=str(found.id), size_bytes=size_bytes, author=author)
        return found

    def publish(self, job: ClaimedJob, data: bytes, mime_type: str) -> str:
        if self._base_url is None:
            message = "This installation has no public address for providers to fetch photos from: PUBLIC_BASE_URL."
            raise ProviderFault(FaultKind.NOT_CONFIGURED, message, permanent=True)
        try:
            found = self._keep(io.BytesIO(data), len(data), mime_type, job.id, job.window_seconds)
        except Unavailable as error:
            message = "The photo could not be given a public address."
            raise ProviderFault(FaultKind.INTERNAL, message, permanent=False) from error
        return f"{self._base_url}/public/media/{found.id}"

    def open(self, media_id: UUID) -> tuple[MediaObject, BinaryIO]:
        """The file and a seekable reader of its bytes; raises Refused: NOT_FOUND, or MEDIA_EXPIRED once it is over.

        It is over when its time is, and when the file is missing or damaged.
        """
        found = self._objects.get(media_id)
        if found is None:
            raise Refused(Reason.NOT_FOUND, "There is no such file.")
        if found.path is None or not found.is_available:
            raise _expired()
        return found, self._whole(found.path, found.size_bytes)

    def _keep(
        self, stream: BinaryIO, size_bytes: int, mime_type: str, job_id: UUID | None, lifetime_seconds: float
    ) -> MediaObject:
        media_id = UUID(bytes=secrets.token_bytes(16))
        path = f"media/{media_id}.{extension(mime_type)}"
        self._media.write(path, stream)
        # If this fails the row may be there nevertheless, so the file stays; without a row it is the cleanup's.
        return self._objects.add(media_id, path, mime_type, size_bytes, job_id, lifetime_seconds)

    def _whole(self, path: str, size_bytes: int) -> BinaryIO:
        """A cut file must not pass for the photo: a provider would bill for whatever it makes of it."""
        try:
            stream, size = self._media.open(path)
        except MediaMissing:
            log.error("media_missing", path=path)
            raise _expired() from None
        if size == size_bytes:
            return stream
        stream.close()
        log.error("media_cut", path=path, size_bytes=size, expected_bytes=size_bytes)
        raise _expired()


def _expired() -> Refused:
    return Refused(Reason.MEDIA_EXPIRED, "This file was public for its time, which is over.")
