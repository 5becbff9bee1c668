"""Posts as people handle them: written, planned, changed, dropped, tried again. Publishing them is the tracker's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID, uuid4

from app.domain.errors import Reason, Refused
from app.domain.vk.addresses import post_number, post_url
from app.domain.vk.community import Community
from app.domain.vk.drafts import Draft, draft_of, draft_problems, post_of
from app.domain.vk.errors import VkUnreachable
from app.domain.vk.posts import PastPost, PostOutcome, PostStatus, SystemPost, WallPost
from app.domain.vk.variables import values_for, variables_of
from app.ports.audit import AuditLog
from app.ports.upkeep import Transaction
from app.ports.vk.communities import CommunityStore, VkCache
from app.ports.vk.posts import SystemPostStore, VariableStore
from app.services.vk.bounded import PATIENCE_SECONDS, answer_of, begun
from app.services.vk.post_photos import PostPhotos, added
from app.services.vk.verification import Verification

Thing = TypeVar("Thing")

WALL_MAX = 500
"""Posts of a wall that are looked at: as many as the cache keeps of what is published."""

_TOLD_MAX = 80


class Fate(StrEnum):
    """What became of a post that is to be published now: it waits for the tracker, or stood on the wall already."""

    WAITS = "waits"
    FOUND = "found"


class PostService:
    """Every `wanted` holds `text`, `photos` as references and `publication_date`, aware, None or left out for now.

    `clock` is the database's, by which posts are published. Raises Refused: NOT_FOUND for communities and posts that
    are not there, INVALID_SETTINGS with details by field, VERSION_CONFLICT for a post that somebody has changed or that
    is being published at this moment.
    """

    def __init__(
        self,
        *,
        posts: SystemPostStore,
        communities: CommunityStore,
        cache: VkCache,
        variables: VariableStore,
        photos: PostPhotos,
        verification: Verification,
        audit: AuditLog,
        transaction: Transaction,
        clock: Callable[[], datetime],
    ) -> None:
        self._posts = posts
        self._communities = communities
        self._cache = cache
        self._variables = variables
        self._photos = photos
        self._verification = verification
        self._audit = audit
        self._transaction = transaction
        self.now = clock

    def community(self, community_id: UUID) -> Community:
        return _found(self._communities.get(community_id))

    def find(self, post_id: UUID) -> SystemPost:
        return _found(self._posts.get(post_id))

    def planned(
        self, community_id: UUID | None, start: datetime | None = None, end: datetime | None = None
    ) -> list[SystemPost]:
        """Posts on their way, of a community or of all, whose date is in that time, the next first."""
        return self._posts.of_community(community_id, start, end)

    def on_wall(self, community_id: UUID, start: datetime, end: datetime) -> list[WallPost]:
        """What stands or is postponed at VK in that time, as the cache knows it, the earliest first."""
        found = [post for is_postponed in (True, False) for post in self._wall(community_id, is_postponed)]
        return sorted((post for post in found if start <= post.date < end), key=lambda post: post.date)

    def history(self, community_id: UUID | None, page: int, page_size: int) -> tuple[Sequence[PastPost], int]:
        return self._posts.history(community_id, page, page_size)

    def past(self, post_id: UUID) -> PastPost:
        """One of the history."""
        return _found(self._posts.past(post_id))

    def values(self, community_id: UUID) -> dict[str, str]:
        """What the variables stand for in this community."""
        return values_for(community_id, self._variables.all())

    def draft(self, community_id: UUID, wanted: Mapping[str, Any]) -> Draft:
        """What is wanted, if a post can be like that."""
        problems = draft_problems(wanted, self.now())
        if "text" not in problems and (unknown := self._unknown(community_id, wanted.get("text", ""))):
            problems["text"] = {"code": "unknown_variables", "names": unknown}
        if problems:
            raise Refused(Reason.INVALID_SETTINGS, "The post cannot be like this.", details={"fields": problems})
        return draft_of(wanted)

    def planned_before(self, community_id: UUID, post_id: UUID) -> SystemPost | PastPost | None:
        """What was planned under this id, on its way or over.

        Raises Refused(INVALID_SETTINGS) if that is another community's.
        """
        found = self._posts.get(post_id) or self._posts.past(post_id)
        if found and found.community_id != community_id:
            problem = {"code": "used_elsewhere"}
            message = "This key was used for a post of another community."
            raise Refused(Reason.INVALID_SETTINGS, message, details={"fields": {"idempotency_key": problem}})
        return found

    def schedule(
        self, community_id: UUID, wanted: Mapping[str, Any], author: str, post_id: UUID | None = None
    ) -> SystemPost | PastPost:
        """Copy its photos and let it wait for its time; without one it is published at once.

        Whoever comes again with the same `post_id`, at the same moment too, gets what was planned under it the first
        time, as it stands now: nothing is done twice.
        """
        self.community(community_id)
        if post_id and (found := self.planned_before(community_id, post_id)):
            return found
        draft, post_id = self.draft(community_id, wanted), post_id or uuid4()
        photos = self._photos.copies(community_id, post_id, draft.photos)
        try:
            stored = self._add(post_of(draft, post_id, community_id, photos, author, self.now()))
        except BaseException:
            self._photos.forget(photos)
            raise
        if stored:
            return stored
        self._photos.forget(photos)
        if (earlier := self.planned_before(community_id, post_id)) is None:
            raise _not_there()
        return earlier

    def edit(self, post_id: UUID, wanted: Mapping[str, Any], version: int | None, author: str) -> SystemPost:
        """Replace all of it, and let it wait for its time anew; `version` None changes whatever is there.

        One that was sent is looked for on the wall first. Raises VkError if that cannot be done, or takes too long.
        """
        post = self.find(post_id)
        self._expect(post, version)
        draft = self.draft(post.community_id, wanted)
        is_on_wall = self._is_on_wall(post)
        if is_on_wall is None:
            raise VkUnreachable("VK did not say in time whether the post stands on the wall.", method="wall.get")
        if is_on_wall:
            raise _changed(post, "The post stands on the wall already.")
        photos = self._photos.copies(post.community_id, post.id, draft.photos, post.photos)
        date = draft.publication_date or self.now()
        try:
            stored = self._put(
                replace(post, text=draft.text, photos=photos, publication_date=date), "post.changed", author
            )
        except BaseException:
            self._photos.forget(added(photos, post.photos))
            raise
        self._photos.forget(added(post.photos, photos))
        return stored

    def publish_now(self, post_id: UUID, author: str) -> Fate:
        """Let a planned, failed or late post be published at once; one that was sent is looked for on the wall first.

        Raises VkError if the wall cannot be looked at: the post stays as it is then. What VK does not say in time is
        left to the tracker, which looks at the wall as well before it sends such a post.
        """
        post = self.find(post_id)
        self._expect(post, None)
        if self._is_on_wall(post):
            return Fate.FOUND
        self._put(replace(post, publication_date=self.now()), "post.published_now", author)
        return Fate.WAITS

    def cancel(self, post_id: UUID, author: str) -> None:
        """Drop it; the history remembers that."""
        post = self.find(post_id)
        self._finish(post, PostOutcome.CANCELLED, None, "post.cancelled", author)

    def settle(self, post_id: UUID, address: str, author: str) -> None:
        """Somebody has published it by hand; `address` is that of the post on the wall, or empty.

        Raises Refused(INVALID_SETTINGS) for an address that is not of this wall, or of a post in the history.
        """
        post = self.find(post_id)
        community = self.community(post.community_id)
        self._finish(post, PostOutcome.PUBLISHED, _number(address, community), "post.published_by_hand", author)

    def _wall(self, community_id: UUID, is_postponed: bool) -> Sequence[WallPost]:
        return self._cache.posts(community_id, is_postponed, WALL_MAX)

    def _unknown(self, community_id: UUID, text: str) -> list[str]:
        values = self.values(community_id)
        return [name for name in variables_of(text) if name not in values]

    def _expect(self, post: SystemPost, version: int | None) -> None:
        if post.status is PostStatus.PUBLISHING:
            raise _changed(post, "The post is being published at this moment.")
        if version not in (None, post.version):
            raise _changed(post, "The post has been changed meanwhile.")

    def _is_on_wall(self, post: SystemPost) -> bool | None:
        """Whether a post that was sent is found, and is in the history now; None if VK takes too long to say."""
        if post.attempted_at is None:
            return False
        community = self.community(post.community_id)
        missing = answer_of(begun(lambda: self._verification.missing(community, [post])), PATIENCE_SECONDS)
        return None if missing is None else not missing

    def _add(self, post: SystemPost) -> SystemPost | None:
        with self._transaction():
            stored = self._posts.add(post)
            if stored:
                self._audit.record(post.created_by, "post.scheduled", str(post.community_id), self._told(stored))
        return stored

    def _put(self, post: SystemPost, action: str, author: str) -> SystemPost:
        """Store it as one that waits; what is known of earlier attempts stays with it."""
        waiting = replace(post, status=PostStatus.PENDING_PUBLICATION, error=None, updated_by=author)
        with self._transaction():
            stored = self._posts.edit(waiting, post.version)
            if stored is None:
                raise _changed(self.find(post.id), "The post has been changed meanwhile.")
            self._audit.record(author, action, str(post.community_id), self._told(stored))
        return stored

    def _finish(self, post: SystemPost, outcome: PostOutcome, vk_post_id: int | None, action: str, author: str) -> None:
        with self._transaction():
            if not self._posts.finish(post.id, outcome, vk_post_id, {"by": author}, by_hand=True):
                raise _why_unfinished(self.find(post.id), vk_post_id)
            self._audit.record(author, action, str(post.community_id), self._told(post))
        self._photos.forget(post.photos)

    def _told(self, post: SystemPost) -> dict[str, Any]:
        """As the audit log tells it."""
        return {
            "label": self.community(post.community_id).name,
            "id": str(post.id),
            "text": post.text[:_TOLD_MAX],
            "photos": len(post.photos),
            "publication_date": post.publication_date.isoformat(),
        }


def _why_unfinished(post: SystemPost, vk_post_id: int | None) -> Refused:
    if post.status is PostStatus.PUBLISHING or vk_post_id is None:
        return _changed(post, "The post is being published at this moment.")
    problem = {"code": "in_history"}
    return Refused(
        Reason.INVALID_SETTINGS, "This post is in the history already.", details={"fields": {"address": problem}}
    )


def _number(address: str, community: Community) -> int | None:
    """The post's number at VK; raises Refused(INVALID_SETTINGS) for an address that is not of this wall."""
    number = post_number(address, community.owner_id)
    if address.strip() and number is None:
        problem = {"code": "not_on_wall", "example": post_url(community.owner_id, 1)}
        raise Refused(Reason.INVALID_SETTINGS, "No post of this wall.", details={"fields": {"address": problem}})
    return number


def _found(thing: Thing | None) -> Thing:
    if thing is None:
        raise _not_there()
    return thing


def _not_there() -> Refused:
    return Refused(Reason.NOT_FOUND, "There is no such community or post.")


def _changed(post: SystemPost, message: str) -> Refused:
    details = {"version": post.version, "status": post.status.value}
    return Refused(Reason.VERSION_CONFLICT, message, details=details)
