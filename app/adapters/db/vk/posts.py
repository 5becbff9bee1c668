"""Posts of ours: stored, taken by those who publish, and remembered."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause
from sqlalchemy.orm import Session

from app.adapters.db.connection import Database
from app.adapters.db.vk import posts_sql as sql
from app.domain.vk.community import LATE_MINUTES
from app.domain.vk.posts import (
    CALL_SECONDS,
    LATE_SPACING,
    PastPost,
    PostOutcome,
    PostPhoto,
    PostStatus,
    SystemPost,
)

_LATE = {"late_minutes": LATE_MINUTES, "spacing_seconds": LATE_SPACING.total_seconds()}


class PostgresSystemPosts:
    """Implements ports.SystemPostStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, post: SystemPost) -> SystemPost | None:
        values = {**_content(post), "created_by": post.created_by}
        with self._database.transaction() as session:
            is_new = session.execute(sql.ADD, values).first() is not None
            if not is_new or session.execute(sql.DROP_IF_OVER, values).first() is not None:
                return None
            _add_photos(session, post)
            return _post(session.execute(sql.GET, {"id": post.id}).one())

    def get(self, post_id: UUID) -> SystemPost | None:
        rows = self._database.run(sql.GET, {"id": post_id})
        return _post(rows[0]) if rows else None

    def of_community(self, community_id: UUID | None, start: datetime | None, end: datetime | None) -> list[SystemPost]:
        wanted = {"community_id": community_id, "start": start, "end": end}
        return _posts(self._database.run(sql.OF_COMMUNITY, wanted))

    def edit(self, post: SystemPost, expected_version: int) -> SystemPost | None:
        values = {**_content(post), "error": _json(post.error), "expected_version": expected_version}
        with self._database.transaction() as session:
            if session.execute(sql.EDIT, values).first() is None:
                return None
            session.execute(sql.FORGET_PHOTOS, {"id": post.id})
            _add_photos(session, post)
            return _post(session.execute(sql.GET, {"id": post.id}).one())

    def take_due(self, limit: int, hold_seconds: float) -> list[SystemPost]:
        wanted = {"limit": limit, "hold_seconds": hold_seconds, **_LATE}
        return _posts(self._database.run(sql.TAKE_DUE, wanted))

    def hold(self, post: SystemPost, hold_seconds: float) -> bool:
        return self._change(sql.HOLD, post, hold_seconds=hold_seconds)

    def attach(self, post: SystemPost, position: int, attachment: str) -> bool:
        return self._change(sql.ATTACH, post, position=position, attachment=attachment)

    def announce(self, post: SystemPost, sent_text: str, vk_clock_at: datetime) -> bool:
        sent = {"sent_text": sent_text, "vk_clock_at": vk_clock_at}
        return self._change(sql.ANNOUNCE, post, call_seconds=CALL_SECONDS, **sent)

    def sent(self, post: SystemPost, vk_post_id: int) -> bool:
        return self._change(sql.SENT, post, vk_post_id=vk_post_id)

    def end(
        self, post: SystemPost, status: PostStatus, error: Mapping[str, Any] | None, pause_seconds: float = 0.0
    ) -> bool:
        known = {
            "attempted_at": post.attempted_at,
            "vk_clock_at": post.vk_clock_at,
            "vk_post_id": post.vk_post_id,
            "sent_text": post.sent_text,
            "sent_attachments": list(post.sent_attachments),
        }
        return self._change(
            sql.END, post, status=status.value, error=_json(error), pause_seconds=pause_seconds, **known
        )

    def unverified(self, limit: int, hold_seconds: float) -> list[SystemPost]:
        return _posts(self._database.run(sql.UNVERIFIED, {"limit": limit, "hold_seconds": hold_seconds}))

    def finish(
        self,
        post_id: UUID,
        outcome: PostOutcome,
        vk_post_id: int | None,
        detail: Mapping[str, Any],
        *,
        by_hand: bool = False,
    ) -> bool:
        ended = {"id": post_id, "outcome": outcome.value, "vk_post_id": vk_post_id, "detail": _json(detail)}
        return bool(self._database.run(sql.FINISH, {**ended, "by_hand": by_hand}))

    def history(self, community_id: UUID | None, page: int, page_size: int) -> tuple[Sequence[PastPost], int]:
        wanted = {"community_id": community_id, "limit": page_size, "offset": (page - 1) * page_size}
        with self._database.transaction() as session:
            total = session.execute(sql.COUNT_HISTORY, wanted).scalar_one()
            return [_past(row) for row in session.execute(sql.HISTORY, wanted)], total

    def past(self, post_id: UUID) -> PastPost | None:
        rows = self._database.run(sql.PAST, {"id": post_id})
        return _past(rows[0]) if rows else None

    def has_withdrawn_photos(self, post_id: UUID) -> bool:
        return bool(self._database.run(sql.IS_WITHDRAWN, {"id": post_id}))

    def media_in_use(self, ids: Sequence[UUID]) -> set[str]:
        return {row.path for row in self._database.run(sql.MEDIA_IN_USE, {"ids": list(ids)})}

    def _change(self, statement: TextClause, post: SystemPost, **values: Any) -> bool:
        """Whether the attempt that took `post` still had it."""
        return bool(self._database.run(statement, {"id": post.id, "attempt": post.attempt, **values}))


