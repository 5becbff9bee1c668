"""The post tracker: publishes what is due, and looks at walls for what was sent."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from app.domain.vk.errors import VkError
from app.domain.vk.posts import TRACK_SECONDS, VERIFY_WITHIN, PostStatus, SystemPost
from app.ports.vk.communities import CommunityStore
from app.ports.vk.posts import SystemPostStore
from app.services.vk.mishaps import told
from app.services.vk.publishing import HOLD_SECONDS, Publishing
from app.services.vk.verification import Verification

log = structlog.get_logger(__name__)

_LOOKED_FOR_AT_ONCE = 50


class PostTracker:
    """Both are steps that say whether there was work; any number of threads and processes may take them.

    They raise Unavailable while the database is away.
    """

    def __init__(
        self,
        *,
        posts: SystemPostStore,
        communities: CommunityStore,
        publishing: Publishing,
        verification: Verification,
    ) -> None:
        self._posts = posts
        self._communities = communities
        self._publishing = publishing
        self._verification = verification

    def publish_due(self) -> bool:
        """Publish the post that is due the longest."""
        due = self._posts.take_due(1, HOLD_SECONDS)
        for post in due:
            self._publishing.publish(post)
        return bool(due)

    def verify(self) -> bool:
        """Look for posts that were sent, each every TRACK_SECONDS; what is not there in time may have failed."""
        unseen = self._posts.unverified(_LOOKED_FOR_AT_ONCE, TRACK_SECONDS)
        of_community: dict[UUID, list[SystemPost]] = defaultdict(list)
        for post in unseen:
            of_community[post.community_id].append(post)
        for community_id, posts in of_community.items():
            self._look(community_id, posts)
        return bool(unseen)

    def _look(self, community_id: UUID, posts: Sequence[SystemPost]) -> None:
        community = self._communities.get(community_id)
        if community is None:
            return
        reason: Mapping[str, Any] = {"code": "not_found"}
        try:
            posts = self._verification.unseen(community, posts)
        except VkError as error:
            reason = {**told(error), "stage": "verification"}
        for post in posts:
            if post.attempted_at and post.read_at - post.attempted_at >= VERIFY_WITHIN:
                self._give_up(post, reason)

    def _give_up(self, post: SystemPost, reason: Mapping[str, Any]) -> None:
        if self._posts.end(post, PostStatus.POSSIBLE_ERROR, reason):
            log.warning("post_not_found", post_id=str(post.id), vk_post_id=post.vk_post_id, code=reason["code"])
