"""What a job's provider calls leave behind: the contract of ports.JobQueue, held by PostgreSQL and by the twin."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import LEASE_SECONDS, Attempt, ClaimedJob, Order
from app.ports.jobs import JobQueue
from tests.factories import again, new_job, stored_result
from tests.queue.steps import PROVIDER_ERROR, TIMEOUT, Stores, claimed, view_of

FAILED = Attempt(
    "gemini", "fusion", 1200, "pro", "overloaded", "The model is overloaded.", 503, "r-1", Decimal("0.0001")
)
PAINTED = Attempt("gemini", "fusion", 7100, "flash", request_id="r-2", cost_usd=Decimal("0.039"))


@pytest.fixture
def queue(stores: Stores) -> JobQueue:
    return stores.queue


def taken_over(stores: Stores) -> ClaimedJob:
    """The job of a worker that died, in the hands of the next."""
    stores.pass_time(LEASE_SECONDS + 0.1)
    assert stores.queue.rescue()["requeued"] == 1
    [taken] = stores.queue.claim("another", 1)
    return taken


class TestAttempts:
    def test_each_call_is_told_as_it_was(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, new_job())
        queue.log_attempts(taken, [FAILED, PAINTED])
        events = stores.jobs.timeline(taken.id)[1:]
        assert [(e.event, e.duration_ms, e.detail) for e in events] == [
            ("attempt", 1200, FAILED.detail),
            ("attempt", 7100, PAINTED.detail),
        ]
        assert PAINTED.detail == {
            "provider": "gemini",
            "model": "flash",
            "operation": "fusion",
            "fault": None,
            "message": None,
            "http_status": None,
            "request_id": "r-2",
            "cost_usd": "0.039",
        }

    def test_what_calls_cost_adds_up_on_the_job(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        taken = claimed(queue, job)
        queue.log_attempts(taken, [FAILED, PAINTED])
        queue.log_attempts(taken, [])
        assert view_of(stores, job).cost_usd == Decimal("0.0391")
        assert queue.finalize_success(taken, stored_result(job.id), None, PAINTED, [again(PAINTED), again(PAINTED)])
        assert view_of(stores, job).cost_usd == Decimal("0.1171")
        assert stores.events(job.id) == ["received", *["attempt"] * 4, "finalized"]

    def test_what_the_log_has_already_is_neither_written_nor_paid_again(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        taken = claimed(queue, job)
        queue.log_attempts(taken, [FAILED])
        queue.log_attempts(taken, [FAILED, PAINTED])
        assert queue.finalize_success(taken, stored_result(job.id), None, PAINTED, [FAILED, PAINTED])
        queue.log_attempts(taken, [PAINTED])
        assert view_of(stores, job).cost_usd == FAILED.cost_usd + PAINTED.cost_usd
        assert stores.events(job.id) == ["received", "attempt", "attempt", "finalized"]

    def test_a_failure_costs_too(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        assert queue.finalize_failure(claimed(queue, job), PROVIDER_ERROR, [PAINTED])
        assert view_of(stores, job).cost_usd == PAINTED.cost_usd

    def test_an_answer_after_the_end_has_cost_all_the_same(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        taken = claimed(queue, job)
        queue.end_waiting(job.id, TIMEOUT)
        assert not queue.finalize_success(taken, stored_result(job.id), None, PAINTED, [PAINTED])
        assert view_of(stores, job).cost_usd == 0, "whoever loses logs its attempts itself"
        queue.log_attempts(taken, [PAINTED])
        view = view_of(stores, job)
        assert (view.cost_usd, view.failure, view.result) == (PAINTED.cost_usd, TIMEOUT, None)
        assert stores.events(job.id)[-1] == "attempt"

    def test_whoever_made_the_picture_is_named(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        assert queue.finalize_success(claimed(queue, job), stored_result(job.id), None, PAINTED)
        view = view_of(stores, job)
        assert (view.provider, view.model, view.operation) == ("gemini", "flash", "fusion")


class TestReferences:
    """What a queue provider was asked for outlives the worker that asked."""

    def test_another_worker_learns_what_was_begun_and_what_came_of_it(self, queue: JobQueue, stores: Stores) -> None:
        first = claimed(queue, new_job(window_seconds=60), "worker-a")
        queue.keep_reference(first, 1, None)
        second = taken_over(stores)
        assert second.orders == {1: Order(None)}
        queue.keep_reference(second, 1, "queue-7")
        queue.keep_reference(second, 1, "queue-7")
        assert taken_over(stores).orders == {1: Order("queue-7")}

    def test_each_step_has_its_own(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, new_job())
        queue.keep_reference(taken, 0, "queue-7")
        queue.keep_reference(taken, 2, None)
        assert taken_over(stores).orders == {0: Order("queue-7"), 2: Order(None)}

    def test_it_learns_which_the_log_has(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, new_job(window_seconds=60))
        queue.keep_reference(taken, 0, "queue-7")
        queue.keep_reference(taken, 1, "queue-8")
        queue.keep_reference(taken, 2, None)
        queue.log_attempts(taken, [FAILED, replace(again(FAILED), request_id=None)])
        second = taken_over(stores)
        assert second.cost_usd == 2 * FAILED.cost_usd
        assert second.orders == {0: Order("queue-7"), 1: Order("queue-8"), 2: Order(None)}
        queue.log_attempts(second, [replace(PAINTED, request_id="queue-7")])
        third = taken_over(stores)
        assert third.cost_usd == 2 * FAILED.cost_usd + PAINTED.cost_usd
        assert third.orders == {0: Order("queue-7", is_logged=True), 1: Order("queue-8"), 2: Order(None)}

    def test_what_was_never_created_is_void_and_nothing_else(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, new_job())
        queue.keep_reference(taken, 0, "queue-7")
        queue.keep_reference(taken, 1, None)
        queue.forget_reference(taken, 1)
        assert taken_over(stores).orders == {0: Order("queue-7")}

    def test_nothing_is_begun_for_a_job_that_has_ended(self, queue: JobQueue) -> None:
        taken = claimed(queue, new_job())
        queue.end_waiting(taken.id, TIMEOUT)
        with pytest.raises(ProviderFault) as fault:
            queue.keep_reference(taken, 0, None)
        assert fault.value.kind is FaultKind.CANCELLED

    def test_nothing_is_begun_nor_forgotten_by_a_worker_that_lost_the_job(
        self, queue: JobQueue, stores: Stores
    ) -> None:
        frozen = claimed(queue, new_job())
        current = taken_over(stores)
        queue.keep_reference(current, 0, "queue-7")
        with pytest.raises(ProviderFault, match="worker"):
            queue.keep_reference(frozen, 0, None)
        queue.forget_reference(frozen, 0)
        assert taken_over(stores).orders == {0: Order("queue-7")}