def _content(post: SystemPost) -> dict[str, Any]:
    return {
        "id": post.id,
        "community_id": post.community_id,
        "text": post.text,
        "publication_date": post.publication_date,
        "status": post.status.value,
        "updated_by": post.updated_by,
    }


def _add_photos(session: Session, post: SystemPost) -> None:
    if post.photos:
        session.execute(sql.ADD_PHOTO, [_photo_row(post.id, photo) for photo in post.photos])


def _photo_row(post_id: UUID, photo: PostPhoto) -> dict[str, Any]:
    return {
        "post_id": post_id,
        "position": photo.position,
        "path": photo.path,
        "mime_type": photo.mime_type,
        "size_bytes": photo.size_bytes,
        "width": photo.width,
        "height": photo.height,
        "job_id": photo.job_id,
        "attachment": photo.attachment,
    }


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value))


def _posts(rows: Iterable[Row[Any]]) -> list[SystemPost]:
    return [_post(row) for row in rows]


def _post(row: Row[Any]) -> SystemPost:
    return SystemPost(
        id=row.id,
        community_id=row.community_id,
        text=row.text,
        photos=tuple(_photo(photo) for photo in row.photos),
        publication_date=row.publication_date,
        status=PostStatus(row.status),
        attempt=row.attempt,
        attempted_at=row.attempted_at,
        sent_text=row.sent_text,
        vk_post_id=row.vk_post_id,
        error=row.error,
        version=row.version,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_by=row.updated_by,
        read_at=row.read_at,
        sent_attachments=tuple(row.sent_attachments),
        tries=row.tries,
        vk_clock_at=row.vk_clock_at,
    )


def _photo(stored: Mapping[str, Any]) -> PostPhoto:
    return PostPhoto(
        position=stored["position"],
        path=stored["path"],
        mime_type=stored["mime_type"],
        size_bytes=stored["size_bytes"],
        width=stored["width"],
        height=stored["height"],
        job_id=UUID(stored["job_id"]) if stored["job_id"] else None,
        attachment=stored["attachment"],
    )


def _past(row: Row[Any]) -> PastPost:
    return PastPost(
        id=row.id,
        community_id=row.community_id,
        outcome=PostOutcome(row.outcome),
        text=row.text,
        photos=row.photos,
        publication_date=row.publication_date,
        ended_at=row.ended_at,
        vk_post_id=row.vk_post_id,
        created_by=row.created_by,
        detail=row.detail,
        job_ids=tuple(row.job_ids),
    )
