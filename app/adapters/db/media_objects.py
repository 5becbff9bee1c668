"""Temporary public files: where they lie, and until when they are shown."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import media_object
from app.domain.media import MediaObject

_ROWS_KEPT = timedelta(days=30)

# least() passes over the NULL of a file that belongs to no job.
_ADD = text("""
INSERT INTO media_object (id, path, mime_type, size_bytes, job_id, expires_at)
VALUES (:id, :path, :mime_type, :size_bytes, :job_id,
        least(now() + make_interval(secs => :lifetime), (SELECT expires_at FROM job WHERE id = :job_id)))
RETURNING *, now() AS read_at
""")

_FORGET = text("""
WITH gone AS (
    SELECT id, path FROM media_object
    WHERE path IS NOT NULL AND expires_at <= now()
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE media_object SET path = NULL
FROM gone WHERE media_object.id = gone.id
RETURNING gone.path, media_object.size_bytes
""")


class PostgresMediaObjectStore:
    """Implements ports.MediaObjectStore and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        media_id: UUID,
        path: str,
        mime_type: str,
        size_bytes: int,
        job_id: UUID | None,
        lifetime_seconds: float,
    ) -> MediaObject:
        values = {"id": media_id, "path": path, "mime_type": mime_type, "size_bytes": size_bytes}
        [row] = self._database.run(_ADD, {**values, "job_id": job_id, "lifetime": lifetime_seconds})
        return _media_object(row)

    def get(self, media_id: UUID) -> MediaObject | None:
        query = select(media_object, func.statement_timestamp().label("read_at"))
        rows = self._database.run(query.where(media_object.c.id == media_id))
        return _media_object(rows[0]) if rows else None

    def forget_media(self, limit: int) -> list[tuple[str, int]]:
        return [(row.path, row.size_bytes) for row in self._database.run(_FORGET, {"limit": limit})]

    def referenced_media(self, ids: Sequence[UUID]) -> set[str]:
        query = select(media_object.c.path).where(media_object.c.id.in_(ids), media_object.c.path.is_not(None))
        return {row.path for row in self._database.run(query)}

    def forget_expired(self, limit: int) -> int:
        is_over = media_object.c.path.is_(None) & (media_object.c.expires_at < func.now() - _ROWS_KEPT)
        return forget(self._database, media_object, is_over, limit)


def _media_object(row: Row[Any]) -> MediaObject:
    return MediaObject(
        id=row.id,
        path=row.path,
        mime_type=row.mime_type,
        size_bytes=row.size_bytes,
        job_id=row.job_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        read_at=row.read_at,
    )
