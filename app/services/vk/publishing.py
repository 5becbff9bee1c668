"""Takes one post to its wall: photos first, then the announcement, then one call of wall.post."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from app.domain.vk.community import LATE_MINUTES, Community, LatePolicy
from app.domain.vk.errors import VkListTooLong, VkOutcomeUnknown
from app.domain.vk.media import SLOWEST_LINE
from app.domain.vk.posts import TEXT_MAX, PostPhoto, PostStatus, SystemPost
from app.domain.vk.variables import substitute_global_variables, values_for
from app.ports.media import MediaStore
from app.ports.vk.api import VkApi, VkToken
from app.ports.vk.communities import CommunityStore
from app.ports.vk.posts import SystemPostStore, VariableStore
from app.services.vk.mishaps import (
    MISHAPS,
    NothingToPost,
    PhotoWithdrawn,
    TextTooLong,
    pause_after,
    told,
    was_interrupted_too_often,
)
from app.services.vk.photos_at_vk import still_there
from app.services.vk.tokens import CommunityTokens
from app.services.vk.uploads import Uploads
from app.services.vk.verification import Verification

log = structlog.get_logger(__name__)

HOLD_SECONDS = 180.0
"""Whoever says nothing for so long is replaced. The post is held anew before every try to upload a photo, for as much
longer as the slowest line needs that an upload is waited for."""


class _Replaced(Exception):
    """Another attempt has the post: nothing was sent."""


class Publishing:
    """Any number of threads and processes may `publish`: of those that hold one post all but the last are stopped."""

    def __init__(
        self,
        *,
        posts: SystemPostStore,
        communities: CommunityStore,
        variables: VariableStore,
        tokens: CommunityTokens,
        api: VkApi,
        uploads: Uploads,
        media: MediaStore,
        verification: Verification,
    ) -> None:
        self._posts = posts
        self._communities = communities
        self._variables = variables
        self._tokens = tokens
        self._api = api
        self._uploads = uploads
        self._media = media
        self._verification = verification

    def publish(self, post: SystemPost) -> None:
        """Publish a post that SystemPostStore.take_due gave, or write down why not.

        Raises Unavailable while the database is away: the post is taken again, or looked for, once its hold is over.
        """
        community = self._communities.get(post.community_id)
        if community is None:  # removed, and its posts with it
            return
        if _must_be_asked_for(post, community):
            self._posts.end(post, PostStatus.LATE, None)
        elif was_interrupted_too_often(post):
            self._posts.end(post, PostStatus.ERROR, post.error)
        else:
            self._try(post, community)

    def publish_now(
        self,
        community: Community,
        token: VkToken,
        text: str,
        attachments: Sequence[str],
        guid: str,
        announce: Callable[[], None] = lambda: None,
    ) -> int:
        """Call wall.post once, and return the id of the post that stands on the wall.

        `announce` is called when its turn has come, right before anything is sent. Raises VkError.
        """
        answer = self._api.write(
            "wall.post",
            token,
            announce,
            owner_id=community.owner_id,
            from_group=1,
            message=text,
            attachments=list(attachments) or None,
            guid=guid,
        )
        try:
            return int(answer["post_id"])
        except (KeyError, TypeError, ValueError):
            raise VkOutcomeUnknown("VK's answer to a post has no id.", method="wall.post") from None

    def _try(self, post: SystemPost, community: Community) -> None:
        try:
            if post.attempted_at and not self._verification.missing(community, [post]):
                return
            text = self._text(post, community)
            token = self._tokens.user(community.id)
            self._refuse_withdrawn(post)
            ready = self._with_photos(post, community, token)
            self._refuse_withdrawn(post)  # uploads take their time
            if ready:
                self._send(ready, community, token, text)
        except MISHAPS as error:
            self._failed(post, error)

    def _send(self, post: SystemPost, community: Community, token: VkToken, text: str) -> None:
        """From the announcement on nobody may think of what is not known to be refused that it is not there."""
        vk_clock_at = self._vk_clock(token)

        def announce() -> None:
            if not self._posts.announce(post, text, vk_clock_at):
                raise _Replaced

        try:
            vk_post_id = self.publish_now(community, token, text, post.attachments, post.guid, announce)
        except VkOutcomeUnknown as error:
            log.warning("post_outcome_unknown", post_id=str(post.id), message=error.message)
            self._posts.hold(post, 0.0)  # to be looked for at once
        except _Replaced:
            log.info("post_left_to_another", post_id=str(post.id))
        else:
            self._posts.sent(post, vk_post_id)
            log.info("post_sent", post_id=str(post.id), vk_post_id=vk_post_id)

    def _vk_clock(self, token: VkToken) -> datetime:
        """What it says at VK, whose dates are compared with no other clock's. Raises VkError."""
        answer = self._api.read("utils.getServerTime", token)
        try:
            return datetime.fromtimestamp(answer, UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            raise VkOutcomeUnknown("VK's answer is no time.", method="utils.getServerTime") from None

    def _text(self, post: SystemPost, community: Community) -> str:
        """Raises UnknownVariables, TextTooLong, NothingToPost."""
        text = substitute_global_variables(post.text, values_for(community.id, self._variables.all()))
        if len(text) > TEXT_MAX:
            message = f"With its variables the text has {len(text)} characters."
            raise TextTooLong(message, details={"length": len(text), "limit": TEXT_MAX})
        if not text.strip() and not post.photos:
            raise NothingToPost("There is neither text nor a photo.")
        return text

    def _refuse_withdrawn(self, post: SystemPost) -> None:
        """Our copies outlive what they were copied from, but not somebody's wish that nobody sees it."""
        if post.photos and self._posts.has_withdrawn_photos(post.id):
            raise PhotoWithdrawn("A photo was hidden or deleted after the post was planned.")

    def _with_photos(self, post: SystemPost, community: Community, token: VkToken) -> SystemPost | None:
        """The post with all its photos at VK; None if another attempt has it meanwhile."""
        there = still_there(self._api, token, post.attachments)
        photos: list[PostPhoto] = []
        for photo in post.photos:
            is_there = photo.attachment in there
            attachment = photo.attachment if is_there else self._attach(post, photo, community, token)
            if attachment is None:
                return None
            photos.append(replace(photo, attachment=attachment))
        return replace(post, photos=tuple(photos))

    def _attach(self, post: SystemPost, photo: PostPhoto, community: Community, token: VkToken) -> str | None:
        """Upload a photo, and write down what VK calls it; None if another attempt has the post."""
        if not self._posts.hold(post, HOLD_SECONDS):
            return None
        jpeg = self._uploads.prepare(self._media.read(photo.path))
        seconds = HOLD_SECONDS + len(jpeg) / SLOWEST_LINE
        if not self._posts.hold(post, seconds):  # preparing may have waited for its turn
            return None
        sent = self._uploads.upload_wall_photo(
            token, community.group_id, jpeg, may_repeat=lambda: self._posts.hold(post, seconds)
        )
        return sent.attachment if self._posts.attach(post, photo.position, sent.attachment) else None

    def _failed(self, post: SystemPost, error: Exception) -> None:
        reason = told(error)
        pause = pause_after(error, post.tries)
        log.warning("post_not_published", post_id=str(post.id), pause_seconds=pause, **_loggable(reason))
        if isinstance(error, VkListTooLong):
            self._posts.end(post, PostStatus.POSSIBLE_ERROR, {**reason, "stage": "verification"})
        elif pause is None:
            self._posts.end(post, PostStatus.ERROR, reason)
        else:
            self._posts.end(post, PostStatus.PENDING_PUBLICATION, reason, pause)


def _must_be_asked_for(post: SystemPost, community: Community) -> bool:
    is_late = post.read_at - post.publication_date >= timedelta(minutes=LATE_MINUTES)
    return is_late and community.late_policy is LatePolicy.ASK


def _loggable(reason: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in reason.items() if name in ("code", "vk_code", "message")}
