"""The smaller pictures of a finished photo, made when its booth has its answer."""

import base64
from uuid import UUID

import structlog

from app.domain.errors import DatabaseUnavailable, MediaStoreUnavailable, Refused
from app.domain.job import preview_path
from app.domain.media import PLACEHOLDER_SIDE, PREVIEW_MAX_BYTES, PREVIEW_SIZES
from app.ports.media import ImageTool, MediaStore
from app.ports.photos import PhotoKeeper

log = structlog.get_logger(__name__)


class Previews:
    """A preview that fails is made again when somebody asks for it; a photo can be without a placeholder."""

    def __init__(self, media: MediaStore, images: ImageTool, photos: PhotoKeeper) -> None:
        self._media = media
        self._images = images
        self._photos = photos

    def make(self, job_id: UUID, picture: bytes) -> None:
        """One of each of PREVIEW_SIZES, and a placeholder. What goes wrong is in the log and nowhere else."""
        for size, max_side in PREVIEW_SIZES.items():
            try:
                preview = self._images.preview(picture, max_side, PREVIEW_MAX_BYTES.get(size))
                if size == "grid":
                    self._remember_placeholder(job_id, preview)
                self._media.write(preview_path(job_id, size), preview)
            except (MediaStoreUnavailable, Refused) as error:
                log.warning("preview_not_made", size=size, error=str(error))

    def _remember_placeholder(self, job_id: UUID, preview: bytes) -> None:
        tiny = self._images.preview(preview, PLACEHOLDER_SIDE)
        try:
            self._photos.set_placeholder(job_id, base64.b64encode(tiny).decode())
        except DatabaseUnavailable as error:
            log.warning("placeholder_not_kept", error=str(error))
