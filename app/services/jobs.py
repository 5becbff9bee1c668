"""Jobs as administrators see them."""

from collections.abc import Mapping
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.job import JobView, LastPhoto, LogEvent
from app.domain.text import is_storable
from app.ports.jobs import JobQueue, JobReader


class JobService:
    def __init__(self, *, jobs: JobReader, queue: JobQueue) -> None:
        self._jobs = jobs
        self._queue = queue

    def get(self, job_id: UUID) -> JobView:
        """Raises Refused(NOT_FOUND)."""
        job = self._jobs.get(job_id)
        if job is None:
            raise Refused(Reason.NOT_FOUND, "There is no such job.")
        return job

    def with_timeline(self, job_id: UUID) -> tuple[JobView, list[LogEvent]]:
        """The job and its story, oldest event first; raises Refused(NOT_FOUND)."""
        return self.get(job_id), self._jobs.timeline(job_id)

    def search(self, *, slot_id: str | None, page: int, page_size: int) -> tuple[list[JobView], int]:
        """A page of jobs, newest first, and how many there are in all."""
        if slot_id is not None and not is_storable(slot_id):
            return [], 0
        return self._jobs.search(slot_id=slot_id, page=page, page_size=page_size)

    def last_photos(self) -> Mapping[str, LastPhoto]:
        """By slot, the newest photo of a booth that is still kept."""
        return self._jobs.last_photos()

    def cancel(self, job_id: UUID) -> JobView:
        """End a job that is not finished; one that has ended is returned as it is."""
        self._queue.cancel(job_id)
        return self.get(job_id)
