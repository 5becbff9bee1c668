"""What VK said last, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.vk.content import ContentKind
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import WallPost
from app.ports.vk.communities import Freshness
from tests.twins.memory_database import MemoryDatabase
from tests.twins.vk.refresh_row import change_refresh, refresh_rows

_ADDED_STAYS = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Album:
    album: VkAlbum
    position: int
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Photo:
    photo: VkPhoto
    added_at: datetime | None


class MemoryVkCache:
    """Implements ports.vk.VkCache."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def albums(self, community_id: UUID) -> Sequence[VkAlbum]:
        with self._database.transaction():
            rows = [row for (owner, _), row in self._albums.items() if owner == community_id]
        return [row.album for row in sorted(rows, key=lambda row: (row.position, row.album.album_id))]

    def replace_albums(self, community_id: UUID, albums: Sequence[VkAlbum], *, known: Freshness | None = None) -> None:
        with self._database.transaction():
            if not self._is_there(community_id):
                return
            listed = {album.album_id for album in albums}
            stored = [album_id for owner, album_id in self._albums if owner == community_id]
            for album_id in stored:
                if album_id not in listed and self._is_replaced(self._albums[community_id, album_id]):
                    self._forget(community_id, album_id)
            for place, album in enumerate(albums):
                self._albums[community_id, album.album_id] = _Album(album, place, None)
            self._note(community_id, ContentKind.ALBUMS, 0, known)

    def add_album(self, community_id: UUID, album: VkAlbum) -> None:
        with self._database.transaction():
            if self._is_there(community_id):
                places = [row.position for (owner, _), row in self._albums.items() if owner == community_id]
                first = min(places, default=0) - 1
                self._albums.setdefault((community_id, album.album_id), _Album(album, first, self._database.now()))

    def photos(self, community_id: UUID, album_id: int, page: int, page_size: int) -> tuple[Sequence[VkPhoto], int]:
        with self._database.transaction():
            found = [self._photos[key].photo for key in self._of_album(community_id, album_id)]
        newest = sorted(found, key=lambda photo: (photo.taken_at, photo.photo_id), reverse=True)
        return newest[(page - 1) * page_size :][:page_size], len(newest)

    def photo(self, community_id: UUID, photo_id: int) -> VkPhoto | None:
        with self._database.transaction():
            row = self._photos.get((community_id, photo_id))
        return row.photo if row else None

    def replace_photos(
        self, community_id: UUID, album_id: int, photos: Sequence[VkPhoto], *, known: Freshness | None = None
    ) -> None:
        with self._database.transaction():
            if not self._is_there(community_id):
                return
            for key in self._of_album(community_id, album_id):
                if self._is_replaced(self._photos[key]):
                    del self._photos[key]
            for photo in photos:
                self._photos[community_id, photo.photo_id] = _Photo(photo, None)
            self._resize(community_id, album_id, len(self._of_album(community_id, album_id)))
            self._note(community_id, ContentKind.PHOTOS, album_id, known)

    def add_photo(self, community_id: UUID, photo: VkPhoto) -> bool:
        key = (community_id, photo.photo_id)
        with self._database.transaction():
            if not self._is_there(community_id) or key in self._photos:
                return False
            self._photos[key] = _Photo(photo, self._database.now())
            row = self._albums.get((community_id, photo.album_id))
            self._resize(community_id, photo.album_id, row.album.size + 1 if row else 0)
            return True

    def posts(self, community_id: UUID, is_postponed: bool, limit: int) -> Sequence[WallPost]:
        with self._database.transaction():
            found = [self._wall[key] for key in self._on_wall(community_id, is_postponed)]
        return sorted(found, key=lambda post: (post.date, post.post_id), reverse=not is_postponed)[:limit]

    def replace_posts(
        self, community_id: UUID, is_postponed: bool, posts: Sequence[WallPost], *, known: Freshness | None = None
    ) -> None:
        with self._database.transaction():
            if not self._is_there(community_id):
                return
            for key in self._on_wall(community_id, is_postponed):
                del self._wall[key]
            for post in posts:
                kept = replace(post, is_postponed=is_postponed)
                self._wall[community_id, is_postponed, post.post_id] = kept
            kind = ContentKind.SCHEDULED_POSTS if is_postponed else ContentKind.PUBLISHED_POSTS
            self._note(community_id, kind, 0, known)

    def wall_sizes(self) -> Mapping[tuple[UUID, bool], int]:
        with self._database.transaction():
            return Counter((community_id, is_postponed) for community_id, is_postponed, _ in self._wall)

    def freshness(self, community_id: UUID) -> Mapping[tuple[ContentKind, int], Freshness]:
        with self._database.transaction():
            return {
                (kind, album_id): Freshness(row.refreshed_at, row.error)
                for (owner, kind, album_id), row in refresh_rows(self._database).items()
                if owner == community_id
            }

    def note_failure(self, community_id: UUID, kind: ContentKind, album_id: int, error: str) -> None:
        with self._database.transaction():
            if self._is_there(community_id):
                change_refresh(self._database, (community_id, kind, album_id), error=error)

    def _is_there(self, community_id: UUID) -> bool:
        return community_id in self._database.table("community")

    def _is_replaced(self, row: _Album | _Photo) -> bool:
        return row.added_at is None or row.added_at < self._database.now() - _ADDED_STAYS

    def _note(self, community_id: UUID, kind: ContentKind, album_id: int, known: Freshness | None) -> None:
        key = (community_id, kind, album_id)
        row = refresh_rows(self._database).get(key)
        now = self._database.now()
        if row and known and row.refreshed_at != known.refreshed_at:
            wished_at = now if row.wanted == row.done else row.wished_at
            change_refresh(self._database, key, wanted=row.wanted + 1, wished_at=wished_at)
        change_refresh(self._database, key, refreshed_at=now, error="")

    def _forget(self, community_id: UUID, album_id: int) -> None:
        for key in self._of_album(community_id, album_id):
            del self._photos[key]
        refresh_rows(self._database).pop((community_id, ContentKind.PHOTOS, album_id), None)
        del self._albums[community_id, album_id]

    def _resize(self, community_id: UUID, album_id: int, size: int) -> None:
        row = self._albums.get((community_id, album_id))
        if row:
            self._albums[community_id, album_id] = replace(row, album=replace(row.album, size=size))

    def _of_album(self, community_id: UUID, album_id: int) -> list[tuple[UUID, int]]:
        return [key for key, row in self._photos.items() if (key[0], row.photo.album_id) == (community_id, album_id)]

    def _on_wall(self, community_id: UUID, is_postponed: bool) -> list[tuple[UUID, bool, int]]:
        return [key for key in self._wall if key[:2] == (community_id, is_postponed)]

    @property
    def _albums(self) -> dict[tuple[UUID, int], _Album]:
        return self._database.table("album")

    @property
    def _photos(self) -> dict[tuple[UUID, int], _Photo]:
        return self._database.table("photo")

    @property
    def _wall(self) -> dict[tuple[UUID, bool, int], WallPost]:
        return self._database.table("wall_post")
