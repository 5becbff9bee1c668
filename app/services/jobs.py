"""Jobs as administrators see them, find them, and end them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.job import JobView, LastPhoto
from app.domain.job_log import COUNTED_MAX, Entry, JobRecord, LogPage, Stretch, Wanted, place_of
from app.domain.text import is_storable
from app.ports.audit import AuditLog
from app.ports.job_log import JobLog
from app.ports.jobs import JobQueue, JobReader

_BOOTHS_NAMED = 100

T = TypeVar("T")


class JobService:
    def __init__(self, *, jobs: JobReader, log: JobLog, queue: JobQueue, audit: AuditLog) -> None:
        self._jobs = jobs
        self._log = log
        self._queue = queue
        self._audit = audit

    def get(self, job_id: UUID) -> JobView:
        """Raises Refused(NOT_FOUND)."""
        return _found(self._jobs.get(job_id))

    def record(self, job_id: UUID) -> JobRecord:
        """All that is known of the job; raises Refused(NOT_FOUND)."""
        return _found(self._jobs.record(job_id))

    def find(self, wanted: Wanted, stretch: Stretch, *, with_refusals: bool = True) -> LogPage:
        """A page of what matches, newest first; requests that were refused stand among the jobs."""
        if not all(is_storable(text or "") for text in (wanted.slot_id, wanted.reason, wanted.booth)):
            return LogPage([], 0, True, None)
        refusals = wanted.may_be_refusal and (with_refusals or not wanted.may_be_job)
        number = self._count(wanted, refusals)
        found = self._entries(wanted, Stretch(stretch.before, stretch.offset, stretch.size + 1), refusals)
        page, is_last = found[: stretch.size], len(found) <= stretch.size
        total = min(number, COUNTED_MAX)
        return LogPage(page, total, number <= COUNTED_MAX, None if is_last else place_of(page[-1]))

    def _count(self, wanted: Wanted, refusals: bool) -> int:
        jobs = self._log.count_jobs(wanted, COUNTED_MAX + 1) if wanted.may_be_job else 0
        return jobs + (self._log.count_refusals(wanted, COUNTED_MAX + 1) if refusals else 0)

    def _entries(self, wanted: Wanted, stretch: Stretch, refusals: bool) -> Sequence[Entry]:
        kinds: list[Callable[[Wanted, Stretch], Sequence[Entry]]] = []
        kinds += [self._log.jobs] if wanted.may_be_job else []
        kinds += [self._log.refusals] if refusals else []
        if len(kinds) == 1:
            return kinds[0](wanted, stretch)
        whole = Stretch(stretch.before, 0, stretch.offset + stretch.size)
        merged = sorted((entry for find in kinds for entry in find(wanted, whole)), key=place_of, reverse=True)
        return merged[stretch.offset :][: stretch.size]

    def booths(self) -> Sequence[str]:
        """Names of booths that jobs came from, in their order; of very many the first."""
        return self._log.booths(_BOOTHS_NAMED)

    def last_photos(self) -> Mapping[str, LastPhoto]:
        """By slot, the newest photo of a booth that is still kept."""
        return self._jobs.last_photos()

    def cancel(self, job_id: UUID, author: str) -> JobView:
        """End a job that is not finished. Raises Refused: NOT_FOUND, or JOB_FINISHED for one that has ended."""
        job = self.get(job_id)
        # Not in a transaction: the locks of the job and of its counters would last over several round trips.
        if not self._queue.cancel(job_id):
            raise Refused(Reason.JOB_FINISHED, "The job has ended already.", details={"job_id": str(job_id)})
        self._audit.record(author, "job.cancelled", str(job_id), {"slot_id": job.slot_id})
        return self.get(job_id)


def _found(thing: T | None) -> T:
    if thing is None:
        raise Refused(Reason.NOT_FOUND, "There is no such job.")
    return thing
