"""What is stored of a community is read from VK again: as a whole, because events tell of changes but not of all."""

import math
from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog

from app.domain.errors import Reason, Refused
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkError
from app.domain.vk.posts import WallPost
from app.ports.vk.api import VkApi
from app.ports.vk.communities import CommunityStore, Freshness, RefreshQueue, RefreshTask, VkCache
from app.services.vk.media import VkMediaService
from app.services.vk.tokens import CommunityTokens
from app.services.vk.update_tracker import UpdateTracker
from app.services.vk.walls import PAGE, read_wall

log = structlog.get_logger(__name__)

PUBLISHED_MAX = 300
"""Posts that are kept of a wall."""
SCHEDULED_MAX = 10_000
"""More than VK postpones by any source: all of them."""
LOOK_SECONDS = 900.0
"""VK tells nothing of posts that are edited or deleted: so often walls are looked at unasked, at most."""
QUOTA = 5_000
"""Times that VK lets one token ask for a page of a wall in a day."""
LOOKING_SHARE = 0.5
"""Of the quota, for looking unasked. The rest is for events, for posts that are looked for, and for people."""
HOLD_SECONDS = 120.0
"""Whoever dies while reading is replaced after that."""

_DAY_SECONDS = 86_400.0
_UNTOLD = (ContentKind.PUBLISHED_POSTS, ContentKind.SCHEDULED_POSTS)
_PASSING_PAUSES = (5.0, 300.0)
_LASTING_PAUSES = (60.0, 600.0)


class RefreshService:
    """Any number of threads and processes may `step`: each refresh is one's own."""

    def __init__(
        self,
        *,
        api: VkApi,
        communities: CommunityStore,
        cache: VkCache,
        queue: RefreshQueue,
        media: VkMediaService,
        tokens: CommunityTokens,
        tracker: UpdateTracker,
    ) -> None:
        self._api = api
        self._communities = communities
        self._cache = cache
        self._queue = queue
        self._media = media
        self._tokens = tokens
        self._tracker = tracker

    def refresh_scheduled_posts(self, project: UUID) -> bool:
        """All postponed posts of the community's wall are read; whether they differ from those that were read before.

        What is read for the first time is no change. Raises VkError, and Refused(NOT_FOUND) if there is no such
        community; what was stored stays then.
        """
        return self._refresh_posts(project, is_postponed=True, most=SCHEDULED_MAX)

    def refresh_published_posts(self, project: UUID) -> bool:
        """The same for the PUBLISHED_MAX newest posts that stand on the wall."""
        return self._refresh_posts(project, is_postponed=False, most=PUBLISHED_MAX)

    def step(self) -> bool:
        """Fulfil the oldest wish; False if there was none."""
        return self._fulfil_all(self._queue.take(1, HOLD_SECONDS))

    def reconcile(self) -> bool:
        """Look at one wall that nobody has looked at for long enough; False if there was none."""
        pause = look_seconds(self._pages_of_walls())
        return self._fulfil_all(self._queue.take_stale(_UNTOLD, pause, 1, HOLD_SECONDS))

    def _pages_of_walls(self) -> int:
        """Of all communities, as if they shared one token: most have the same administrator."""
        sizes = self._cache.wall_sizes()
        walls = [
            (community.id, is_postponed) for community in self._communities.all() for is_postponed in (True, False)
        ]
        return sum(max(1, math.ceil(sizes.get(wall, 0) / PAGE)) for wall in walls)

    def _fulfil_all(self, tasks: Sequence[RefreshTask]) -> bool:
        for task in tasks:
            self._fulfil(task)
        return bool(tasks)

    def _fulfil(self, task: RefreshTask) -> None:
        """Marked only when what is stored is what VK has; done only when that is marked."""
        try:
            has_changed = self._refresh(task)
        except VkError as error:
            self._note(task, error)
        except Refused:  # the community, or the album in VK, is gone
            self._queue.done(task)
        else:
            if task.is_wished or has_changed:
                self._tracker.add_updated_project(task.community_id)
            self._queue.done(task)

    def _refresh(self, task: RefreshTask) -> bool:
        match task.kind:
            case ContentKind.SCHEDULED_POSTS:
                return self.refresh_scheduled_posts(task.community_id)
            case ContentKind.PUBLISHED_POSTS:
                return self.refresh_published_posts(task.community_id)
            case ContentKind.ALBUMS:
                self._media.refresh_albums(task.community_id)
            case ContentKind.PHOTOS:
                self._media.refresh_photos(task.community_id, task.album_id)
        return True

    def _note(self, task: RefreshTask, error: VkError) -> None:
        pause = pause_after(error, task.attempts)
        self._queue.failed(task, error.code, pause)
        about = {"community_id": str(task.community_id), "kind": task.kind.value, "album_id": task.album_id}
        log.warning("vk_refresh_failed", **about, code=error.code, vk_code=error.vk_code, pause_seconds=pause)

    def _refresh_posts(self, project: UUID, *, is_postponed: bool, most: int) -> bool:
        kind = ContentKind.SCHEDULED_POSTS if is_postponed else ContentKind.PUBLISHED_POSTS
        known = self._cache.freshness(project).get((kind, 0), Freshness(None))
        try:
            posts = self._read_posts(project, is_postponed, most)
        except VkError as error:
            self._cache.note_failure(project, kind, 0, error.code)
            raise
        stored = self._cache.posts(project, is_postponed, most)
        self._cache.replace_posts(project, is_postponed, posts, known=known)
        return known.refreshed_at is not None and _essence(posts) != _essence(stored)

    def _read_posts(self, project: UUID, is_postponed: bool, most: int) -> Sequence[WallPost]:
        community = self._communities.get(project)
        if community is None:
            raise Refused(Reason.NOT_FOUND, "There is no such community.")
        token = self._tokens.user(project)
        return read_wall(self._api, token, community.owner_id, is_postponed=is_postponed, most=most)


def look_seconds(pages: int) -> float:
    """Between two looks at walls that have so many pages together: however many, a day's looks stay in their share."""
    return max(LOOK_SECONDS, pages * _DAY_SECONDS / (QUOTA * LOOKING_SHARE))


def pause_after(error: VkError, attempts: int) -> float:
    """Seconds until a refresh is tried again: longer each time, and longer where only a person can help."""
    if error.retry_after is not None:
        return error.retry_after
    first, longest = _LASTING_PAUSES if error.is_permanent or error.needs_person else _PASSING_PAUSES
    return float(min(first * 2 ** min(attempts - 1, 10), longest))


def _essence(posts: Iterable[WallPost]) -> set[tuple[object, ...]]:
    """What people would see of them; addresses of pictures change with every answer of VK's."""
    return {(post.post_id, post.date, post.text, post.photos) for post in posts}
