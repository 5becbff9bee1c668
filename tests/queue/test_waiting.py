"""Many requests wait, one poll reads; each gets its own answer, whatever happens to the database."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.adapters.db.queue import PostgresJobQueue
from app.adapters.waiting import SharedPoll
from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable
from app.domain.job import Failure, FailureReason, FinishedJob, QueuedJob
from app.ports.jobs import WaitAbandoned, WaitInterrupted
from tests.factories import SUCCESS, new_job, stored_result
from tests.waiting import until


def in_seconds(seconds: float) -> Deadline:
    return Deadline(time.monotonic() + seconds)


def stays() -> bool:
    return False


@pytest.fixture
def poll(queue: PostgresJobQueue) -> Iterator[SharedPoll]:
    poll = SharedPoll(queue, poll_seconds=1.0)
    poll.start()
    yield poll
    poll.interrupt()


def finish(queue: PostgresJobQueue, count: int) -> None:
    for job in queue.claim("w", count):
        queue.finalize_success(job, stored_result(job.id), "aW1hZ2U=", SUCCESS)


def test_each_waiter_gets_its_own_result(queue: PostgresJobQueue, poll: SharedPoll) -> None:
    jobs = [queue.enqueue(new_job()) for _ in range(20)]
    with ThreadPoolExecutor(20) as booths:
        answers = [booths.submit(poll.wait, job, in_seconds(10), stays) for job in jobs]
        finish(queue, 20)
        assert [a.result().id for a in answers if a.result()] == [job.id for job in jobs]


def test_the_deadline_ends_the_wait_without_a_result(queue: PostgresJobQueue, poll: SharedPoll) -> None:
    job = queue.enqueue(new_job())
    began = time.monotonic()
    assert poll.wait(job, in_seconds(0.5), stays) is None
    assert time.monotonic() - began == pytest.approx(0.5, abs=0.15)


def test_a_booth_that_hung_up_ends_its_wait(queue: PostgresJobQueue, poll: SharedPoll) -> None:
    job = queue.enqueue(new_job())
    with pytest.raises(WaitAbandoned):
        poll.wait(job, in_seconds(10), lambda: True)


def test_a_stopping_process_ends_every_wait(queue: PostgresJobQueue, poll: SharedPoll) -> None:
    job = queue.enqueue(new_job())
    threading.Timer(0.1, poll.interrupt).start()
    with pytest.raises(WaitInterrupted):
        poll.wait(job, in_seconds(10), stays)
    with pytest.raises(WaitInterrupted):
        poll.wait(job, in_seconds(10), stays)


def test_the_inline_result_is_cleared_once_delivered(queue: PostgresJobQueue, poll: SharedPoll) -> None:
    job = queue.enqueue(new_job())
    finish(queue, 1)
    finished = poll.wait(job, in_seconds(10), stays)
    assert finished is not None
    assert finished.inline_base64 == "aW1hZ2U="
    until(lambda: queue.finished([job.id])[0].inline_base64 is None, what="the inline result is cleared")


class FlakyQueue:
    """A queue whose database is away for the first reads."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.reads = 0

    def finished(self, ids: Sequence[UUID]) -> list[FinishedJob]:
        self.reads += 1
        if self.reads <= self.failures:
            raise DatabaseUnavailable("away")
        job = QUEUED
        return [FinishedJob(job.id, job.expires_at, None, Failure(FailureReason.TIMEOUT))]

    def rescue(self) -> dict[str, int]:
        return {}

    def mark_answered(self, ids: Sequence[UUID]) -> None:
        pass


def queued() -> QueuedJob:
    return QueuedJob(new_job().id, datetime.now(UTC), 48)


QUEUED = queued()


def test_an_outage_in_between_is_survived() -> None:
    poll = SharedPoll(FlakyQueue(failures=3), poll_seconds=0.1)  # type: ignore[arg-type]
    poll.start()
    finished = poll.wait(QUEUED, in_seconds(10), stays)
    assert finished is not None
