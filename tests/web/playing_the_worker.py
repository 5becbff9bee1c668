"""What a worker would do to the jobs that `app` queues, at the moment a test wants it."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from app.domain.job import ClaimedJob, Failure, FailureReason
from app.wiring import Wiring
from tests.factories import SUCCESS, new_job, stored_result
from tests.waiting import until

Outcome = TypeVar("Outcome")

_threads = ThreadPoolExecutor(4, thread_name_prefix="played-worker")


def finished(wiring: Wiring, data: bytes, *, slot_id: str = "slot-001") -> UUID:
    """A job that has ended with `data` as its picture."""
    wiring.stores.queue.enqueue(job := new_job(slot_id=slot_id))
    succeed(wiring, data)(take(wiring))
    return job.id


def in_background(wiring: Wiring, end: Callable[[ClaimedJob], Outcome]) -> Future[Outcome]:
    """Take the next job that is queued, and end it with `end`."""
    return _threads.submit(lambda: end(take(wiring)))


def take(wiring: Wiring) -> ClaimedJob:
    [job] = until(lambda: wiring.stores.queue.claim("played", 1), what="a job is queued")
    return job


def succeed(wiring: Wiring, data: bytes, inline: str | None = None) -> Callable[[ClaimedJob], bool]:
    """Ends a job with `data` as its picture."""

    def end(job: ClaimedJob) -> bool:
        checksum = hashlib.sha256(data).hexdigest()
        result = replace(stored_result(job.id), size_bytes=len(data), checksum=checksum)
        wiring.media.write(result.path, data)
        return wiring.stores.queue.finalize_success(job, result, inline, SUCCESS)

    return end


def fail(wiring: Wiring, **detail: object) -> Callable[[ClaimedJob], bool]:
    """Ends a job as its provider's fault, told by `detail`."""
    return lambda job: wiring.stores.queue.finalize_failure(job, Failure(FailureReason.PROVIDER_ERROR, detail), [])
