"""Holding requests: many waiters, one poll. No session, transaction or connection is held by a waiter."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from app.domain.deadlines import Deadline, poll_interval
from app.domain.errors import Unavailable
from app.domain.job import LEASE_SECONDS, FinishedJob, QueuedJob
from app.ports.jobs import JobQueue, WaitAbandoned, WaitInterrupted

log = structlog.get_logger(__name__)

_CLIENT_CHECK_SECONDS = 1.0
_RESCUE_SECONDS = 5.0


@dataclass(slots=True)
class _Waiter:
    since: float
    done: threading.Event = field(default_factory=threading.Event)
    outcome: FinishedJob | None = None


class SharedPoll:
    """Implements ports.ResultWait with one daemon thread that reads for all waiters of this process."""

    def __init__(self, queue: JobQueue, *, poll_seconds: float) -> None:
        self._queue = queue
        self._poll_seconds = poll_seconds
        self._waiters: dict[UUID, _Waiter] = {}
        self._changed = threading.Condition()
        self._interrupted = threading.Event()
        self._next_rescue = 0.0

    def start(self) -> None:
        threading.Thread(target=self._run, name="result-poll", daemon=True).start()

    def interrupt(self) -> None:
        """End every wait, present and future, with WaitInterrupted, and the poll."""
        self._interrupted.set()
        with self._changed:
            for waiter in self._waiters.values():
                waiter.done.set()
            self._changed.notify_all()

    def wait(self, job: QueuedJob, deadline: Deadline, is_gone: Callable[[], bool]) -> FinishedJob | None:
        waiter = self._enter(job.id)
        try:
            while (left := deadline.remaining(time.monotonic())) > 0 and not self._interrupted.is_set():
                if waiter.done.wait(min(left, _CLIENT_CHECK_SECONDS)):
                    break
                if is_gone():
                    raise WaitAbandoned
        finally:
            with self._changed:
                del self._waiters[job.id]
        if waiter.outcome is None and self._interrupted.is_set():
            raise WaitInterrupted
        return waiter.outcome

    def _enter(self, job_id: UUID) -> _Waiter:
        waiter = _Waiter(since=time.monotonic())
        with self._changed:
            self._waiters[job_id] = waiter
            self._changed.notify()
        return waiter

    def _run(self) -> None:
        while not self._interrupted.is_set():
            try:
                self._rescue()
                self._read()
            except Exception as error:  # whatever happened, everybody who waits depends on this thread
                log.warning("result_poll_failed", error=str(error), exc_info=not isinstance(error, Unavailable))
                self._next_rescue = time.monotonic() + LEASE_SECONDS  # the workers renew their leases first
            self._pause()

    def _pause(self) -> None:
        """Sleep one tick, which a new waiter may shorten: quick effects must not wait for a slow tick to end."""
        began = time.monotonic()
        with self._changed:
            while not self._interrupted.is_set() and (left := began + self._tick() - time.monotonic()) > 0:
                self._changed.wait(left)

    def _tick(self) -> float:
        if not self._waiters:
            return _RESCUE_SECONDS
        youngest = max(waiter.since for waiter in self._waiters.values())
        return poll_interval(self._poll_seconds, len(self._waiters), time.monotonic() - youngest)

    def _read(self) -> None:
        with self._changed:
            ids = [job_id for job_id, waiter in self._waiters.items() if not waiter.done.is_set()]
        if not ids:
            return
        finished = self._queue.finished(ids)
        for outcome in finished:
            self._deliver(outcome)
        if finished:
            self._queue.mark_answered([outcome.id for outcome in finished])

    def _deliver(self, outcome: FinishedJob) -> None:
        with self._changed:
            waiter = self._waiters.get(outcome.id)
        if waiter:
            waiter.outcome = outcome
            waiter.done.set()

    def _rescue(self) -> None:
        """Where no worker lives, overdue jobs are still brought to an end."""
        if time.monotonic() >= self._next_rescue:
            self._next_rescue = time.monotonic() + _RESCUE_SECONDS
            self._queue.rescue()
