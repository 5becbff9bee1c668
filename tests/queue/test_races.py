"""Races for a job: whoever loses knows it, and nobody wins twice; in PostgreSQL and, but for the first, in the twin."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.errors import DatabaseUnavailable, Refused
from app.domain.job import LEASE_SECONDS, ClaimedJob, Failure, FailureReason
from app.ports.jobs import JobQueue
from tests.factories import SUCCESS, new_job, stored_result
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.waiting import until

Stores = MemoryStores | PostgresStores
RACES = 1000
PAID = replace(SUCCESS, cost_usd=Decimal("0.04"))


@pytest.fixture
def queue(stores: Stores) -> JobQueue:
    return stores.queue


def claimed_job(queue: JobQueue) -> ClaimedJob:
    queue.enqueue(new_job())
    return queue.claim("w", 1)[0]


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
def test_the_booths_timeout_and_the_workers_success_never_both_win(queue: JobQueue, stores: PostgresStores) -> None:
    """A thousand times: two sides end the same job at the same moment, and agree on how it ended."""
    start = Barrier(2)
    jobs = [claimed_job(queue) for _ in range(RACES)]

    def succeed(job: ClaimedJob) -> bool:
        start.wait()
        return queue.finalize_success(job, stored_result(job.id), None, SUCCESS)

    def give_up(job: ClaimedJob) -> bool:
        start.wait()
        return queue.end_waiting(job.id, Failure(FailureReason.TIMEOUT)).failure is not None

    with ThreadPoolExecutor(1) as worker, ThreadPoolExecutor(1) as booth:
        successes = [worker.submit(succeed, job) for job in jobs]
        timeouts = [booth.submit(give_up, job) for job in jobs]
        outcomes = [(s.result(), t.result()) for s, t in zip(successes, timeouts, strict=True)]
    assert all(success != timeout for success, timeout in outcomes)
    assert len(set(outcomes)) == 2, "both sides must win sometimes, or nothing was raced"
    with stores.transaction() as session:
        ended = text("SELECT count(*) FROM processing_log WHERE event = 'finalized' GROUP BY job_id")
        assert set(session.scalars(ended)) == {1}


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
def test_a_slot_that_is_being_saved_keeps_no_booth_waiting(queue: JobQueue, stores: PostgresStores) -> None:
    """The foreign key of a new job locks its slot's row, under the lock that all new jobs share."""
    with ThreadPoolExecutor(1) as booth, stores.transaction():
        slot = stores.slots.held("slot-001")
        assert slot is not None
        assert stores.slots.save(slot, slot.version, "serg")
        for slot_id in ("slot-001", "slot-002"):
            booth.submit(queue.enqueue, new_job(slot_id=slot_id)).result(timeout=2)


def test_many_claimers_never_get_the_same_job(queue: JobQueue) -> None:
    for _ in range(200):
        queue.enqueue(new_job())

    def drain(worker: str) -> list[UUID]:
        taken: list[UUID] = []
        while batch := queue.claim(worker, 3):
            taken += [job.id for job in batch]
        return taken

    with ThreadPoolExecutor(8) as threads:
        taken = [job_id for ids in threads.map(drain, [f"w{n}" for n in range(8)]) for job_id in ids]
    assert len(taken) == len(set(taken)) == 200


@pytest.mark.parametrize("limit", [1, 7])
def test_the_limit_of_active_jobs_holds_against_simultaneous_requests(stores: Stores, limit: int) -> None:
    queue = stores.queue_of(max_active=limit)
    start = Barrier(10)

    def enqueue(_: int) -> bool:
        start.wait()
        try:
            queue.enqueue(new_job())
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(enqueue, range(10))) == limit


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
def test_a_log_that_is_given_up_on_and_comes_through_all_the_same_is_paid_once(
    queue: JobQueue, stores: PostgresStores
) -> None:
    job = claimed_job(queue)
    with ThreadPoolExecutor(1) as worker:
        with stores.transaction() as session:
            session.execute(text("UPDATE job SET settings = settings"))
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable):
                worker.submit(queue.log_attempts, job, [PAID]).result()
            assert time.monotonic() - began < 2, "a photo is not held up"
            success = worker.submit(queue.finalize_success, job, stored_result(job.id), None, PAID, [PAID])
            waiting = text("SELECT count(*) = 2 FROM pg_locks WHERE NOT granted")
            until(lambda: session.scalar(waiting), what="both wait for the row")
        assert success.result()
    with stores.transaction() as session:
        assert session.scalars(text("SELECT cost_usd FROM job")).all() == [PAID.cost_usd]
    assert stores.events(job.id).count("attempt") == 1


def test_two_rescuers_do_not_rescue_the_same_job(queue: JobQueue, stores: Stores) -> None:
    for _ in range(50):
        claimed_job(queue)
    stores.pass_time(LEASE_SECONDS + 1)
    with ThreadPoolExecutor(4) as threads:
        counts = threads.map(lambda _: queue.rescue()["requeued"], range(4))
    assert sum(counts) == 50
