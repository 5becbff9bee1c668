"""The worker's loop: claiming, keeping leases, rescuing, and leaving nothing behind when it stops."""

import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from app.domain.job import LEASE_SECONDS, ClaimedJob, Failure, FailureReason, JobStatus
from app.services import work
from app.services.work import Worker
from tests.services.house import House, shot
from tests.twins.memory_queue import MemoryJobQueue
from tests.twins.memory_signal import MemoryJobSignal
from tests.waiting import until

FAILURE = Failure(FailureReason.PROVIDER_ERROR)


class Factory(House):
    """A house with a worker whose jobs last until the test says `finish`, or until they are cancelled."""

    def __init__(self, concurrency: int = 2) -> None:
        super().__init__()
        self.begun: list[ClaimedJob] = []
        self.cancelled: list[ClaimedJob] = []
        self.finish = threading.Event()
        self.crash = False
        self.signal = MemoryJobSignal()
        self.queue = MemoryJobQueue(self.database, max_active=100, wake=self.signal.wake)
        self.worker = Worker(
            name="worker",
            queue=self.queue,
            signal=self.signal,
            heartbeats=self.stores.heartbeats,
            process=self._process,
            concurrency=concurrency,
        )

    def _process(self, job: ClaimedJob, cancelled: threading.Event) -> None:
        self.begun.append(job)
        if self.crash:
            raise RuntimeError("a bug")
        while not self.finish.wait(0.005):
            if cancelled.is_set():
                self.cancelled.append(job)
                return
        self.succeed(job, shot())

    def status_of(self, job: ClaimedJob) -> JobStatus:
        view = self.stores.jobs.get(job.id)
        assert view is not None
        return view.status

    def step_until_begun(self, jobs: int) -> None:
        until(lambda: self.worker.step() or len(self.begun) >= jobs, what=f"{jobs} jobs begin")
        until(lambda: len(self.begun) >= jobs, what=f"{jobs} jobs begin")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Care for the leases every few milliseconds instead of every second."""
    monkeypatch.setattr(work, "_CARE_SECONDS", 0.01)
    monkeypatch.setattr(work, "HEARTBEAT_SECONDS", 0.01)


@pytest.fixture
def factory() -> Iterator[Factory]:
    factory = Factory()
    yield factory
    factory.database.come_back()
    factory.finish.set()
    factory.worker.drain(grace_seconds=5)


class TestClaiming:
    def test_as_many_run_at_once_as_there_is_room_for(self, factory: Factory) -> None:
        for _ in range(3):
            factory.queued()
        assert [factory.worker.step(), factory.worker.step()] == [True, False]
        until(lambda: len(factory.begun) == 2, what="two jobs begin")
        factory.finish.set()
        until(lambda: factory.worker.step(), what="the third is claimed")

    def test_an_empty_queue_is_nothing_to_do(self, factory: Factory) -> None:
        assert not factory.worker.step()

    def test_a_new_job_ends_the_idling(self, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(work, "_IDLE_SECONDS", 30)
        threading.Timer(0.05, factory.queued).start()
        factory.worker.idle()
        assert factory.worker.step()

    def test_a_finished_job_frees_its_place_and_wakes_the_loop(self, factory: Factory) -> None:
        factory.queued()
        factory.step_until_begun(1)
        factory.finish.set()
        factory.worker.idle()
        assert factory.worker.drain(grace_seconds=5) == 0
        assert factory.status_of(factory.begun[0]) is JobStatus.FINALIZED

    def test_a_crash_frees_the_place_and_leaves_the_job_to_another_attempt(self, factory: Factory) -> None:
        factory.crash = True
        for _ in range(5):
            factory.queued()
        for jobs in range(1, 6):
            factory.step_until_begun(jobs)
        assert {factory.status_of(job) for job in factory.begun} == {JobStatus.PROCESSING}
        factory.stores.pass_time(LEASE_SECONDS + 1)
        assert factory.queue.rescue()["requeued"] == 5

    def test_an_outage_is_nothing_to_do_until_it_ends(self, factory: Factory) -> None:
        factory.queued()
        factory.database.go_away(calls=2)
        assert [factory.worker.step() for _ in range(3)] == [False, False, True]


class TestLeases:
    @pytest.fixture(autouse=True)
    def _start(self, factory: Factory) -> None:
        factory.worker.start()

    def test_a_long_job_stays_in_its_workers_hands(self, factory: Factory) -> None:
        factory.queued()
        factory.step_until_begun(1)
        for _ in range(4):
            factory.stores.pass_time(LEASE_SECONDS - 1)
            self.care_once(factory)
        assert factory.status_of(factory.begun[0]) is JobStatus.PROCESSING
        assert factory.cancelled == []

    @pytest.mark.parametrize("end", ["cancel", "end_waiting"])
    def test_a_job_that_others_ended_is_cancelled(self, factory: Factory, end: str) -> None:
        factory.queued()
        factory.step_until_begun(1)
        [job] = factory.begun
        ends: dict[str, Callable[[], Any]] = {
            "cancel": partial(factory.queue.cancel, job.id),
            "end_waiting": partial(factory.queue.end_waiting, job.id, FAILURE),
        }
        ends[end]()
        until(lambda: factory.cancelled == [job], what="the job learns of it")

    def test_a_lease_that_ran_out_in_an_outage_is_taken_up_again(self, factory: Factory) -> None:
        factory.queued()
        factory.step_until_begun(1)
        factory.database.go_away()
        factory.stores.pass_time(LEASE_SECONDS + 1)
        factory.database.come_back()
        self.care_once(factory)
        assert factory.queue.rescue()["requeued"] == 0
        factory.finish.set()
        until(lambda: factory.status_of(factory.begun[0]) is JobStatus.FINALIZED, what="the job ends well")

    def test_an_attempt_is_over_when_the_same_worker_begins_the_next(self, factory: Factory) -> None:
        factory.queued()
        factory.step_until_begun(1)
        with factory.database.transaction():  # nothing is renewed in between
            factory.stores.pass_time(LEASE_SECONDS + 1)
            factory.queue.rescue()
            factory.worker.step()
        until(lambda: len(factory.cancelled) == 1, what="the first attempt learns of it")
        assert [job.attempt for job in factory.begun] == [1, 2]
        assert factory.cancelled == factory.begun[:1]

    def test_jobs_of_a_dead_worker_are_rescued(self, factory: Factory) -> None:
        factory.queued()
        factory.queue.claim("dead worker", 1)
        factory.stores.pass_time(LEASE_SECONDS + 1)
        factory.step_until_begun(1)
        assert factory.begun[0].attempt == 2

    def test_a_living_worker_is_heard(self, factory: Factory) -> None:
        until(lambda: factory.stores.heartbeats.alive("worker"), what="a heartbeat")

    def test_care_goes_on_after_an_outage(self, factory: Factory) -> None:
        factory.database.go_away(calls=3)  # three of the worker's: nobody else asks
        until(lambda: factory.database.table("process_heartbeat"), what="a heartbeat")

    def care_once(self, factory: Factory) -> None:
        """Wait until the worker has been heard again, after which its leases are renewed too."""
        with factory.database.transaction():
            factory.database.table("process_heartbeat").clear()
        until(lambda: factory.stores.heartbeats.alive("worker"), what="a heartbeat")


class TestStopping:
    def test_running_jobs_may_finish(self, factory: Factory) -> None:
        factory.queued()
        factory.step_until_begun(1)
        threading.Timer(0.05, factory.finish.set).start()
        assert factory.worker.drain(grace_seconds=10) == 0
        assert factory.status_of(factory.begun[0]) is JobStatus.FINALIZED

    def test_what_cannot_finish_is_handed_to_another_at_once(self, factory: Factory) -> None:
        for _ in range(2):
            factory.queued()
        factory.step_until_begun(2)
        assert factory.worker.drain(grace_seconds=0.05) == 2
        assert {job.id for job in factory.queue.claim("other", 5)} == {job.id for job in factory.begun}
        until(lambda: len(factory.cancelled) == 2, what="the handed back jobs are cancelled")

    def test_a_renewal_never_takes_back_what_was_handed_back(self, factory: Factory) -> None:
        factory.worker.start()
        factory.queued()
        factory.step_until_begun(1)
        factory.worker.drain(grace_seconds=0)
        assert {factory.status_of(job) for job in factory.begun} == {JobStatus.PENDING}

    def test_without_a_database_it_stops_all_the_same(self, factory: Factory) -> None:
        factory.queued()
        factory.step_until_begun(1)
        factory.database.go_away()
        assert factory.worker.drain(grace_seconds=0) == 0
        until(lambda: factory.cancelled == factory.begun, what="the job is cancelled")

    def test_idling_ends_when_it_is_asked_to_stop(self, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(work, "_IDLE_SECONDS", 30)
        threading.Timer(0.05, factory.worker.ask_to_stop).start()
        factory.worker.idle()
        factory.worker.idle()
        assert factory.worker.is_stopping

    def test_the_signals_handler_may_be_interrupted_by_itself_at_any_line(self, factory: Factory) -> None:
        ask = factory.worker.ask_to_stop

        def interrupt(*_: object) -> Callable[..., Any]:
            ask()
            return interrupt

        def handle() -> None:
            sys.settrace(interrupt)
            ask()

        handler = threading.Thread(target=handle, daemon=True)
        handler.start()
        handler.join(timeout=5)
        assert not handler.is_alive(), "deadlocked"
        assert factory.worker.is_stopping
