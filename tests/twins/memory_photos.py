"""Photos of galleries, from the rows that the queue in memory writes."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.booth import booth_name
from app.domain.job import Source
from app.domain.job_log import Place
from app.domain.photo import KEPT_HOURS, Photo, PhotoFilter, PhotoState
from app.ports.photos import Tally
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase


class MemoryPhotos:
    """Implements ports.PhotoReader and ports.PhotoKeeper."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def older(self, wanted: PhotoFilter, before: Place | None, limit: int, offset: int = 0) -> Sequence[Photo]:
        found = [photo for photo in self._wanted(wanted) if before is None or photo.place < before]
        return found[offset : offset + limit]

    def newer(self, wanted: PhotoFilter, after: Place, limit: int) -> Sequence[Photo]:
        return [photo for photo in self._wanted(wanted) if photo.place > after][-limit:]

    def find(self, photo_id: UUID) -> Photo | None:
        return next((photo for photo in self._all() if photo.id == photo_id), None)

    def tally(self, wanted: PhotoFilter) -> Tally:
        found = self._wanted(wanted)
        sizes = [photo.result.size_bytes for photo in found]
        return Tally(len(found), sum(sizes), min((photo.expires_at for photo in found), default=None))

    def tallies(self, wanted: PhotoFilter) -> Mapping[PhotoState, Tally]:
        return {state: self.tally(replace(wanted, state=state)) for state in PhotoState}

    def by_day(self, wanted: PhotoFilter, zone: str) -> Sequence[tuple[date, int]]:
        days = Counter(photo.finalized_at.astimezone(ZoneInfo(zone)).date() for photo in self._wanted(wanted))
        return sorted(days.items(), reverse=True)

    def by_slot(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        return sorted(Counter(photo.slot_id for photo in self._wanted(wanted)).items())

    def by_booth(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        return sorted(Counter(photo.booth for photo in self._wanted(wanted) if photo.booth).items())

    def withdrawn(self, wanted: PhotoFilter, seconds: float, limit: int | None = None) -> Sequence[UUID]:
        with self._database.transaction():
            since = self._database.now() - timedelta(seconds=seconds)
            gone = [row for row in self._rows() if any(at and at > since for at in (row.hidden_at, row.deleted_at))]
            return [row.new.id for row in gone if _is_like(row, wanted)][:limit]

    def shown_again(self, wanted: PhotoFilter, seconds: float, limit: int) -> Sequence[Photo]:
        with self._database.transaction():
            since = self._database.now() - timedelta(seconds=seconds)
            back = {row.new.id for row in self._rows() if row.shown_at and row.shown_at > since}
            return [photo for photo in self._wanted(wanted) if photo.id in back][:limit]

    def hide(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(ids, {PhotoState.VISIBLE}, lambda row, now: replace(row, hidden_at=now))

    def show(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(ids, {PhotoState.HIDDEN}, lambda row, now: replace(row, hidden_at=None, shown_at=now))

    def delete(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(ids, _UNDELETED, lambda row, now: replace(row, deleted_at=now))

    def restore(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        return self._change(ids, {PhotoState.DELETED}, lambda row, now: replace(row, deleted_at=None, shown_at=now))

    def keep(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        def kept(row: JobRow, _: datetime) -> JobRow:
            return replace(row, unkept_expires_at=row.result_expires_at, result_expires_at=_longest(row))

        def may_be_kept(row: JobRow) -> bool:
            return row.unkept_expires_at is None and bool(
                row.result_expires_at and row.result_expires_at < _longest(row)
            )

        return self._change(ids, _UNDELETED, kept, may_be_kept)

    def release(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        def released(row: JobRow, now: datetime) -> JobRow:
            goes_at = max(now + timedelta(hours=1), row.unkept_expires_at or now)
            expires_at = min(goes_at, row.result_expires_at or goes_at)
            return replace(row, unkept_expires_at=None, result_expires_at=expires_at)

        return self._change(ids, _UNDELETED, released, lambda row: row.unkept_expires_at is not None)

    def set_placeholder(self, photo_id: UUID, placeholder: str) -> None:
        with self._database.transaction():
            row = self._table.get(photo_id)
            if row and row.result:
                self._table[photo_id] = replace(row, placeholder=placeholder)

    def _change(
        self,
        ids: Collection[UUID],
        states: set[PhotoState],
        change: Callable[[JobRow, datetime], JobRow],
        may: Callable[[JobRow], bool] = lambda row: True,
    ) -> Mapping[UUID, str]:
        with self._database.transaction():
            now, known = self._database.now(), [self._table[i] for i in set(ids) if i in self._table]
            rows = [row for row in known if _is_there(row, now) and _state(row) in states and may(row)]
            self._table.update({row.new.id: change(row, now) for row in rows})
            return {row.new.id: row.new.slot_id for row in rows}

    def _wanted(self, wanted: PhotoFilter) -> list[Photo]:
        with self._database.transaction():
            return self._photos(r for r in self._rows() if _state(r) is wanted.state and _is_like(r, wanted))

    def _all(self) -> list[Photo]:
        with self._database.transaction():
            return self._photos(self._rows())

    def _photos(self, rows: Iterable[JobRow]) -> list[Photo]:
        """Newest first."""
        now = self._database.now()
        photos = [self._photo(row, now) for row in rows if _is_there(row, now)]
        return sorted(photos, key=lambda photo: photo.place, reverse=True)

    def _photo(self, row: JobRow, now: datetime) -> Photo:
        assert row.result is not None
        assert row.result_expires_at is not None
        return Photo(
            id=row.new.id,
            slot_id=row.new.slot_id,
            source=row.new.source,
            booth=booth_name(row.new.booth_fields),
            finalized_at=_finished(row),
            expires_at=row.result_expires_at,
            read_at=now,
            result=row.result,
            placeholder=row.placeholder,
            state=_state(row),
            is_kept=row.unkept_expires_at is not None,
            is_twin=any(_is_twin(row, other) for other in self._rows()),
            has_original=bool(row.payload_path) and row.keeps_original,
        )

    @property
    def _table(self) -> dict[UUID, JobRow]:
        return self._database.table("job")

    def _rows(self) -> list[JobRow]:
        return list(self._table.values())


_UNDELETED = {PhotoState.VISIBLE, PhotoState.HIDDEN}


def _is_there(row: JobRow, now: datetime) -> bool:
    return row.result is not None and row.result_expires_at is not None and row.result_expires_at > now


def _state(row: JobRow) -> PhotoState:
    if row.deleted_at:
        return PhotoState.DELETED
    return PhotoState.HIDDEN if row.hidden_at else PhotoState.VISIBLE


def _is_like(row: JobRow, wanted: PhotoFilter) -> bool:
    finished: Any = row.finalized_at
    return (
        (wanted.slot_ids is None or row.new.slot_id in wanted.slot_ids)
        and (wanted.booth is None or booth_name(row.new.booth_fields) == wanted.booth)
        and (wanted.start is None or finished >= wanted.start)
        and (wanted.end is None or finished < wanted.end)
        and (wanted.ids is None or row.new.id in wanted.ids)
        and (wanted.with_tests or row.new.source is not Source.TEST)
    )


def _is_twin(row: JobRow, other: JobRow) -> bool:
    """`other` succeeded in the same second of the same slot before, whatever has become of its file."""
    if other.new.slot_id != row.new.slot_id or other.finalized_at is None or other.result_expires_at is None:
        return False
    same_second = other.finalized_at.replace(microsecond=0) == _finished(row).replace(microsecond=0)
    return same_second and (other.finalized_at, other.new.id) < (_finished(row), row.new.id)


def _longest(row: JobRow) -> datetime:
    return _finished(row) + timedelta(hours=KEPT_HOURS)


def _finished(row: JobRow) -> datetime:
    assert row.finalized_at is not None
    return row.finalized_at
