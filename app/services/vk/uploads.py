"""Photos on their way to VK: https://dev.vk.com/ru/api/upload/album-photos and …/wall-photos.

Three steps each, all with one token: an upload address, the files to it, and what it answers saved as photos.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any, TypeVar

from app.domain.catalogue import InputLimits
from app.domain.vk.errors import VkError, VkFileRefused, VkOutcomeUnknown, VkUploadFailed
from app.domain.vk.media import ASPECT_MAX, CAPTION_MAX, FILE_BYTES_MAX, SIDES_MAX, UPLOAD_MAX, VkPhoto
from app.ports.media import ImageTool
from app.ports.vk.api import UploadFile, VkApi, VkToken
from app.services.vk.answers import photo_of

Outcome = TypeVar("Outcome")

_TRIES = 2
_JPEG = "image/jpeg"


class Uploads:
    """Both kinds of uploads. What they take as photos is what `prepare` returned."""

    def __init__(self, *, api: VkApi, images: ImageTool) -> None:
        self._api = api
        self._images = images

    def prepare(self, data: bytes) -> bytes:
        """A JPEG that VK takes: upright, without metadata, inside VK's limits of bytes and sides.

        Raises VkFileRefused for proportions that VK takes from nobody, and Refused as ImageTool.inspect does.
        """
        info = self._images.inspect(BytesIO(data))
        short, long = sorted((info.width, info.height))
        if long > ASPECT_MAX * short:
            message = f"The longer side may be at most {ASPECT_MAX:.0f} times the shorter one."
            raise VkFileRefused(message, details={"max_aspect": ASPECT_MAX, "width": info.width, "height": info.height})
        limits = InputLimits((_JPEG,), FILE_BYTES_MAX, min(long, SIDES_MAX * long // (long + short)))
        jpeg, _ = self._images.convert(data, info.mime_type, limits)
        return jpeg

    def upload_wall_photo(
        self,
        token: VkToken,
        group_id: int,
        photo: bytes,
        *,
        may_repeat: Callable[[], bool] = lambda: True,
    ) -> VkPhoto:
        """Upload a photo for a post. Nobody sees it before it is in one, so whatever is lost is tried again.

        Not if `may_repeat` says no when it comes to that.
        """
        chain = _Chain(self._api, token, group_id)
        return _tenaciously(lambda: chain.to_wall(photo), (VkUploadFailed, VkOutcomeUnknown), may_repeat)

    def upload_album_photos(
        self,
        token: VkToken,
        group_id: int,
        album_id: int,
        photos: Sequence[bytes],
        *,
        caption: str = "",
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> list[VkPhoto]:
        """Upload one to UPLOAD_MAX photos to an album, all or none; returns them in the order of `photos`.

        `may_go_on` is asked before they are saved, and before they are uploaded once more. If it says no they are not,
        and VkUploadFailed is raised. Raises VkOutcomeUnknown if nobody knows whether they are in the album now: look
        before sending them again.
        """
        if not 1 <= len(photos) <= UPLOAD_MAX:
            raise ValueError(f"one to {UPLOAD_MAX} photos, not {len(photos)}")
        chain = _Chain(self._api, token, group_id)
        return _tenaciously(lambda: chain.to_album(album_id, photos, caption, may_go_on), (VkUploadFailed,), may_go_on)


class _Chain:
    """The steps, which belong to one token and one community."""

    def __init__(self, api: VkApi, token: VkToken, group_id: int) -> None:
        self._api = api
        self._token = token
        self._group_id = group_id

    def to_wall(self, photo: bytes) -> VkPhoto:
        url = self._address("photos.getWallUploadServer")
        sent = self._api.upload(url, {"photo": UploadFile("photo.jpg", photo)})
        _count(sent, "photo")
        fields = {name: sent.get(name) for name in ("server", "photo", "hash")}
        [saved] = self._save("photos.saveWallPhoto", 1, fields)
        return saved

    def to_album(
        self, album_id: int, photos: Sequence[bytes], caption: str, may_save: Callable[[], bool]
    ) -> list[VkPhoto]:
        url = self._address("photos.getUploadServer", album_id=album_id)
        files = {f"file{n}": UploadFile(f"photo{n}.jpg", photo) for n, photo in enumerate(photos, start=1)}
        sent = self._api.upload(url, files)
        if _count(sent, "photos_list") not in (None, len(photos)):
            raise VkUploadFailed("VK's upload server did not take all photos.")
        known = {"album_id": album_id, "caption": caption[:CAPTION_MAX] or None}
        fields = {**known, **{name: sent.get(name) for name in ("server", "photos_list", "hash")}}

        def check() -> None:
            if not may_save():
                raise VkUploadFailed("The upload took so long that somebody else has these photos now.")

        return self._save("photos.save", len(photos), fields, check)

    def _address(self, method: str, **parameters: int) -> str:
        answer = self._api.read(method, self._token, group_id=self._group_id, **parameters)
        if not isinstance(answer, Mapping) or not isinstance(url := answer.get("upload_url"), str):
            raise VkUploadFailed("VK named no upload address.", method=method)
        return url

    def _save(
        self,
        method: str,
        wanted: int,
        fields: Mapping[str, Any],
        before_sending: Callable[[], None] | None = None,
    ) -> list[VkPhoto]:
        answer = self._api.write(method, self._token, before_sending, group_id=self._group_id, **fields)
        try:
            saved = [photo_of(item) for item in answer]
        except (TypeError, ValueError):
            raise VkOutcomeUnknown("VK's answer to an upload cannot be read.", method=method) from None
        if len(saved) != wanted:
            raise VkOutcomeUnknown(f"VK saved {len(saved)} of {wanted} photos.", method=method)
        return saved


def _tenaciously(
    step: Callable[[], Outcome], again: tuple[type[VkError], ...], may_repeat: Callable[[], bool] = lambda: True
) -> Outcome:
    for _ in range(_TRIES - 1):
        try:
            return step()
        except again:
            if not may_repeat():
                raise
    return step()


def _count(sent: Mapping[str, Any], name: str) -> int | None:
    """Photos that the upload server says it has, in a string of JSON; None if it says so in a way of its own."""
    try:
        count = len(json.loads(sent.get(name) or "[]"))
    except (TypeError, ValueError):
        return None
    if not count:
        raise VkUploadFailed("VK's upload server could make nothing of the file.")
    return count
