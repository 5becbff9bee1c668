"""The wait of a held request, in which happens what a test says."""

import contextlib
from collections.abc import Callable

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable
from app.domain.job import FinishedJob, QueuedJob
from app.ports.jobs import JobQueue


class ScriptedWait:
    """Implements ports.ResultWait: calls `meanwhile`, then looks once; what that finds unfinished is past its deadline.

    `meanwhile` may raise what a wait raises; `deadlines` are those of the waits so far.
    """

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self.meanwhile: Callable[[QueuedJob], None] = lambda job: None
        self.deadlines: list[Deadline] = []

    def wait(self, job: QueuedJob, deadline: Deadline, is_gone: Callable[[], bool]) -> FinishedJob | None:
        self.deadlines.append(deadline)
        self.meanwhile(job)
        with contextlib.suppress(DatabaseUnavailable):
            for finished in self._queue.finished([job.id]):
                self._queue.mark_answered([job.id])
                return finished
        return None
