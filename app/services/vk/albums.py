"""Albums and their photos as VK tells of them: https://dev.vk.com/ru/method/photos.getAlbums, …/photos.get."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.domain.text import storable
from app.domain.vk.errors import VkOutcomeUnknown
from app.domain.vk.media import ALBUM_PHOTOS_MAX, VkAlbum, VkPhoto
from app.ports.vk.api import VkApi, VkToken
from app.services.vk.answers import photo_of

Item = TypeVar("Item")

PAGE = 1000
"""Photos that one photos.get gives at most."""
ALBUMS_MAX = 10_000
_TEXT_MAX = 10_000
_READINGS = 3


def album_of(item: Mapping[str, Any]) -> VkAlbum:
    """Raises KeyError, TypeError or ValueError for what is no album of VK's."""
    updated = item.get("updated")
    return VkAlbum(
        album_id=int(item["id"]),
        owner_id=int(item["owner_id"]),
        title=storable(str(item["title"]), _TEXT_MAX),
        description=storable(str(item.get("description") or ""), _TEXT_MAX),
        size=int(item.get("size") or 0),
        cover_url=str(item.get("thumb_src") or ""),
        can_upload=bool(item.get("can_upload", True)),
        updated_at=datetime.fromtimestamp(updated, UTC) if updated else None,
    )


def read_albums(api: VkApi, token: VkToken, owner_id: int) -> list[VkAlbum]:
    """Those that people made, in VK's order. Raises VkError."""
    pages = _Pages(api, token, "photos.getAlbums", {"owner_id": owner_id, "need_covers": True})
    return list(pages.read(album_of, lambda album: album.album_id, ALBUMS_MAX).values())


def read_photos(api: VkApi, token: VkToken, owner_id: int, album_id: int) -> list[VkPhoto]:
    """All photos of an album, each once, the oldest first: what is added meanwhile moves no page. Raises VkError."""
    pages = _Pages(api, token, "photos.get", {"owner_id": owner_id, "album_id": album_id, "rev": False})
    return list(pages.read(photo_of, lambda photo: photo.photo_id, ALBUM_PHOTOS_MAX).values())


class _Pages:
    """A list of VK's, page by page. Of each page only what is ours is kept, so that memory holds one page of VK's."""

    def __init__(self, api: VkApi, token: VkToken, method: str, parameters: Mapping[str, Any]) -> None:
        self._api = api
        self._token = token
        self._method = method
        self._parameters = parameters

    def read(self, parse: Callable[[Any], Item], key: Callable[[Item], int], most: int) -> dict[int, Item]:
        """All of the list by `key`, or the first `most`.

        What is deleted meanwhile moves what comes after it: such a reading is begun anew, a few times.
        """
        found: dict[int, Item] = {}
        for _ in range(_READINGS):
            found.clear()
            if self._read_into(found, parse, key, most):
                break
        return found

    def _read_into(
        self, found: dict[int, Item], parse: Callable[[Any], Item], key: Callable[[Item], int], most: int
    ) -> bool:
        """Whether nothing was deleted meanwhile."""
        offset, highest = 0, 0
        while offset < most:
            items, count = self._page(offset, parse)
            if count < highest:
                return False
            highest = count
            found.update((key(item), item) for item in items)
            offset += len(items)
            if offset >= count or not items:
                break
        return True

    def _page(self, offset: int, parse: Callable[[Any], Item]) -> tuple[list[Item], int]:
        answer = self._api.read(self._method, self._token, **self._parameters, offset=offset, count=PAGE)
        try:
            return [parse(item) for item in answer["items"]], int(answer["count"])
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise VkOutcomeUnknown("VK's answer about photos cannot be read.", method=self._method) from None
