"""A look at an album: which of the photos whose upload nobody answered have come to it."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from uuid import UUID

from app.domain.errors import MediaMissing
from app.domain.vk.filling import found_again
from app.domain.vk.media import VkPhoto
from app.ports.media import MediaStore
from app.ports.vk.filling import AlbumBatch, AlbumUpload, AlbumUploads, SamePicture
from app.services.vk.filled_albums import AlbumFinder
from app.services.vk.media import VkMediaService

_NEWEST = 200


class AlbumLook:
    """Nothing of a photo comes back from VK but its picture, smaller and compressed anew: so pictures are compared.

    `fetch` gets one of VK's by its address; it raises VkError.
    """

    def __init__(
        self,
        *,
        uploads: AlbumUploads,
        albums: AlbumFinder,
        vk: VkMediaService,
        media: MediaStore,
        fetch: Callable[[str], bytes],
        is_same: SamePicture,
    ) -> None:
        self._uploads = uploads
        self._albums = albums
        self._vk = vk
        self._media = media
        self._fetch = fetch
        self._is_same = is_same

    def found(self, batch: AlbumBatch, sent_at: datetime) -> dict[UUID, int]:
        """VK's ids of the photos of the batch that are in its album.

        Raises as AlbumFinder.album_for and VkMediaService.refresh_photos, and VkError, Refused and
        MediaStoreUnavailable for pictures that cannot be compared now.
        """
        album = self._albums.album_for(batch.community_id, batch.key)
        newest = self._vk.refresh_photos(batch.community_id, album.album_id, _NEWEST).items
        known = self._uploads.known(batch.community_id, [photo.photo_id for photo in newest])
        sizes = [(upload.width, upload.height) for upload in batch.uploads]
        places = found_again(sizes, sent_at, newest, known, self._shows(batch))
        return {batch.uploads[place].job_id: photo_id for place, photo_id in places.items()}

    def _shows(self, batch: AlbumBatch) -> Callable[[VkPhoto, int], bool]:
        fetched = cache(self._fetch)

        def shows(photo: VkPhoto, position: int) -> bool:
            ours = self._ours(batch.uploads[position])
            if ours is None or not photo.preview_url:
                return True
            return self._is_same(ours, fetched(photo.preview_url))

        return shows

    def _ours(self, upload: AlbumUpload) -> bytes | None:
        """None once it is gone: it could not be sent again either."""
        try:
            return content_of(self._media, upload)
        except MediaMissing:
            return None


def content_of(media: MediaStore, upload: AlbumUpload) -> bytes:
    """Raises MediaMissing, also for bytes that are not those that were stored."""
    if not upload.path:
        raise MediaMissing(upload.path)
    content = media.read(upload.path)
    if hashlib.sha256(content).hexdigest() != upload.checksum:
        raise MediaMissing(upload.path)
    return content
