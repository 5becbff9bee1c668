"""Walls as VK tells of them: https://dev.vk.com/ru/method/wall.get, …/reference/objects/post."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.domain.vk.errors import VkOutcomeUnknown
from app.domain.vk.posts import WallPost
from app.ports.vk.api import VkApi, VkToken
from app.services.vk.answers import photo_of

PAGE = 100
"""Posts that one wall.get gives at most."""

_READINGS = 3


def wall_post_of(item: Mapping[str, Any]) -> WallPost:
    """Raises AttributeError, KeyError, TypeError or ValueError for what is no post of VK's."""
    attached = [photo_of(found["photo"]) for found in item.get("attachments") or () if found["type"] == "photo"]
    postponed_id = item.get("postponed_id")
    return WallPost(
        post_id=int(item["id"]),
        owner_id=int(item["owner_id"]),
        is_postponed=item.get("post_type") == "postpone",
        date=datetime.fromtimestamp(item["date"], UTC),
        text=str(item.get("text") or ""),
        photos=tuple((photo.owner_id, photo.photo_id) for photo in attached),
        preview_urls=tuple(photo.preview_url for photo in attached),
        postponed_id=int(postponed_id) if postponed_id else None,
    )


def read_wall(api: VkApi, token: VkToken, owner_id: int, *, is_postponed: bool, most: int) -> list[WallPost]:
    """All posts of a wall, or the newest `most`, each once. Raises VkError.

    A post that comes or goes between two pages moves the others: such a reading is begun anew, a few times.
    """
    found: dict[int, WallPost] = {}
    for _ in range(_READINGS):
        found, is_whole = _reading(api, token, owner_id, "postponed" if is_postponed else "all", most)
        if is_whole:
            break
    return [replace(post, is_postponed=is_postponed) for post in found.values()][:most]


def _reading(api: VkApi, token: VkToken, owner_id: int, which: str, most: int) -> tuple[dict[int, WallPost], bool]:
    """Posts by id, and whether the wall stayed the same meanwhile."""
    found: dict[int, WallPost] = {}
    counts: set[int] = set()
    offset = 0
    while offset < most:
        answer = api.read("wall.get", token, owner_id=owner_id, filter=which, offset=offset, count=PAGE)
        posts, count = _page(answer)
        counts.add(count)
        found.update((post.post_id, post) for post in posts)
        offset += PAGE
        if offset >= count:
            break
    return found, len(counts) == 1


def _page(answer: Any) -> tuple[list[WallPost], int]:
    try:
        return [wall_post_of(item) for item in answer["items"]], int(answer["count"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise VkOutcomeUnknown("VK's answer about a wall cannot be read.", method="wall.get") from None
