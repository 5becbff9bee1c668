"""How photos are found through the indexes of app.adapters.db.schema.jobs, and how what becomes of them is written.

A photo is a row with a result whose time is not over: what has been deleted keeps its row for the log of jobs. None
lives longer than KEPT_HOURS, so that no count ever walks the entries of older results in an index.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, and_, func, literal, select, text, tuple_

from app.adapters.db.schema import job
from app.adapters.db.schema.base import TIME
from app.domain.job import Source
from app.domain.job_log import Place
from app.domain.photo import KEPT_HOURS, PhotoFilter, PhotoState

_NOW = func.statement_timestamp(type_=TIME)
_LONGEST = timedelta(hours=KEPT_HOURS)

NEWEST_FIRST = (job.c.finalized_at.desc(), job.c.id.desc())
OLDEST_FIRST = (job.c.finalized_at, job.c.id)

_IN_STATE: dict[PhotoState, ColumnElement[bool]] = {
    PhotoState.VISIBLE: and_(job.c.hidden_at.is_(None), job.c.deleted_at.is_(None)),
    PhotoState.HIDDEN: and_(job.c.hidden_at.is_not(None), job.c.deleted_at.is_(None)),
    PhotoState.DELETED: and_(job.c.deleted_at.is_not(None), job.c.result_file_path.is_not(None)),
}

KEEPS_ORIGINAL = job.c.settings.contains({"keeping": {"originals": True}})

_earlier = job.alias("earlier")
_is_twin = (
    select(literal(1))
    .where(
        _earlier.c.slot_id == job.c.slot_id,
        _earlier.c.result_checksum.is_not(None),
        _earlier.c.finalized_at >= func.date_trunc("second", job.c.finalized_at),
        tuple_(_earlier.c.finalized_at, _earlier.c.id) < tuple_(job.c.finalized_at, job.c.id),
    )
    .exists()
)

PHOTO: Select[Any] = select(
    job.c.id,
    job.c.slot_id,
    job.c.source,
    job.c.booth,
    job.c.finalized_at,
    job.c.result_expires_at,
    job.c.result_file_path,
    job.c.result_mime_type,
    job.c.result_size_bytes,
    job.c.result_checksum,
    job.c.result_width,
    job.c.result_height,
    job.c.placeholder,
    job.c.hidden_at,
    job.c.deleted_at,
    job.c.unkept_expires_at.is_not(None).label("is_kept"),
    and_(job.c.payload_path.is_not(None), KEEPS_ORIGINAL).label("has_original"),
    _is_twin.label("is_twin"),
    _NOW.label("read_at"),
)


def is_there() -> Iterator[ColumnElement[bool]]:
    """A file is recorded, and its time is not over."""
    yield job.c.result_file_path.is_not(None)
    yield job.c.result_expires_at > _NOW


def wanted_are(wanted: PhotoFilter) -> Iterator[ColumnElement[bool]]:
    """Answered by an index alone, but for what a selection or the state DELETED asks."""
    yield job.c.result_checksum.is_not(None)
    yield job.c.result_expires_at > _NOW
    yield job.c.finalized_at > _NOW - _LONGEST
    yield _IN_STATE[wanted.state]
    yield from _like(wanted)


def _like(wanted: PhotoFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.slot_ids is not None:
        yield job.c.slot_id.in_(sorted(wanted.slot_ids))
    if wanted.booth is not None:
        yield job.c.booth == wanted.booth
    if wanted.start is not None:
        yield job.c.finalized_at >= wanted.start
    if wanted.end is not None:
        yield job.c.finalized_at < wanted.end
    if wanted.ids is not None:
        yield job.c.id.in_(sorted(wanted.ids))
    if not wanted.with_tests:
        yield job.c.source != Source.TEST.value


def older_than(place: Place) -> ColumnElement[bool]:
    return tuple_(job.c.finalized_at, job.c.id) < _values(place)


def newer_than(place: Place) -> ColumnElement[bool]:
    return tuple_(job.c.finalized_at, job.c.id) > _values(place)


def withdrawn(wanted: PhotoFilter, seconds: float) -> Select[Any]:
    """Ids, whatever has become of the files since."""
    since = _NOW - timedelta(seconds=seconds)
    return select(job.c.id).where(
        job.c.hidden_at.is_not(None) | job.c.deleted_at.is_not(None),
        func.greatest(job.c.hidden_at, job.c.deleted_at) > since,
        *_like(wanted),
    )


def shown_since(seconds: float) -> ColumnElement[bool]:
    return job.c.shown_at > _NOW - timedelta(seconds=seconds)


def _values(place: Place) -> ColumnElement[Any]:
    return tuple_(literal(place.at, TIME), literal(place.key, job.c.id.type))


# Rows are locked in the order of their ids: two selections that overlap wait for one another and never for ever.
def _change(condition: str, changes: str) -> TextClause:
    return text(f"""
WITH held AS (
    SELECT id FROM job
    WHERE id = ANY(CAST(:ids AS uuid[])) AND result_file_path IS NOT NULL
      AND result_expires_at > statement_timestamp() AND {condition}
    ORDER BY id FOR UPDATE
)
UPDATE job SET {changes} FROM held WHERE job.id = held.id
RETURNING job.id, slot_id
""")


HIDE = _change("hidden_at IS NULL AND deleted_at IS NULL", "hidden_at = statement_timestamp()")
SHOW = _change("hidden_at IS NOT NULL AND deleted_at IS NULL", "hidden_at = NULL, shown_at = statement_timestamp()")
DELETE = _change("deleted_at IS NULL", "deleted_at = statement_timestamp()")
RESTORE = _change("deleted_at IS NOT NULL", "deleted_at = NULL, shown_at = statement_timestamp()")
KEEP = _change(
    """unkept_expires_at IS NULL AND deleted_at IS NULL
      AND result_expires_at < finalized_at + make_interval(hours => :kept_hours)""",
    """unkept_expires_at = result_expires_at,
    result_expires_at = finalized_at + make_interval(hours => :kept_hours)""",
)
RELEASE = _change(
    "unkept_expires_at IS NOT NULL AND deleted_at IS NULL",
    """unkept_expires_at = NULL, result_expires_at = least(
        result_expires_at, greatest(unkept_expires_at, statement_timestamp() + interval '1 hour'))""",
)

SET_PLACEHOLDER = text("UPDATE job SET placeholder = :placeholder WHERE id = :id AND result_file_path IS NOT NULL")
