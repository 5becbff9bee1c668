"""The log of every shot that came, found through the indexes of app.adapters.db.schema.jobs."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, text, tuple_

from app.adapters.db.connection import Database
from app.adapters.db.job_reader import VIEW, view_of
from app.adapters.db.schema import job, processing_log
from app.adapters.db.schema.base import TIME
from app.domain.job import FailureReason, JobView
from app.domain.job_log import Place, Refusal, State, Stretch, Wanted

_BIGGEST = 2**63 - 1

_refusal_code: ColumnElement[str] = processing_log.c.detail["reason"].astext
_has_failed = job.c.failure_reason.is_not(None)

_IN_STATE: dict[State, ColumnElement[bool]] = {
    State.PENDING: and_(~job.c.is_finalized, job.c.status == "pending"),
    State.PROCESSING: and_(~job.c.is_finalized, job.c.status == "processing"),
    State.SUCCESS: and_(job.c.status == "finalized", job.c.failure_reason.is_(None)),
    State.FAILED: job.c.failure_reason.in_([FailureReason.TIMEOUT, FailureReason.PROVIDER_ERROR]),
    **{state: job.c.failure_reason == state.value for state in (State.TIMEOUT, State.PROVIDER_ERROR, State.CANCELLED)},
}

_REFUSALS = select(
    processing_log.c.id,
    processing_log.c.at,
    processing_log.c.slot_id,
    _refusal_code.label("reason"),
    func.coalesce(processing_log.c.detail["client"].astext, "").label("client"),
)

# One step of the index for each booth: DISTINCT would read every job's entry.
_BOOTHS = text("""
WITH RECURSIVE found AS (
    (SELECT booth FROM job WHERE booth <> '' ORDER BY booth LIMIT 1)
    UNION ALL
    SELECT (SELECT booth FROM job WHERE booth <> '' AND booth > found.booth ORDER BY booth LIMIT 1)
    FROM found WHERE found.booth IS NOT NULL
)
SELECT booth FROM found WHERE booth IS NOT NULL LIMIT :at_most
""")


class PostgresJobLog:
    """Implements ports.JobLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def jobs(self, wanted: Wanted, stretch: Stretch) -> list[JobView]:
        found = select(job.c.id).where(*_job_conditions(wanted))
        if stretch.before:
            found = found.where(_older(job.c.created_at, job.c.id, stretch.before, stretch.before.key))
        newest = (job.c.created_at.desc(), job.c.id.desc())
        ids = _cut(found.order_by(*newest), stretch)  # by an index alone; rows are wide
        return [view_of(row) for row in self._database.run(VIEW.where(job.c.id.in_(ids)).order_by(*newest))]

    def refusals(self, wanted: Wanted, stretch: Stretch) -> list[Refusal]:
        query = _REFUSALS.where(*_refusal_conditions(wanted))
        if stretch.before:
            number = min(stretch.before.key.int, _BIGGEST)
            query = query.where(_older(processing_log.c.at, processing_log.c.id, stretch.before, number))
        query = query.order_by(processing_log.c.at.desc(), processing_log.c.id.desc())
        return [Refusal(**row._mapping) for row in self._database.run(_cut(query, stretch))]

    def count_jobs(self, wanted: Wanted, at_most: int) -> int:
        return self._count(select(literal(1)).select_from(job).where(*_job_conditions(wanted)), at_most)

    def count_refusals(self, wanted: Wanted, at_most: int) -> int:
        return self._count(select(literal(1)).where(*_refusal_conditions(wanted)), at_most)

    def booths(self, at_most: int) -> Sequence[str]:
        return [row.booth for row in self._database.run(_BOOTHS, {"at_most": at_most})]

    def _count(self, query: Select[Any], at_most: int) -> int:
        counted = select(func.count()).select_from(query.limit(at_most).subquery())
        return int(self._database.run(counted)[0][0])


def _older(at: ColumnElement[Any], key: ColumnElement[Any], place: Place, place_key: UUID | int) -> ColumnElement[bool]:
    return tuple_(at, key) < tuple_(literal(place.at, TIME), literal(place_key, key.type))


def _cut(query: Select[Any], stretch: Stretch) -> Select[Any]:
    return query.offset(stretch.offset or None).limit(stretch.size)


def _job_conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.slot_id is not None:
        yield job.c.slot_id == wanted.slot_id
    if wanted.state is not None:
        yield _IN_STATE[wanted.state]
    if wanted.reason is not None:
        yield and_(_has_failed, job.c.failure_code == wanted.reason)
    if wanted.booth is not None:
        yield and_(job.c.booth != "", job.c.booth == wanted.booth)
    if wanted.source is not None:
        yield job.c.source == wanted.source.value
    if wanted.id_prefix is not None:
        lowest, highest = (UUID(wanted.id_prefix.ljust(32, filler)) for filler in "0f")
        yield job.c.id.between(lowest, highest)
    yield from _in_time(job.c.created_at, wanted)


def _refusal_conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield processing_log.c.job_id.is_(None)
    if wanted.slot_id is not None:
        yield processing_log.c.slot_id == wanted.slot_id
    if wanted.reason is not None:
        yield _refusal_code == wanted.reason
    yield from _in_time(processing_log.c.at, wanted)


def _in_time(at: ColumnElement[Any], wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.start is not None:
        yield at >= wanted.start
    if wanted.end is not None:
        yield at < wanted.end
