"""Temporary public files in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.domain.media import MediaObject
from tests.twins.memory_database import MemoryDatabase

_ROWS_KEPT = timedelta(days=30)


class MemoryMediaObjectStore:
    """Implements ports.MediaObjectStore and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
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
        with self._database.transaction():
            now = self._database.now()
            ends = [now + timedelta(seconds=lifetime_seconds)]
            if job := self._database.table("job").get(job_id):
                ends.append(job.expires_at)
            found = MediaObject(media_id, path, mime_type, size_bytes, job_id, now, min(ends), now)
            self._objects[media_id] = found
            return found

    def get(self, media_id: UUID) -> MediaObject | None:
        with self._database.transaction():
            found = self._objects.get(media_id)
            return replace(found, read_at=self._database.now()) if found else None

    def forget_media(self, limit: int) -> list[tuple[str, int]]:
        with self._database.transaction():
            now = self._database.now()
            over = [found for found in self._objects.values() if found.path and found.expires_at <= now][:limit]
            self._objects.update({found.id: replace(found, path=None) for found in over})
            return [(found.path, found.size_bytes) for found in over if found.path]

    def referenced_media(self, ids: Sequence[UUID]) -> set[str]:
        with self._database.transaction():
            return {found.path for found in self._objects.values() if found.path and found.id in ids}

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - _ROWS_KEPT
            return self._database.forget(
                "media_object", lambda found: found.path is None and found.expires_at < kept_since, limit
            )

    @property
    def _objects(self) -> dict[UUID, MediaObject]:
        return self._database.table("media_object")
