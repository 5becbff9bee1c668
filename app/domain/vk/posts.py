"""Posts of ours on their way to a community's wall, and posts that stand there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.domain.vk.addresses import post_url

PHOTOS_MAX = 10
TEXT_MAX = 15_895
"""Characters of a post's text that VK takes."""
TRACK_SECONDS = 50.0
VERIFY_WITHIN = timedelta(minutes=5)
"""So long after the attempt a post that is not found on the wall may have failed."""
CALL_SECONDS = 60.0
"""A call of wall.post has ended by then, one way or another: its turn has come when it is announced."""
LATE_SPACING = timedelta(minutes=5)
"""Between late posts of a community that are published without asking."""
LATEST = 20
"""Posts of a wall among which one of ours is looked for."""


class PostStatus(StrEnum):
    """The states of seeds/001, and LATE: its time passed while nothing ran, and a person is to decide.

    A post that is found on the wall leaves these states: it goes into the history.
    """

    PENDING_PUBLICATION = "pending_publication"
    PUBLISHING = "publishing"
    ERROR = "error"
    POSSIBLE_ERROR = "possible_error"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class PostPhoto:
    """A photo of a post: our own copy in the media store, so that no cleanup of results breaks a post.

    `job_id` is the result that it was copied from. `attachment` is set once VK has it.
    """

    position: int
    path: str
    mime_type: str
    size_bytes: int
    width: int
    height: int
    job_id: UUID | None = None
    attachment: str | None = None


@dataclass(frozen=True, slots=True)
class SystemPost:
    """A post that this house publishes. Times are aware.

    `text` is as it was written, with variables; `sent_text` and `sent_attachments` are as VK got them, whatever became
    of the post since. `attempted_at` is when it was last sent, or would have been: whether VK took it is known once
    `vk_post_id` is set, or it was found. `vk_clock_at` is what VK's own clock said a moment before that, so that dates
    of the wall are compared with none of ours. `attempt` is the fence of those who publish; `tries` counts
    attempts since the last edit. `error` is JSON-ready: `code` and what belongs to it. `version` grows with every edit.
    """

    id: UUID
    community_id: UUID
    text: str
    photos: tuple[PostPhoto, ...]
    publication_date: datetime
    status: PostStatus
    attempt: int
    attempted_at: datetime | None
    sent_text: str | None
    vk_post_id: int | None
    error: Mapping[str, Any] | None
    version: int
    created_by: str | None
    created_at: datetime
    updated_by: str | None
    read_at: datetime  # the database's clock when this was read
    sent_attachments: tuple[str, ...] = ()
    tries: int = 0
    vk_clock_at: datetime | None = None

    @property
    def guid(self) -> str:
        """By which VK knows a repetition within an hour."""
        return self.id.hex

    @property
    def attachments(self) -> list[str]:
        return [photo.attachment for photo in self.photos if photo.attachment]


@dataclass(frozen=True, slots=True)
class WallPost:
    """A post as VK tells of it. `postponed_id` is the id that it had while it was postponed.

    `photos` are pairs of owner and photo id in their order; `preview_urls` belong to them.
    """

    post_id: int
    owner_id: int
    is_postponed: bool
    date: datetime
    text: str
    photos: tuple[tuple[int, int], ...]
    preview_urls: tuple[str, ...]
    postponed_id: int | None = None

    @property
    def url(self) -> str:
        return post_url(self.owner_id, self.post_id)


class PostOutcome(StrEnum):
    """How a post of the history ended."""

    PUBLISHED = "published"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PastPost:
    """A post that is over. `vk_post_id` is None if it never came to the wall; `job_ids` are results that it showed."""

    id: UUID
    community_id: UUID
    outcome: PostOutcome
    text: str
    photos: int
    publication_date: datetime
    ended_at: datetime
    vk_post_id: int | None
    created_by: str | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    job_ids: tuple[UUID, ...] = ()
