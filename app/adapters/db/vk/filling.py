"""Photos on their way to albums of communities, and the albums that take them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import album_upload
from app.adapters.db.vk import filling_sql as sql
from app.domain.vk.filling import AlbumKey, FilledAlbum
from app.domain.vk.media import UPLOAD_MAX
from app.ports.vk.filling import AlbumBatch, AlbumPlace, AlbumUpload, PostPlace, UploadTally

_KEPT = timedelta(days=30)


class PostgresAlbumUploads:
    """Implements ports.vk.AlbumUploads and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def order(self, community_id: UUID, key: AlbumKey, photos: Mapping[UUID, str]) -> int:
        ordered = {"ids": list(photos), "slot_ids": list(photos.values())}
        return len(self._database.run(sql.ORDER, {**_album(community_id, key), **ordered}))

    def take(self, hold_seconds: float, resting: Collection[UUID] = ()) -> AlbumBatch | None:
        wanted = {"hold_seconds": hold_seconds, "limit": UPLOAD_MAX, "resting": list(resting)}
        rows = self._database.run(sql.TAKE, wanted)
        if not rows:
            return None
        uploads = tuple(
            AlbumUpload(row.job_id, row.attempts, row.width, row.height, row.path, row.checksum) for row in rows
        )
        return AlbumBatch(rows[0].community_id, AlbumKey.parse(rows[0].album_key), uploads, rows[0].announced_at)

    def sendable(self, batch: AlbumBatch) -> frozenset[UUID]:
        wanted = {**_album(batch.community_id, batch.key), "ids": [upload.job_id for upload in batch.uploads]}
        return frozenset(row.job_id for row in self._database.run(sql.SENDABLE, wanted))

    def announce(self, batch: AlbumBatch, hold_seconds: float) -> AlbumBatch | None:
        rows = self._database.run(sql.ANNOUNCE, {**_held(batch), "hold_seconds": hold_seconds})
        held = {row.job_id for row in rows}
        uploads = tuple(upload for upload in batch.uploads if upload.job_id in held)
        return replace(batch, uploads=uploads, sent_at=rows[0].announced_at) if rows else None

    def sent(self, batch: AlbumBatch, photos: Mapping[UUID, int]) -> None:
        found = {"ids": list(photos), "photo_ids": list(photos.values())}
        self._database.run(sql.SENT, {**_album(batch.community_id, batch.key), **found})

    def failed(self, batch: AlbumBatch, error: str, retry_seconds: float, *, is_unknown: bool = False) -> None:
        how = {"error": error, "retry_seconds": retry_seconds, "is_unknown": is_unknown}
        self._database.run(sql.FAILED, {**_held(batch), **how})

    def give_up(self, batch: AlbumBatch, error: str) -> None:
        self._database.run(sql.GIVE_UP, {**_held(batch), "error": error})

    def close(self) -> int:
        return len(self._database.run(sql.CLOSE))

    def known(self, community_id: UUID, ids: Collection[int]) -> frozenset[int]:
        rows = self._database.run(sql.KNOWN, {"community_id": community_id, "ids": list(ids)})
        return frozenset(row.vk_photo_id for row in rows)

    def tally(self, slot_id: str) -> UploadTally:
        [row] = self._database.run(sql.TALLY, {"slot_id": slot_id})
        return UploadTally(**row._mapping)

    def in_albums(self, job_id: UUID) -> Sequence[AlbumPlace]:
        return [AlbumPlace(**row._mapping) for row in self._database.run(sql.IN_ALBUMS, {"job_id": job_id})]

    def in_posts(self, job_id: UUID) -> Sequence[PostPlace]:
        return [PostPlace(**row._mapping) for row in self._database.run(sql.IN_POSTS, {"job_id": job_id})]

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, album_upload, album_upload.c.created_at < func.now() - _KEPT, limit)


class PostgresFilledAlbums:
    """Implements ports.vk.FilledAlbums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, community_id: UUID, key: AlbumKey) -> FilledAlbum | None:
        rows = self._database.run(sql.CURRENT_ALBUM, _album(community_id, key))
        return FilledAlbum(rows[0].part, rows[0].album_id) if rows else None

    def remember(self, community_id: UUID, key: AlbumKey, album: FilledAlbum) -> None:
        wanted = {**_album(community_id, key), "part": album.part, "album_id": album.album_id}
        self._database.run(sql.REMEMBER_ALBUM, wanted)

    def taken(self, community_id: UUID) -> frozenset[int]:
        rows = self._database.run(sql.TAKEN_ALBUMS, {"community_id": community_id})
        return frozenset(row.album_id for row in rows)


def _album(community_id: UUID, key: AlbumKey) -> dict[str, Any]:
    return {"community_id": community_id, "album_key": str(key)}


def _held(batch: AlbumBatch) -> dict[str, Any]:
    return {
        **_album(batch.community_id, batch.key),
        "ids": [upload.job_id for upload in batch.uploads],
        "attempts": [upload.attempts for upload in batch.uploads],
    }
