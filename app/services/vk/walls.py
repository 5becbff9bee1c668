"""Walls as VK tells of them: https://dev.vk.com/ru/method/wall.get, …/reference/objects/post."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.domain.text import storable
from app.domain.vk.posts import WallPost
from app.ports.vk.api import VkApi, VkToken
from app.services.vk.answers import photo_of
from app.services.vk.pages import Pages

PAGE = 100
"""Posts that one wall.get gives at most."""
DEEPEST = 1_000
"""Posts of a wall among which one is looked for before it is sent again: ten questions."""
_TEXT_MAX = 20_000


def wall_post_of(item: Mapping[str, Any]) -> WallPost:
    """Raises AttributeError, KeyError, TypeError or ValueError for what is no post of VK's."""
    attachments = item.get("attachments") or ()
    attached = [photo_of(found["photo"]) for found in attachments if found.get("type") == "photo" and "photo" in found]
    postponed_id = item.get("postponed_id")
    return WallPost(
        post_id=int(item["id"]),
        owner_id=int(item["owner_id"]),
        is_postponed=item.get("post_type") == "postpone",
        date=datetime.fromtimestamp(item["date"], UTC),
        text=storable(str(item.get("text") or ""), _TEXT_MAX),
        photos=tuple((photo.owner_id, photo.photo_id) for photo in attached),
        preview_urls=tuple(photo.preview_url for photo in attached),
        postponed_id=int(postponed_id) if postponed_id else None,
    )


def read_wall(api: VkApi, token: VkToken, owner_id: int, *, is_postponed: bool, most: int) -> list[WallPost]:
    """All posts of a wall in VK's order, or the first `most` of them. Raises VkError."""
    found = _pages(api, token, owner_id, is_postponed).read(wall_post_of, _id, most)
    return [replace(post, is_postponed=is_postponed) for post in found.values()]


def read_wall_since(api: VkApi, token: VkToken, owner_id: int, since: datetime) -> list[WallPost]:
    """All posts that stand on a wall with a date since then, in VK's order, and some older ones.

    Posts of strangers too: whose name VK puts above one of ours depends on the token. A post that is pinned comes
    first, whatever its date. Raises VkListTooLong if more than DEEPEST came since, and VkError.
    """
    pages = _pages(api, token, owner_id, is_postponed=False)
    found = pages.read(wall_post_of, _id, DEEPEST, lambda last: last.date < since)
    return [replace(post, is_postponed=False) for post in found.values()]


def _pages(api: VkApi, token: VkToken, owner_id: int, is_postponed: bool) -> Pages:
    wanted = {"owner_id": owner_id, "filter": "postponed" if is_postponed else "all"}
    return Pages(api, token, "wall.get", wanted, PAGE)


def _id(post: WallPost) -> int:
    return post.post_id
