"""Posts on their way to a wall, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.vk.community import LATE_MINUTES, LatePolicy
from app.domain.vk.posts import CALL_SECONDS, LATE_SPACING, PastPost, PostOutcome, PostStatus, SystemPost
from tests.twins.memory_database import MemoryDatabase

_LOOKED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A row of the table system_post."""

    post: SystemPost
    taken_until: datetime | None = None

    @property
    def community_id(self) -> UUID:
        return self.post.community_id

    def is_free(self, now: datetime) -> bool:
        return self.taken_until is None or self.taken_until <= now

    def waits(self, now: datetime) -> bool:
        was_dropped = self.post.status is PostStatus.PUBLISHING and self.post.attempted_at is None and self.is_free(now)
        return self.post.status is PostStatus.PENDING_PUBLICATION or was_dropped

    def is_late(self, now: datetime) -> bool:
        return self.post.publication_date <= now - timedelta(minutes=LATE_MINUTES)

    @property
    def order(self) -> tuple[datetime, str]:
        return self.post.publication_date, self.post.id.hex


class MemorySystemPosts:
    """Implements ports.SystemPostStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def add(self, post: SystemPost) -> SystemPost | None:
        fresh = replace(
            post,
            attempt=0,
            attempted_at=None,
            vk_clock_at=None,
            sent_text=None,
            sent_attachments=(),
            tries=0,
            vk_post_id=None,
            error=None,
            version=1,
            created_at=self._database.now(),
        )
        with self._database.transaction():
            if post.id in self._rows or post.id in self._past:
                return None
            self._rows[post.id] = PostRow(fresh)
            return self._read(post.id)

    def get(self, post_id: UUID) -> SystemPost | None:
        with self._database.transaction():
            return self._read(post_id) if post_id in self._rows else None

    def of_community(self, community_id: UUID | None, start: datetime | None, end: datetime | None) -> list[SystemPost]:
        def is_wanted(post: SystemPost) -> bool:
            is_inside = (start is None or start <= post.publication_date) and (
                end is None or post.publication_date < end
            )
            return is_inside and community_id in (None, post.community_id)

        with self._database.transaction():
            return self._ordered(row for row in self._rows.values() if is_wanted(row.post))

    def edit(self, post: SystemPost, expected_version: int) -> SystemPost | None:
        with self._database.transaction():
            row = self._rows.get(post.id)
            if row is None or row.post.version != expected_version or row.post.status is PostStatus.PUBLISHING:
                return None
            edited = replace(
                row.post,
                text=post.text,
                photos=post.photos,
                publication_date=post.publication_date,
                status=post.status,
                error=post.error,
                updated_by=post.updated_by,
                version=expected_version + 1,
                tries=0,
            )
            self._rows[post.id] = PostRow(edited)
            return self._read(post.id)

    def take_due(self, limit: int, hold_seconds: float) -> list[SystemPost]:
        with self._database.transaction():
            due = sorted((row for row in self._rows.values() if self._is_due(row)), key=lambda row: row.order)
            for row in due[:limit]:
                numbers = {"attempt": row.post.attempt + 1, "tries": row.post.tries + 1}
                taken = replace(row.post, status=PostStatus.PUBLISHING, **numbers)
                self._rows[row.post.id] = PostRow(replace(taken, error=_error(row.post)), self._in(hold_seconds))
            return [self._read(row.post.id) for row in due[:limit]]

    def hold(self, post: SystemPost, hold_seconds: float) -> bool:
        return self._publishing(post, self._in(hold_seconds))

    def attach(self, post: SystemPost, position: int, attachment: str) -> bool:
        with self._database.transaction():
            row = self._rows.get(post.id)
            if row is None or position not in {photo.position for photo in row.post.photos}:
                return False
            photos = tuple(
                replace(photo, attachment=attachment) if photo.position == position else photo
                for photo in row.post.photos
            )
            return self._publishing(post, row.taken_until, photos=photos)

    def announce(self, post: SystemPost, sent_text: str, vk_clock_at: datetime) -> bool:
        with self._database.transaction():
            row = self._rows.get(post.id)
            return row is not None and self._publishing(
                post,
                self._in(CALL_SECONDS),
                attempted_at=self._database.now(),
                vk_clock_at=vk_clock_at,
                sent_text=sent_text,
                sent_attachments=tuple(row.post.attachments),
                vk_post_id=None,
                error=None,
            )

    def sent(self, post: SystemPost, vk_post_id: int) -> bool:
        with self._database.transaction():
            row = self._rows.get(post.id)
            if row is None or row.post.attempt != post.attempt or row.post.attempted_at is None:
                return False
            self._rows[post.id] = PostRow(replace(row.post, vk_post_id=vk_post_id))
            return True

    def end(
        self, post: SystemPost, status: PostStatus, error: Mapping[str, Any] | None, pause_seconds: float = 0.0
    ) -> bool:
        with self._database.transaction():
            row = self._rows.get(post.id)
            known = {
                "attempted_at": post.attempted_at,
                "vk_clock_at": post.vk_clock_at,
                "vk_post_id": (row and row.post.vk_post_id) or post.vk_post_id,
                "sent_text": post.sent_text,
                "sent_attachments": post.sent_attachments,
            }
            return self._publishing(post, self._in(pause_seconds), status=status, error=error, **known)

    def unverified(self, limit: int, hold_seconds: float) -> list[SystemPost]:
        with self._database.transaction():
            unseen = [row for row in self._rows.values() if self._is_unseen(row)]
            unseen.sort(key=lambda row: (row.post.attempted_at, row.post.id.hex))
            for row in unseen[:limit]:
                times = 10 if row.post.status is PostStatus.POSSIBLE_ERROR else 1
                self._rows[row.post.id] = replace(row, taken_until=self._in(hold_seconds * times))
            return [self._read(row.post.id) for row in unseen[:limit]]

    def finish(
        self,
        post_id: UUID,
        outcome: PostOutcome,
        vk_post_id: int | None,
        detail: Mapping[str, Any],
        *,
        by_hand: bool = False,
    ) -> bool:
        with self._database.transaction():
            row = self._rows.get(post_id)
            may_interrupt = outcome is PostOutcome.PUBLISHED and not by_hand
            if row is None or not self._may_end(row.post, may_interrupt, vk_post_id):
                return False
            del self._rows[post_id]
            jobs = tuple(photo.job_id for photo in row.post.photos if photo.job_id)
            self._database.table("photos_of_past_posts")[post_id] = jobs
            self._past[post_id] = PastPost(
                id=post_id,
                community_id=row.post.community_id,
                outcome=outcome,
                text=row.post.text if row.post.sent_text is None else row.post.sent_text,
                photos=len(row.post.photos),
                publication_date=row.post.publication_date,
                ended_at=self._database.now(),
                vk_post_id=vk_post_id,
                created_by=row.post.created_by,
                detail=dict(detail),
                job_ids=jobs,
            )
            return True

    def history(self, community_id: UUID | None, page: int, page_size: int) -> tuple[Sequence[PastPost], int]:
        with self._database.transaction():
            past = [post for post in self._past.values() if community_id in (None, post.community_id)]
        past.sort(key=lambda post: post.id.hex)
        past.sort(key=lambda post: post.ended_at, reverse=True)
        return past[(page - 1) * page_size : page * page_size], len(past)

    def past(self, post_id: UUID) -> PastPost | None:
        with self._database.transaction():
            return self._past.get(post_id)

    def has_withdrawn_photos(self, post_id: UUID) -> bool:
        with self._database.transaction():
            photos = self._rows[post_id].post.photos if post_id in self._rows else ()
            jobs = [self._database.table("job").get(photo.job_id) for photo in photos]
            return any(job and (job.hidden_at or job.deleted_at) for job in jobs)

    def media_in_use(self, ids: Sequence[UUID]) -> set[str]:
        with self._database.transaction():
            found = [self._rows[post_id].post for post_id in ids if post_id in self._rows]
        return {photo.path for post in found for photo in post.photos}

    @property
    def _rows(self) -> dict[UUID, PostRow]:
        return self._database.table("system_post")

    @property
    def _past(self) -> dict[UUID, PastPost]:
        return self._database.table("past_post")

    def _read(self, post_id: UUID) -> SystemPost:
        return replace(self._rows[post_id].post, read_at=self._database.now())

    def _ordered(self, rows: Any) -> list[SystemPost]:
        return [self._read(row.post.id) for row in sorted(rows, key=lambda row: row.order)]

    def _in(self, seconds: float) -> datetime:
        return self._database.now() + timedelta(seconds=seconds)

    def _publishing(self, post: SystemPost, taken_until: datetime | None, **changes: Any) -> bool:
        """Change the post if the attempt that took `post` still publishes it."""
        with self._database.transaction():
            row = self._rows.get(post.id)
            if row is None or (row.post.attempt, row.post.status) != (post.attempt, PostStatus.PUBLISHING):
                return False
            self._rows[post.id] = PostRow(replace(row.post, **changes), taken_until)
            return True

    def _is_due(self, row: PostRow) -> bool:
        now = self._database.now()
        if not row.waits(now) or row.post.publication_date > now or not row.is_free(now):
            return False
        community = self._database.table("community")[row.post.community_id]
        return not row.is_late(now) or community.late_policy is LatePolicy.ASK or self._has_its_turn(row, now)

    def _has_its_turn(self, row: PostRow, now: datetime) -> bool:
        """Whether a late post is its community's oldest, and none of ours appeared a short while ago."""
        for other in self._rows.values():
            if other.post.community_id != row.post.community_id or other.post.id == row.post.id:
                continue
            if other.waits(now) and other.is_late(now) and other.order < row.order:
                return False
            if other.post.status is PostStatus.PUBLISHING and not other.waits(now):
                return False
        return not any(
            past.community_id == row.post.community_id
            and past.outcome is PostOutcome.PUBLISHED
            and past.ended_at > now - LATE_SPACING
            for past in self._past.values()
        )

    def _is_unseen(self, row: PostRow) -> bool:
        now, post = self._database.now(), row.post
        if post.attempted_at is None or not row.is_free(now):
            return False
        is_missed = post.status is PostStatus.POSSIBLE_ERROR and post.attempted_at > now - _LOOKED_FOR
        return post.status is PostStatus.PUBLISHING or is_missed

    def _may_end(self, post: SystemPost, may_interrupt: bool, vk_post_id: int | None) -> bool:
        if post.status is PostStatus.PUBLISHING and not may_interrupt:
            return False
        known = {(past.community_id, past.vk_post_id) for past in self._past.values()}
        return vk_post_id is None or (post.community_id, vk_post_id) not in known


def _error(post: SystemPost) -> Mapping[str, Any] | None:
    """That of a post which is taken: how often whoever published it died."""
    if post.status is not PostStatus.PUBLISHING:
        return post.error
    return {"code": "interrupted", "times": (post.error or {}).get("times", 0) + 1}
