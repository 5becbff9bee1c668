"""The log of every shot in memory, from the rows that the queue and the request log in memory write."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from app.domain.job import FailureReason, JobStatus, JobView
from app.domain.job_log import Refusal, State, Stretch, Wanted, place_of
from tests.twins.memory_database import MemoryDatabase
from tests.twins.memory_job_reader import MemoryJobReader

Entry = TypeVar("Entry", JobView, Refusal)


class MemoryJobLog:
    """Implements ports.JobLog."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._reader = MemoryJobReader(database)

    def jobs(self, wanted: Wanted, stretch: Stretch) -> list[JobView]:
        return _cut([view for view in self._reader.all() if _is_wanted(view, wanted)], stretch)

    def refusals(self, wanted: Wanted, stretch: Stretch) -> list[Refusal]:
        return _cut([refusal for refusal in self._refusals() if _is_wanted_refusal(refusal, wanted)], stretch)

    def count_jobs(self, wanted: Wanted, at_most: int) -> int:
        return len(self.jobs(wanted, Stretch(size=at_most)))

    def count_refusals(self, wanted: Wanted, at_most: int) -> int:
        return len(self.refusals(wanted, Stretch(size=at_most)))

    def booths(self, at_most: int) -> Sequence[str]:
        return sorted({view.booth for view in self._reader.all()} - {""})[:at_most]

    def _refusals(self) -> list[Refusal]:
        with self._database.transaction():
            rows = self._database.table("refusal").items()
            return [
                Refusal(number, at, slot_id, reason, detail.get("client", ""))
                for number, (at, (slot_id, reason, detail)) in rows
            ]


def _cut(entries: list[Entry], stretch: Stretch) -> list[Entry]:
    older = [e for e in entries if stretch.before is None or place_of(e) < stretch.before]
    older.sort(key=place_of, reverse=True)
    return older[stretch.offset :][: stretch.size]


def _is_wanted(view: JobView, wanted: Wanted) -> bool:
    return (
        wanted.slot_id in (None, view.slot_id)
        and (wanted.state is None or wanted.state in _states(view))
        and wanted.reason in (None, view.failure and view.failure.code)
        and wanted.booth in (None, view.booth or None)
        and wanted.source in (None, view.source)
        and view.id.hex.startswith(wanted.id_prefix or "")
        and _is_in_time(view.created_at, wanted)
    )


def _states(view: JobView) -> set[State]:
    if not view.is_finalized:
        return {State.PENDING if view.status is JobStatus.PENDING else State.PROCESSING}
    if view.failure is None:
        return {State.SUCCESS}
    counts_as_failed = view.failure.reason is not FailureReason.CANCELLED
    return {State(view.failure.reason.value), *([State.FAILED] if counts_as_failed else [])}


def _is_wanted_refusal(refusal: Refusal, wanted: Wanted) -> bool:
    return (
        wanted.slot_id in (None, refusal.slot_id)
        and wanted.reason in (None, refusal.reason)
        and _is_in_time(refusal.at, wanted)
    )


def _is_in_time(at: datetime, wanted: Wanted) -> bool:
    return (wanted.start is None or wanted.start <= at) and (wanted.end is None or at < wanted.end)
