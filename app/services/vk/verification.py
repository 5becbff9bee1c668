"""Looks at a wall for posts of ours, and moves those that stand there into the history."""

from collections.abc import Collection, Sequence
from typing import Any

import structlog

from app.domain.vk.community import Community
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkOutcomeUnknown
from app.domain.vk.matching import by_id, came_after, find, missing_photos
from app.domain.vk.posts import LATEST, VERIFY_WITHIN, PostOutcome, SystemPost, WallPost
from app.ports.vk.api import VkApi, VkToken
from app.ports.vk.communities import RefreshQueue
from app.ports.vk.posts import SystemPostStore
from app.services.vk.tokens import CommunityTokens
from app.services.vk.walls import PAGE, read_wall, read_wall_since, wall_post_of

log = structlog.get_logger(__name__)

_REMEMBERED = 100
"""Posts of the history that are looked at beyond as many as a wall shows: some of it never came to the wall."""


class Verification:
    def __init__(self, *, posts: SystemPostStore, tokens: CommunityTokens, api: VkApi, refreshes: RefreshQueue) -> None:
        self._posts = posts
        self._tokens = tokens
        self._api = api
        self._refreshes = refreshes

    def unseen(self, community: Community, posts: Sequence[SystemPost]) -> list[SystemPost]:
        """Those of the community's `posts` that are not among the latest of its wall; the history has the others now.

        Asks VK for the latest posts once, and for those by id that are not among them. Raises VkError.
        """
        token = self._tokens.user(community.id)
        latest = read_wall(self._api, token, community.owner_id, is_postponed=False, most=_depth(posts))
        return self._sorted_out(community, token, posts, latest)

    def missing(self, community: Community, posts: Sequence[SystemPost]) -> list[SystemPost]:
        """Those of the community's `posts` that are certainly not on its wall, so that they may be sent again.

        The others are in the history now. Where VK's id finds one nothing else is asked; else all is read that has
        come to the wall since the first of them was sent. Raises VkError, VkListTooLong among them if that is too much.
        """
        token = self._tokens.user(community.id)
        lacking = self._sorted_out(community, token, posts, ())
        if not lacking:
            return []
        since = read_wall_since(self._api, token, community.owner_id, min(map(came_after, lacking)))
        return self._sorted_out(community, token, lacking, since)

    def _sorted_out(
        self, community: Community, token: VkToken, posts: Sequence[SystemPost], latest: Sequence[WallPost]
    ) -> list[SystemPost]:
        """Those that are not found; the others go into the history."""
        wall = [*latest, *self._older(community, token, posts, latest)]
        claimed = self._known(community, len(wall) + _REMEMBERED)
        lacking = []
        # Those whose id is known first, so that nobody takes theirs for one that only looks alike.
        for post in sorted(posts, key=lambda post: post.vk_post_id is None):
            seen = find(post, wall, claimed)
            if seen and self._finish(post, seen):
                claimed.add(seen.post_id)
            else:
                lacking.append(post)
        if len(lacking) < len(posts):
            self._refreshes.wish(community.id, ContentKind.PUBLISHED_POSTS)
        return lacking

    def _known(self, community: Community, most: int) -> set[int]:
        """Posts of the wall whose ids VK has told us: none of them is one that only looks alike."""
        under_way = self._posts.of_community(community.id, None, None)
        past, _ = self._posts.history(community.id, 1, most)
        ids = (*(post.vk_post_id for post in under_way), *(post.vk_post_id for post in past))
        return {vk_post_id for vk_post_id in ids if vk_post_id}

    def _older(
        self, community: Community, token: VkToken, posts: Sequence[SystemPost], latest: Sequence[WallPost]
    ) -> list[WallPost]:
        """Posts that VK gave an id for, and that others have driven from the top of the wall."""
        wanted = [post.vk_post_id for post in posts if post.vk_post_id and not by_id(post.vk_post_id, latest)]
        return self._by_ids(community, token, wanted) if wanted else []

    def _by_ids(self, community: Community, token: VkToken, ids: Collection[int]) -> list[WallPost]:
        names = [f"{community.owner_id}_{post_id}" for post_id in ids]
        answer = self._api.read("wall.getById", token, posts=names)
        try:
            found = [wall_post_of(item) for item in answer["items"] if not item.get("is_deleted")]
        except (KeyError, TypeError, ValueError):
            raise VkOutcomeUnknown("VK's answer about posts cannot be read.", method="wall.getById") from None
        return [post for post in found if not post.is_postponed]

    def _finish(self, post: SystemPost, seen: WallPost) -> bool:
        detail: dict[str, Any] = {"url": seen.url}
        if lost := missing_photos(post, seen):
            detail["missing_photos"] = lost
            log.warning("vk_dropped_photos", post_id=str(post.id), vk_post_id=seen.post_id, photos=lost)
        is_over = self._posts.finish(post.id, PostOutcome.PUBLISHED, seen.post_id, detail)
        if is_over:
            log.info("post_published", post_id=str(post.id), vk_post_id=seen.post_id)
        return is_over


def _depth(posts: Sequence[SystemPost]) -> int:
    """How many of the latest posts are looked at: of a wall that had more time, as many as one question gives."""
    is_old = any(post.attempted_at and post.read_at - post.attempted_at > VERIFY_WITHIN for post in posts)
    return PAGE if is_old else LATEST
