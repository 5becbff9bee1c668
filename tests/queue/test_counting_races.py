"""Counting under a crowd: nothing is lost, nothing is counted twice, and nobody waits for ever."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier

import pytest

from app.domain.job import ClaimedJob, Source
from app.domain.statistics import Counts
from app.ports.jobs import JobQueue
from tests.factories import SUCCESS, again, new_job, stored_result
from tests.queue.counting import counted, endings, spent
from tests.queue.steps import PROVIDER_ERROR, TIMEOUT, Stores
from tests.support.postgres_stores import PostgresStores

THREADS = 8
EACH = 6
PAID = replace(SUCCESS, provider="gemini", cost_usd=Decimal("0.01"))


@pytest.fixture
def queue(stores: Stores) -> JobQueue:
    return stores.queue


def claimed_jobs(queue: JobQueue, number: int) -> list[ClaimedJob]:
    for place in range(number):
        queue.enqueue(new_job(slot_id=f"slot-{1 + place % 3:03}"))
    return queue.claim("w", number)


def at_once(act: Callable[[int], None]) -> None:
    """Every thread acts, and all begin together."""
    start = Barrier(THREADS)

    def begin(thread: int) -> None:
        start.wait()
        act(thread)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(begin, range(THREADS)))


def test_photos_that_end_at_once_are_all_counted(queue: JobQueue, stores: Stores) -> None:
    jobs = claimed_jobs(queue, THREADS * EACH)

    def finish(mine: Iterable[ClaimedJob]) -> None:
        for place, job in enumerate(mine):
            calls = [again(PAID), again(PAID)]
            queue.log_attempts(job, calls[:1])
            if place % 3:
                assert queue.finalize_success(job, stored_result(job.id), None, calls[1], calls)
            else:
                assert queue.finalize_failure(job, PROVIDER_ERROR, calls)

    at_once(lambda thread: finish(jobs[thread::THREADS]))
    failed = THREADS * EACH // 3
    assert (counted(stores).photos, counted(stores).provider_error) == (THREADS * EACH, failed)
    assert (spent(stores).calls, spent(stores).cost_usd) == (2 * THREADS * EACH, PAID.cost_usd * 2 * THREADS * EACH)


def test_rescues_and_booths_and_workers_that_end_the_same_photos_count_each_once(
    queue: JobQueue, stores: Stores
) -> None:
    """Rescue locks many photos and then many counters, the others one at a time."""
    for _ in range(THREADS * EACH):
        queue.enqueue(replace(new_job(), window_seconds=3600))
    jobs = queue.claim("w", THREADS * EACH)
    stores.pass_time(3610)

    def end(thread: int) -> None:
        if thread == 0:
            queue.rescue()
        for job in jobs if thread % 2 else reversed(jobs):
            if thread % 2:
                queue.finalize_failure(job, PROVIDER_ERROR, [again(PAID)])
            else:
                queue.end_waiting(job.id, TIMEOUT)

    at_once(end)
    ended = endings(stores)
    assert sum(ended.values()) == len(jobs)
    assert counted(stores) == Counts(
        timeout=ended.get(("timeout", "timeout"), 0), provider_error=ended.get(("provider_error", "hang"), 0)
    )
    assert spent(stores).calls == counted(stores).provider_error, "whoever lost has logged nothing"


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
def test_one_slot_reset_while_photos_end_loses_none_for_the_house(queue: JobQueue, stores: PostgresStores) -> None:
    jobs = claimed_jobs(queue, THREADS * EACH)

    def act(thread: int) -> None:
        for place, job in enumerate(jobs[thread::THREADS]):
            if place % 3 == 0:
                stores.statistics.reset("slot-001", "serg")
            assert queue.finalize_failure(job, PROVIDER_ERROR)

    at_once(act)
    assert counted(stores).photos == THREADS * EACH
    epoch = stores.statistics.epoch("slot-001")
    assert epoch is not None
    assert epoch.epoch == THREADS * EACH // 3


@pytest.mark.parametrize("stores", ["postgres"], indirect=True)
def test_counters_are_forgotten_while_others_are_added_to(queue: JobQueue, stores: PostgresStores) -> None:
    for job in claimed_jobs(queue, 20):
        queue.finalize_failure(job, PROVIDER_ERROR, [again(PAID)])
    stores.pass_time(401 * 24 * 3600)
    jobs = claimed_jobs(queue, THREADS * EACH)

    def act(thread: int) -> None:
        for job in jobs[thread::THREADS]:
            stores.photo_counters.forget_expired(3)
            stores.call_counters.forget_expired(3)
            assert queue.finalize_failure(job, PROVIDER_ERROR, [again(PAID)])

    at_once(act)
    assert (counted(stores).photos, spent(stores).calls) == (THREADS * EACH, THREADS * EACH)


def test_a_crowd_of_test_runs_is_a_crowd_of_its_own(queue: JobQueue, stores: Stores) -> None:
    def act(thread: int) -> None:
        source = Source.TEST if thread % 2 else Source.INGEST
        queue.enqueue(job := replace(new_job(), source=source))
        queue.end_waiting(job.id, TIMEOUT)

    at_once(act)
    assert counted(stores).photos == THREADS // 2
