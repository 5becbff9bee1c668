"""Which post of a wall is one of ours, and what VK has left out of it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime, timedelta
from html import unescape

from app.domain.vk.posts import SystemPost, WallPost

CLOCKS_DIFFER = timedelta(minutes=2)
"""Clocks of VK's servers may be so far apart: what is older than that before the attempt is another post."""

_EVER = datetime.min.replace(tzinfo=UTC)
_ATTACHMENT = re.compile(r"photo(-?\d+)_(\d+)")
_LINK = re.compile(r"\[[\w.]+\|([^\]]*)\]")
_MENTION = re.compile(r"[@*][\w.]+ \(([^)]*)\)")


def normalised(text: str) -> str:
    """The words of a text without what VK may change: entities, links (`@name (words)` comes back as `[id1|words]`),
    composed characters, spaces, marks that nobody sees."""
    words = _MENTION.sub(r"\1", _LINK.sub(r"\1", unescape(text)))
    plain = unicodedata.normalize("NFKC", words)
    return " ".join("".join(mark for mark in plain if not _is_unseen(mark)).split())


def _is_unseen(mark: str) -> bool:
    """Joiners, soft hyphens, byte order marks, and what chooses between two looks of an emoji."""
    return unicodedata.category(mark) == "Cf" or "\ufe00" <= mark <= "\ufe0f"


def find(post: SystemPost, wall: Sequence[WallPost], others: Set[int] = frozenset()) -> WallPost | None:
    """The post of `wall` that is `post`: by the id that VK gave, else by text and photos.

    `others` are ids of posts that are known to be something else. Where none has the words and all of the photos, one
    with the words and some or none of these photos is ours: VK drops photos in silence where the token is not an
    administrator's. With any other photo it is somebody else's post with the same words. What is missed is not
    repeated by itself, a person is asked; what is taken for ours by mistake would be lost without a word.
    """
    if post.vk_post_id is not None:
        return by_id(post.vk_post_id, wall)
    free = [seen for seen in wall if others.isdisjoint((seen.post_id, seen.postponed_id)) and _is_since(post, seen)]
    alike = [seen for seen in free if normalised(seen.text) == normalised(post.sent_text or "")]
    whole = (seen for seen in alike if set(seen.photos) == photos_of(post.sent_attachments))
    return next(whole, None) or max(_alike_in_words(post, alike), key=lambda seen: len(seen.photos), default=None)


def by_id(vk_post_id: int, wall: Sequence[WallPost]) -> WallPost | None:
    """Also under the id that it had while it was postponed."""
    return next((seen for seen in wall if vk_post_id in (seen.post_id, seen.postponed_id)), None)


def missing_photos(post: SystemPost, seen: WallPost) -> int:
    """How many photos fewer than were sent the wall shows."""
    return max(0, len(photos_of(post.sent_attachments)) - len(seen.photos))


def photos_of(attachments: Iterable[str]) -> set[tuple[int, int]]:
    """The photos among a post's attachments, as pairs of owner and photo id."""
    found = (_ATTACHMENT.match(attachment) for attachment in attachments)
    return {(int(match[1]), int(match[2])) for match in found if match}


def came_after(post: SystemPost) -> datetime:
    """What has come to the wall before is not `post`, by the dates that VK gives; a post that was sent knows when."""
    return post.vk_clock_at - CLOCKS_DIFFER if post.vk_clock_at else _EVER


def _is_since(post: SystemPost, seen: WallPost) -> bool:
    return seen.date >= came_after(post)


def _alike_in_words(post: SystemPost, alike: Sequence[WallPost]) -> list[WallPost]:
    """Without words nothing tells ours from somebody else's."""
    return [seen for seen in alike if normalised(seen.text) and set(seen.photos) <= photos_of(post.sent_attachments)]
