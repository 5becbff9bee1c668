"""Photos of galleries on PostgreSQL: runs the statements of photo_sql and speaks the domain's language."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, Select, TextClause, cast, func, literal, select, union_all

from app.adapters.db import photo_sql as sql
from app.adapters.db.connection import Database, at_most
from app.adapters.db.queue import stored_result
from app.adapters.db.schema import job
from app.domain.job import Source
from app.domain.job_log import Place
from app.domain.photo import KEPT_HOURS, Photo, PhotoFilter, PhotoState
from app.ports.photos import Tally

_PLACEHOLDER_SECONDS = 1.0  # the worker has other photos to make


class PostgresPhotos:
    """Implements ports.PhotoReader and ports.PhotoKeeper."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def older(self, wanted: PhotoFilter, before: Place | None, limit: int, offset: int = 0) -> Sequence[Photo]:
        places = [sql.older_than(before)] if before else []
        found = select(job.c.id).where(*sql.wanted_are(wanted), *places).order_by(*sql.NEWEST_FIRST)
        return self._photos(found.limit(limit).offset(offset or None))

    def newer(self, wanted: PhotoFilter, after: Place, limit: int) -> Sequence[Photo]:
        conditions = [*sql.wanted_are(wanted), sql.newer_than(after)]
        return self._photos(select(job.c.id).where(*conditions).order_by(*sql.OLDEST_FIRST).limit(limit))

    def _photos(self, ids: Select[Any]) -> list[Photo]:
        """The ids are found by an index alone; rows are wide."""
        query = sql.PHOTO.where(job.c.id.in_(ids)).order_by(*sql.NEWEST_FIRST)
        return [_photo(row) for row in self._database.run(query)]

    def find(self, photo_id: UUID) -> Photo | None:
        rows = self._database.run(sql.PHOTO.where(job.c.id == photo_id, *sql.is_there()))
        return _photo(rows[0]) if rows else None

    def tally(self, wanted: PhotoFilter) -> Tally:
        return _tally(self._database.run(_counted(wanted))[0])

    def tallies(self, wanted: PhotoFilter) -> Mapping[PhotoState, Tally]:
        rows = self._database.run(union_all(*(_counted(replace(wanted, state=state)) for state in PhotoState)))
        return {PhotoState(row.state): _tally(row) for row in rows}

    def by_day(self, wanted: PhotoFilter, zone: str) -> Sequence[tuple[date, int]]:
        day = cast(func.timezone(zone, job.c.finalized_at), Date)
        return self._counts(day, day.desc(), sql.wanted_are(wanted))

    def by_slot(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        return self._counts(job.c.slot_id, job.c.slot_id, sql.wanted_are(wanted))

    def by_booth(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        return self._counts(job.c.booth, job.c.booth, [*sql.wanted_are(wanted), job.c.booth != ""])

    def _counts(
        self, key: ColumnElement[Any], order: ColumnElement[Any], conditions: Iterable[ColumnElement[bool]]
    ) -> list[tuple[Any, int]]:
        counted = select(key.label("key"), func.count().label("number")).where(*conditions)
        return [(row.key, row.number) for row in self._database.run(counted.group_by(key).order_by(order))]

    def withdrawn(self, wanted: PhotoFilter, seconds: float, limit: int | None = None) -> Sequence[UUID]:
        return [row.id for row in self._database.run(sql.withdrawn(wanted, seconds).limit(limit))]

    def shown_again(self, wanted: PhotoFilter, seconds: float, limit: int) -> Sequence[Photo]:
        conditions = [*sql.wanted_are(wanted), sql.shown_since(seconds)]
        return self._photos(select(job.c.id).where(*conditions).limit(limit))

    def hide(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(sql.HIDE, ids)

    def show(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(sql.SHOW, ids)

    def delete(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(sql.DELETE, ids)

    def restore(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(sql.RESTORE, ids)

    def keep(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(sql.KEEP, ids, kept_hours=KEPT_HOURS)

    def release(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(sql.RELEASE, ids)

    def set_placeholder(self, photo_id: UUID, placeholder: str) -> None:
        with at_most(_PLACEHOLDER_SECONDS):
            self._database.run(sql.SET_PLACEHOLDER, {"id": photo_id, "placeholder": placeholder})

    def _change(self, statement: TextClause, ids: Collection[UUID], **values: Any) -> Mapping[UUID, str]:
        rows = self._database.run(statement, {"ids": [str(photo_id) for photo_id in ids], **values})
        return {row.id: row.slot_id for row in rows}


def _counted(wanted: PhotoFilter) -> Select[Any]:
    size, first = func.coalesce(func.sum(job.c.result_size_bytes), 0), func.min(job.c.result_expires_at)
    told = literal(wanted.state.value).label("state"), func.count().label("photos"), size.label("size")
    return select(*told, first.label("first")).where(*sql.wanted_are(wanted))


def _tally(row: Row[Any]) -> Tally:
    return Tally(row.photos, int(row.size), row.first)


def _photo(row: Row[Any]) -> Photo:
    return Photo(
        id=row.id,
        slot_id=row.slot_id,
        source=Source(row.source),
        booth=row.booth,
        finalized_at=row.finalized_at,
        expires_at=row.result_expires_at,
        read_at=row.read_at,
        result=stored_result(row),
        placeholder=row.placeholder,
        state=_state(row),
        is_kept=row.is_kept,
        is_twin=row.is_twin,
        has_original=row.has_original,
    )


def _state(row: Row[Any]) -> PhotoState:
    if row.deleted_at is not None:
        return PhotoState.DELETED
    return PhotoState.VISIBLE if row.hidden_at is None else PhotoState.HIDDEN
