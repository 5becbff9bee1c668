"""What VK said last of albums, photos and walls: pages show it without asking again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Table, and_, case, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.adapters.db.connection import Database
from app.adapters.db.schema import album as album_table
from app.adapters.db.schema import community as community_table
from app.adapters.db.schema import community_refresh, wall_post
from app.adapters.db.schema import photo as photo_table
from app.adapters.db.vk import cache_rows
from app.domain.vk.content import ContentKind
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import WallPost
from app.ports.vk.communities import Freshness

_ADDED_STAYS = timedelta(minutes=2)


class PostgresVkCache:
    """Implements ports.vk.VkCache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def albums(self, community_id: UUID) -> Sequence[VkAlbum]:
        order = (album_table.c.position, album_table.c.album_id)
        found = select(album_table).where(album_table.c.community_id == community_id).order_by(*order)
        return [cache_rows.album(row) for row in self._database.run(found)]

    def replace_albums(self, community_id: UUID, albums: Sequence[VkAlbum], *, known: Freshness | None = None) -> None:
        listed = {album.album_id: album for album in albums}
        gone = and_(
            album_table.c.community_id == community_id,
            album_table.c.album_id.not_in(listed),
            _is_replaced(album_table),
        )
        rows = [
            cache_rows.of_album(community_id, album) | {"position": place, "added_at": None}
            for place, album in enumerate(listed.values())
        ]
        with self._database.transaction() as session:
            if not _begin(session, community_id, ContentKind.ALBUMS, 0):
                return
            ids = session.scalars(delete(album_table).where(gone).returning(album_table.c.album_id)).all()
            # Before what tells of photos, as an event of VK's locks the two: otherwise each could wait for the other.
            _note(session, community_id, ContentKind.ALBUMS, 0, known)
            _forget_photos(session, community_id, ids)
            _put(session, album_table, rows)

    def add_album(self, community_id: UUID, album: VkAlbum) -> None:
        first = select(func.coalesce(func.min(album_table.c.position), 0) - 1)
        place = first.where(album_table.c.community_id == community_id).scalar_subquery()
        row = cache_rows.of_album(community_id, album) | {"position": place, "added_at": func.now()}
        with self._database.transaction() as session:
            if _is_there(session, community_id):
                session.execute(insert(album_table).values(row).on_conflict_do_nothing())

    def photos(self, community_id: UUID, album_id: int, page: int, page_size: int) -> tuple[Sequence[VkPhoto], int]:
        wanted = _of_album(community_id, album_id)
        order = (photo_table.c.taken_at.desc(), photo_table.c.photo_id.desc())
        newest = select(photo_table).where(wanted).order_by(*order)
        with self._database.transaction() as session:
            total = session.scalar(select(func.count()).select_from(photo_table).where(wanted)) or 0
            rows = session.execute(newest.limit(page_size).offset((page - 1) * page_size)).all()
        return [cache_rows.photo(row) for row in rows], total

    def photo(self, community_id: UUID, photo_id: int) -> VkPhoto | None:
        of_community = photo_table.c.community_id == community_id
        rows = self._database.run(select(photo_table).where(of_community, photo_table.c.photo_id == photo_id))
        return cache_rows.photo(rows[0]) if rows else None

    def replace_photos(
        self, community_id: UUID, album_id: int, photos: Sequence[VkPhoto], *, known: Freshness | None = None
    ) -> None:
        listed = {photo.photo_id: photo for photo in photos}
        rows = [cache_rows.of_photo(community_id, photo) | {"added_at": None} for photo in listed.values()]
        wanted = _of_album(community_id, album_id)
        count = select(func.count()).select_from(photo_table).where(wanted).scalar_subquery()
        with self._database.transaction() as session:
            if not _begin(session, community_id, ContentKind.PHOTOS, album_id):
                return
            _hold_album(session, community_id, album_id)
            session.execute(delete(photo_table).where(wanted, _is_replaced(photo_table)))
            _put(session, photo_table, rows)
            session.execute(update(album_table).where(_is_album(community_id, album_id)).values(size=count))
            _note(session, community_id, ContentKind.PHOTOS, album_id, known)

    def add_photo(self, community_id: UUID, photo: VkPhoto) -> bool:
        row = cache_rows.of_photo(community_id, photo) | {"added_at": func.now()}
        added = insert(photo_table).values(row).on_conflict_do_nothing().returning(photo_table.c.photo_id)
        counted = update(album_table).where(_is_album(community_id, photo.album_id)).values(size=album_table.c.size + 1)
        with self._database.transaction() as session:
            if not _is_there(session, community_id):
                return False
            _hold_album(session, community_id, photo.album_id)
            if session.execute(added).first() is None:
                return False
            session.execute(counted)
        return True

    def posts(self, community_id: UUID, is_postponed: bool, limit: int) -> Sequence[WallPost]:
        order = [wall_post.c.date, wall_post.c.post_id]
        found = select(wall_post).where(_on_wall(community_id, is_postponed)).limit(limit)
        ordered = found.order_by(*(order if is_postponed else [column.desc() for column in order]))
        return [cache_rows.post(row) for row in self._database.run(ordered)]

    def replace_posts(
        self, community_id: UUID, is_postponed: bool, posts: Sequence[WallPost], *, known: Freshness | None = None
    ) -> None:
        listed = {post.post_id: post for post in posts}
        rows = [cache_rows.of_post(community_id, is_postponed, post) for post in listed.values()]
        kind = ContentKind.SCHEDULED_POSTS if is_postponed else ContentKind.PUBLISHED_POSTS
        with self._database.transaction() as session:
            if not _begin(session, community_id, kind, 0):
                return
            session.execute(delete(wall_post).where(_on_wall(community_id, is_postponed)))
            _put(session, wall_post, rows)
            _note(session, community_id, kind, 0, known)

    def wall_sizes(self) -> Mapping[tuple[UUID, bool], int]:
        walls = (wall_post.c.community_id, wall_post.c.is_postponed)
        rows = self._database.run(select(*walls, func.count().label("size")).group_by(*walls))
        return {(row.community_id, row.is_postponed): row.size for row in rows}

    def freshness(self, community_id: UUID) -> Mapping[tuple[ContentKind, int], Freshness]:
        rows = self._database.run(select(community_refresh).where(community_refresh.c.community_id == community_id))
        return {(ContentKind(row.kind), row.album_id): Freshness(row.refreshed_at, row.error) for row in rows}

    def note_failure(self, community_id: UUID, kind: ContentKind, album_id: int, error: str) -> None:
        with self._database.transaction() as session:
            if _is_there(session, community_id):
                _remember(session, community_id, kind, album_id, {"error": error})


