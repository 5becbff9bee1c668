"""Photos of posts: our own copies, so that no cleanup of results breaks a post."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import structlog

from app.domain.errors import MediaMissing, MediaStoreUnavailable, Reason, Refused
from app.domain.photo import PhotoState
from app.domain.vk.drafts import PhotoRef, Source
from app.domain.vk.errors import VkFileRefused, VkUnreachable
from app.domain.vk.media import VkPhoto
from app.domain.vk.posts import PostPhoto
from app.ports.media import ImageTool, MediaStore
from app.ports.photos import PhotoReader
from app.ports.vk.communities import VkCache

log = structlog.get_logger(__name__)

FOLDER = "posts"
"""Photos of posts lie under `posts/<post id>/`, one that was uploaded for a post to come under `posts/<its id>/`."""

_JPEG = "image/jpeg"

Fetch = Callable[[str], bytes]
"""Fetches a picture of VK's by its address; raises VkError."""

LookUp = Callable[[UUID, VkPhoto], VkPhoto | None]
"""A community's photo as VK has it now, None if it is gone; raises VkError."""


class PostPhotos:
    """What `prepare` makes of bytes is a JPEG that VK takes, as Uploads.prepare."""

    def __init__(
        self,
        *,
        media: MediaStore,
        images: ImageTool,
        results: PhotoReader,
        cache: VkCache,
        prepare: Callable[[bytes], bytes],
        fetch: Fetch,
        look_up: LookUp,
    ) -> None:
        self._media = media
        self._images = images
        self._results = results
        self._cache = cache
        self._prepare = prepare
        self._fetch = fetch
        self._look_up = look_up

    def keep_upload(self, data: bytes) -> PhotoRef:
        """Keep a file for a post that somebody is writing; it goes with the cleanup if none comes to have it.

        Raises VkFileRefused, and Refused as ImageTool.inspect does.
        """
        upload_id = uuid4()
        self._media.write(_upload_path(upload_id), self._prepare(data))
        return PhotoRef(Source.UPLOAD, str(upload_id))

    def copies(
        self, community_id: UUID, post_id: UUID, refs: Sequence[PhotoRef], own: Sequence[PostPhoto] = ()
    ) -> tuple[PostPhoto, ...]:
        """The post's photos in this order, copied unless they are its `own`.

        Raises Refused(INVALID_SETTINGS) for one that is not to be had; what was copied until then is deleted.
        """
        made: list[PostPhoto] = []
        try:
            for position, ref in enumerate(refs):
                made.append(self._copy(community_id, post_id, position, ref, own))
        except BaseException:
            self.forget(added(made, own))
            raise
        return tuple(made)

    def read(self, photo: PostPhoto) -> bytes | None:
        """None if our copy is lost."""
        try:
            return self._media.read(photo.path)
        except MediaMissing:
            return None

    def preview(self, path: str, max_side: int) -> bytes:
        """A WebP of a copy; raises Refused(NOT_FOUND)."""
        try:
            return self._images.preview(self._media.read(path), max_side)
        except MediaMissing:
            raise Refused(Reason.NOT_FOUND, "There is no such photo.") from None

    def upload_preview(self, upload_id: UUID, max_side: int) -> bytes:
        """The same of an upload."""
        return self.preview(_upload_path(upload_id), max_side)

    def forget(self, photos: Iterable[PostPhoto]) -> None:
        """Delete copies that no post has any more; what resists is left to the cleanup."""
        paths = [photo.path for photo in photos]
        if not paths:
            return
        try:
            self._media.delete(paths)
        except MediaStoreUnavailable as error:
            log.warning("post_photos_not_deleted", error=str(error))

    def in_album(self, community_id: UUID, album_id: int, photo_id: int) -> VkPhoto | None:
        """As the cache knows it."""
        photo = self._cache.photo(community_id, photo_id)
        return photo if photo and photo.album_id == album_id else None

    def _copy(
        self, community_id: UUID, post_id: UUID, position: int, ref: PhotoRef, own: Sequence[PostPhoto]
    ) -> PostPhoto:
        match ref.source:
            case Source.OWN:
                return replace(_own(ref, own), position=position)
            case Source.RESULT:
                return self._store(post_id, position, ref, self._result(ref), job_id=UUID(ref.id))
            case Source.UPLOAD:
                return self._store(post_id, position, ref, self._upload(ref))
            case Source.ALBUM:
                photo, data = self._of_album(community_id, ref)
                return self._store(post_id, position, ref, data, attachment=photo.attachment)

    def _store(self, post_id: UUID, position: int, ref: PhotoRef, data: bytes, **known: Any) -> PostPhoto:
        try:
            jpeg = self._prepare(data)
        except VkFileRefused:
            raise _not_to_be_had(ref, "photo_refused") from None
        width, height = self._images.size_of(jpeg)
        path = f"{FOLDER}/{post_id}/{uuid4().hex}.jpg"
        self._media.write(path, jpeg)
        return PostPhoto(position, path, _JPEG, len(jpeg), width, height, **known)

    def _of_album(self, community_id: UUID, ref: PhotoRef) -> tuple[VkPhoto, bytes]:
        """With what it shows. Addresses of VK's pictures do not last, so the cache may know one that is over."""
        album_id, photo_id = map(int, ref.id.split("_"))
        photo = self.in_album(community_id, album_id, photo_id)
        if photo is None:
            raise _not_to_be_had(ref)
        try:
            return photo, self._fetch(photo.url)
        except VkUnreachable:
            now = self._look_up(community_id, photo)
        if now is None:
            raise _not_to_be_had(ref)
        return now, self._fetch(now.url)

    def _result(self, ref: PhotoRef) -> bytes:
        """A photo that was taken back is published no more."""
        photo = self._results.find(UUID(ref.id))
        if photo is None or photo.state is not PhotoState.VISIBLE:
            raise _not_to_be_had(ref)
        return self._read(photo.result.path, ref)

    def _upload(self, ref: PhotoRef) -> bytes:
        return self._read(_upload_path(UUID(ref.id)), ref)

    def _read(self, path: str, ref: PhotoRef) -> bytes:
        try:
            return self._media.read(path)
        except MediaMissing:
            raise _not_to_be_had(ref) from None


def added(photos: Iterable[PostPhoto], own: Collection[PostPhoto]) -> list[PostPhoto]:
    """Those whose files are not among the post's own."""
    paths = {photo.path for photo in own}
    return [photo for photo in photos if photo.path not in paths]


def _own(ref: PhotoRef, own: Sequence[PostPhoto]) -> PostPhoto:
    found = next((photo for photo in own if photo.position == int(ref.id)), None)
    if found is None:
        raise _not_to_be_had(ref)
    return found


def _upload_path(upload_id: UUID) -> str:
    return f"{FOLDER}/{upload_id}/upload.jpg"


def _not_to_be_had(ref: PhotoRef, code: str = "photo_gone") -> Refused:
    problem = {"code": code, "photo": str(ref)}
    return Refused(Reason.INVALID_SETTINGS, "A photo cannot be used.", details={"fields": {"photos": problem}})
