"""The attempts of one job, on their way into the processing log."""

import threading
from collections.abc import Sequence
from decimal import Decimal

import structlog

from app.domain.errors import DatabaseUnavailable
from app.domain.job import Attempt, ClaimedJob
from app.ports.jobs import JobQueue

log = structlog.get_logger(__name__)


class Journal:
    """Writes each attempt down as soon as it ends: what a later crash loses is never what a provider was paid for.

    Attempts that race each other may be added from several threads.
    """

    def __init__(self, queue: JobQueue, job: ClaimedJob) -> None:
        self._queue = queue
        self._job = job
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []
        self._unlogged: list[Attempt] = []

    @property
    def attempts(self) -> Sequence[Attempt]:
        with self._lock:
            return tuple(self._attempts)

    @property
    def cost_usd(self) -> Decimal:
        """Of all the photo's calls, those of earlier workers too."""
        return sum((attempt.cost_usd for attempt in self.attempts), self._job.cost_usd)

    def add(self, attempt: Attempt) -> None:
        """Without a database the attempt waits for the next one, or for `take_unlogged`."""
        self.hold(attempt)
        self.flush()

    def hold(self, attempt: Attempt) -> None:
        """An attempt that is to be written together with the job's end."""
        with self._lock:
            self._attempts.append(attempt)
            self._unlogged.append(attempt)

    def flush(self) -> None:
        """Write what waits."""
        unlogged = self.take_unlogged()
        try:
            if unlogged:
                self._queue.log_attempts(self._job, unlogged)
        except DatabaseUnavailable as error:
            log.warning("attempt_not_logged", error=str(error))
            with self._lock:
                self._unlogged.extend(unlogged)

    def take_unlogged(self) -> list[Attempt]:
        """Those that the log does not have yet; whoever takes them writes them."""
        with self._lock:
            taken, self._unlogged = self._unlogged, []
            return taken