def _begin(session: Session, community_id: UUID, kind: ContentKind, album_id: int) -> bool:
    """Whoever replaces the same waits until this transaction ends; False if there is no such community.

    Not a lock on the row that tells of refreshes: wishes for the next one, which VK's Callback makes, must not wait.
    """
    name = f"{community_id}:{kind}:{album_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    return _is_there(session, community_id)


def _is_there(session: Session, community_id: UUID) -> bool:
    """And it stays until the transaction ends."""
    found = select(community_table.c.id).where(community_table.c.id == community_id)
    return session.execute(found.with_for_update(read=True, key_share=True)).first() is not None


def _hold_album(session: Session, community_id: UUID, album_id: int) -> None:
    """Before its photos, as who deletes both does: otherwise each could wait for the other."""
    session.execute(select(album_table.c.album_id).where(_is_album(community_id, album_id)).with_for_update())


def _put(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(table)
    renewed = {name: statement.excluded[name] for name in rows[0]}
    session.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=renewed), rows)


def _note(session: Session, community_id: UUID, kind: ContentKind, album_id: int, known: Freshness | None) -> None:
    """Nobody can tell which of two readings at once is the newer one: after them, VK is to be read once more."""
    changes: dict[str, Any] = {}
    if known is not None:
        was, now = community_refresh.c, func.now()
        is_overtaken = was.refreshed_at.is_distinct_from(known.refreshed_at)
        wished_at = case((is_overtaken & (was.wanted == was.done), now), else_=was.wished_at)
        changes = {"wanted": was.wanted + cast(is_overtaken, Integer), "wished_at": wished_at}
    _remember(session, community_id, kind, album_id, {"refreshed_at": func.now(), "error": ""}, changes)


def _remember(
    session: Session,
    community_id: UUID,
    kind: ContentKind,
    album_id: int,
    values: dict[str, Any],
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """`changes` are those that a row which is there already gets besides `values`."""
    key = {"community_id": community_id, "kind": kind, "album_id": album_id}
    statement = insert(community_refresh).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_={**values, **changes}))


def _forget_photos(session: Session, community_id: UUID, album_ids: Sequence[int]) -> None:
    for table in (photo_table, community_refresh):
        session.execute(delete(table).where(table.c.community_id == community_id, table.c.album_id.in_(album_ids)))


def _is_replaced(table: Table) -> ColumnElement[bool]:
    return or_(table.c.added_at.is_(None), table.c.added_at < func.now() - _ADDED_STAYS)


def _is_album(community_id: UUID, album_id: int) -> ColumnElement[bool]:
    return and_(album_table.c.community_id == community_id, album_table.c.album_id == album_id)


def _of_album(community_id: UUID, album_id: int) -> ColumnElement[bool]:
    return and_(photo_table.c.community_id == community_id, photo_table.c.album_id == album_id)


def _on_wall(community_id: UUID, is_postponed: bool) -> ColumnElement[bool]:
    return and_(wall_post.c.community_id == community_id, wall_post.c.is_postponed == is_postponed)
