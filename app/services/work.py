"""What a worker process does: claim, run, keep the leases alive, rescue what others lost."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from app.domain.errors import Unavailable
from app.domain.job import HEARTBEAT_SECONDS, LEASE_SECONDS, ClaimedJob
from app.ports.jobs import JobQueue, JobSignal
from app.ports.upkeep import Heartbeats

log = structlog.get_logger(__name__)

Process = Callable[[ClaimedJob, threading.Event], None]

_IDLE_SECONDS = 1.0
_CARE_SECONDS = 1.0


@dataclass(slots=True)
class _Running:
    job: ClaimedJob
    cancelled: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Runs up to `concurrency` jobs at once in threads, `process` doing the work of each."""

    def __init__(
        self,
        *,
        name: str,
        queue: JobQueue,
        signal: JobSignal,
        heartbeats: Heartbeats,
        process: Process,
        concurrency: int,
    ) -> None:
        self._name = name
        self._queue = queue
        self._signal = signal
        self._heartbeats = heartbeats
        self._process = process
        self._concurrency = concurrency
        self._running: dict[tuple[UUID, int], _Running] = {}
        self._lock = threading.Lock()
        self._leases = threading.Lock()
        self._is_stopping = False
        self._drained = threading.Event()
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="job")

    def start(self) -> None:
        """Begin to keep leases alive and to rescue; `step` does the rest."""
        threading.Thread(target=self._care, name="leases", daemon=True).start()
        log.info("worker_started", worker=self._name, concurrency=self._concurrency)

    def step(self) -> bool:
        """Claim what there is room for and start it; False if there was nothing to do."""
        free = self._concurrency - len(self._running)
        if free <= 0:
            return False
        try:
            jobs = self._queue.claim(self._name, free)
        except Exception as error:
            log.warning("claim_failed", error=str(error), exc_info=not isinstance(error, Unavailable))
            return False
        for job in jobs:
            self._begin(job)
        return bool(jobs)

    def idle(self) -> None:
        """Sleep until work may be there: a notification, a finished job, or a second."""
        if not self._is_stopping:
            self._signal.wait(_IDLE_SECONDS)

    def ask_to_stop(self) -> None:
        """Callable from a signal handler, any number of times.

        A handler may be interrupted by itself: no lock may be taken here, not even that of an Event.
        """
        self._is_stopping = True
        self._signal.wake()

    @property
    def is_stopping(self) -> bool:
        return self._is_stopping

    def drain(self, grace_seconds: float) -> int:
        """Let running jobs finish for `grace_seconds`, hand the rest back; returns how many those were."""
        give_up_at = time.monotonic() + grace_seconds
        while self._running and time.monotonic() < give_up_at:
            self._signal.wait(min(0.1, grace_seconds))
        with self._leases:  # no renewal may take back what is handed back here
            self._drained.set()
            handed_back = self._hand_back()
        log.info("worker_stopped", handed_back=handed_back)
        return handed_back

    def _hand_back(self) -> int:
        left = self._snapshot()
        try:
            return self._queue.hand_back([running.job for running in left.values()])
        except Unavailable as error:
            log.error("hand_back_failed", error=str(error))
            return 0
        finally:
            for running in left.values():
                running.cancelled.set()

    def _snapshot(self) -> dict[tuple[UUID, int], _Running]:
        """By job and attempt, in the order of their claims."""
        with self._lock:
            return dict(self._running)

    def _begin(self, job: ClaimedJob) -> None:
        running = _Running(job)
        with self._lock:
            self._running[job.id, job.attempt] = running
        self._threads.submit(self._run, running)

    def _run(self, running: _Running) -> None:
        job = running.job
        structlog.contextvars.bind_contextvars(job_id=str(job.id), slot_id=job.slot_id, attempt=job.attempt)
        try:
            self._process(job, running.cancelled)
        except Exception:
            log.exception("job_crashed")  # its lease runs out, and another attempt is made
        finally:
            with self._lock:
                del self._running[job.id, job.attempt]
            self._signal.wake()

    def _care(self) -> None:
        """Own leases first; others' jobs only when this process has heard the database for a whole lease.

        After an outage every lease has run out, and those who hold the jobs need a moment to renew them.
        """
        renew_at, rescue_at = 0.0, 0.0
        while not self._drained.is_set():
            try:
                if time.monotonic() >= renew_at:
                    self._renew()
                    renew_at = time.monotonic() + HEARTBEAT_SECONDS
                if time.monotonic() >= rescue_at:
                    self._rescue()
            except Exception as error:
                log.warning("lease_care_failed", error=str(error), exc_info=not isinstance(error, Unavailable))
                rescue_at = time.monotonic() + LEASE_SECONDS
            self._drained.wait(_CARE_SECONDS)

    def _renew(self) -> None:
        with self._leases:
            if self._drained.is_set():
                return
            mine = self._snapshot()
            newest = dict(mine.keys())  # of each job the attempt that was claimed last
            held = self._queue.renew(self._name, newest)
        for (job_id, attempt), running in mine.items():
            if job_id not in held or attempt != newest[job_id]:
                running.cancelled.set()
        self._heartbeats.beat(self._name, "worker")

    def _rescue(self) -> None:
        counts = {name: count for name, count in self._queue.rescue().items() if count}
        if counts:
            log.warning("jobs_rescued", **counts)
