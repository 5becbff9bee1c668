"""Steps of a job's life, for tests of the queue."""

from app.domain.job import ClaimedJob, Failure, FailureReason, JobView, NewJob
from app.ports.jobs import JobQueue
from tests.factories import SUCCESS, again, stored_result
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
TIMEOUT = Failure(FailureReason.TIMEOUT)
PROVIDER_ERROR = Failure(FailureReason.PROVIDER_ERROR, {"code": "provider_error", "fault": "hang"})


def claimed(queue: JobQueue, job: NewJob, worker: str = "w") -> ClaimedJob:
    queue.enqueue(job)
    [taken] = queue.claim(worker, 1)
    assert taken.id == job.id
    return taken


def succeeded(queue: JobQueue, job: NewJob, inline: str | None = None) -> NewJob:
    assert queue.finalize_success(claimed(queue, job), stored_result(job.id), inline, SUCCESS, [again(SUCCESS)])
    return job


def view_of(stores: Stores, job: NewJob) -> JobView:
    view = stores.jobs.get(job.id)
    assert view is not None
    return view
