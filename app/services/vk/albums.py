"""Albums and their photos as VK tells of them: https://dev.vk.com/ru/method/photos.getAlbums, …/photos.get."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.domain.text import storable
from app.domain.vk.media import ALBUM_PHOTOS_MAX, VkAlbum, VkPhoto
from app.ports.vk.api import VkApi, VkToken
from app.services.vk.answers import photo_of
from app.services.vk.pages import Pages

PAGE = 1000
"""Photos that one photos.get gives at most."""
ALBUMS_MAX = 10_000
_TEXT_MAX = 10_000


def album_of(item: Mapping[str, Any]) -> VkAlbum:
    """Raises KeyError, TypeError or ValueError for what is no album of VK's."""
    updated = item.get("updated")
    return VkAlbum(
        album_id=int(item["id"]),
        owner_id=int(item["owner_id"]),
        title=storable(str(item["title"]), _TEXT_MAX),
        description=storable(str(item.get("description") or ""), _TEXT_MAX),
        size=int(item.get("size") or 0),
        cover_url=storable(str(item.get("thumb_src") or ""), _TEXT_MAX),
        can_upload=bool(item.get("can_upload", True)),
        updated_at=datetime.fromtimestamp(updated, UTC) if updated else None,
    )


def read_albums(api: VkApi, token: VkToken, owner_id: int) -> list[VkAlbum]:
    """Those that people made, in VK's order. Raises VkError."""
    pages = Pages(api, token, "photos.getAlbums", {"owner_id": owner_id, "need_covers": True}, PAGE)
    return list(pages.read(album_of, lambda album: album.album_id, ALBUMS_MAX).values())


def read_photos(api: VkApi, token: VkToken, owner_id: int, album_id: int) -> list[VkPhoto]:
    """All photos of an album, each once, the oldest first: what is added meanwhile moves no page. Raises VkError."""
    pages = Pages(api, token, "photos.get", {"owner_id": owner_id, "album_id": album_id, "rev": False}, PAGE)
    return list(pages.read(photo_of, lambda photo: photo.photo_id, ALBUM_PHOTOS_MAX).values())
