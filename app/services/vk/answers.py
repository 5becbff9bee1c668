"""VK's objects, as its answers hold them, become ours. Fields: https://dev.vk.com/ru/reference/objects/photo."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.domain.text import storable
from app.domain.vk.media import VkPhoto

_PREVIEW_AREA = 300 * 300
"""Pixels that a tile of a grid shows at least."""
_TEXT_MAX = 10_000


def photo_of(item: Mapping[str, Any]) -> VkPhoto:
    """Raises ValueError for what is no photo of VK's."""
    try:
        return _photo(item)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ValueError("no photo of VK's") from error


def _photo(item: Mapping[str, Any]) -> VkPhoto:
    sizes = _sizes(item)
    largest = sizes[-1] if sizes else {}
    preview = next((size for size in sizes if _area(size) >= _PREVIEW_AREA), largest)
    return VkPhoto(
        photo_id=int(item["id"]),
        owner_id=int(item["owner_id"]),
        album_id=int(item["album_id"]),
        url=_words(largest.get("url")),
        preview_url=_words(preview.get("url")),
        width=int(largest.get("width") or 0),
        height=int(largest.get("height") or 0),
        text=_words(item.get("text")),
        taken_at=datetime.fromtimestamp(item["date"], UTC),
        access_key=_words(item.get("access_key")),
    )


def _words(value: Any) -> str:
    return storable(str(value or ""), _TEXT_MAX)


def _sizes(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """By area, the smallest first: no letter is certain, and those of old photos say nothing about their sides.

    The original, where VK gives it, stands outside of the list.
    """
    sizes = [*(item.get("sizes") or ()), *([item["orig_photo"]] if item.get("orig_photo") else ())]
    return sorted((size for size in sizes if size.get("url")), key=_area)


def _area(size: Mapping[str, Any]) -> int:
    return int(size.get("width") or 0) * int(size.get("height") or 0)
