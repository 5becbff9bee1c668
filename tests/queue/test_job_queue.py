"""One job's life in the queue: the contract of ports.JobQueue, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.job import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    Failure,
    FailureReason,
    JobStatus,
    Source,
)
from app.ports.jobs import JobQueue
from tests.factories import SUCCESS, new_job, stored_result
from tests.queue.steps import PROVIDER_ERROR, TIMEOUT, Stores, claimed, succeeded, view_of

RETENTION_SECONDS = 72 * 3600


@pytest.fixture
def queue(stores: Stores) -> JobQueue:
    return stores.queue


class TestQueueing:
    def test_a_queued_job_is_claimed_with_everything_it_needs(self, queue: JobQueue) -> None:
        job = new_job()
        queued = queue.enqueue(job)
        [taken] = queue.claim("worker-a", 5)
        assert (taken.id, taken.slot_id, taken.attempt, taken.worker) == (job.id, "slot-001", 1, "worker-a")
        assert (taken.settings, taken.booth_fields, taken.payload) == (job.settings, job.booth_fields, job.payload)
        assert 47 < taken.seconds_left <= queued.seconds_left <= 48
        assert taken.window_seconds == 48
        assert taken.orders == {}

    def test_the_window_began_when_the_request_arrived(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job(window_seconds=48, age_seconds=1.5)
        queued = queue.enqueue(job)
        view = view_of(stores, job)
        assert queued.seconds_left == pytest.approx(46.5, abs=0.05)
        assert view.expires_at == queued.expires_at
        assert view.expires_at - view.created_at == timedelta(seconds=48)

    def test_queueing_twice_changes_nothing(self, queue: JobQueue) -> None:
        job = new_job()
        first, second = queue.enqueue(job), queue.enqueue(job)
        assert first.expires_at == second.expires_at
        assert len(queue.claim("worker-a", 10)) == 1

    def test_queueing_again_is_no_way_around_an_end(self, queue: JobQueue) -> None:
        job = succeeded(queue, new_job())
        queue.enqueue(job)
        assert queue.claim("w", 1) == []


class TestBackPressure:
    def test_the_limit_refuses_and_lets_in_below_it(self, stores: Stores) -> None:
        queue, first = stores.queue_of(max_active=2), new_job()
        queue.enqueue(first)
        queue.enqueue(new_job())
        with pytest.raises(Refused) as refusal:
            queue.enqueue(new_job())
        assert refusal.value.reason is Reason.QUEUE_BUSY
        assert refusal.value.retry_after
        queue.cancel(first.id)
        queue.enqueue(new_job())

    def test_a_job_in_a_workers_hands_counts_too(self, stores: Stores) -> None:
        queue = stores.queue_of(max_active=1)
        claimed(queue, new_job())
        with pytest.raises(Refused):
            queue.enqueue(new_job())

    def test_a_repeated_call_is_not_refused_by_the_job_it_queued_itself(self, stores: Stores) -> None:
        queue, job = stores.queue_of(max_active=1), new_job()
        assert queue.enqueue(job).expires_at == queue.enqueue(job).expires_at

    def test_one_slot_can_be_bounded_alone(self, stores: Stores) -> None:
        queue = stores.queue_of(max_active=10, slot_max=1)
        queue.enqueue(new_job(slot_id="slot-001"))
        with pytest.raises(Refused) as refusal:
            queue.enqueue(new_job(slot_id="slot-001"))
        assert refusal.value.reason is Reason.SLOT_BUSY
        assert refusal.value.retry_after
        queue.enqueue(new_job(slot_id="slot-002"))


class TestClaiming:
    def test_the_most_urgent_job_comes_first(self, queue: JobQueue) -> None:
        late, soon = new_job(window_seconds=50), new_job(window_seconds=10)
        queue.enqueue(late)
        queue.enqueue(soon)
        assert [queue.claim("w", 1)[0].id, queue.claim("w", 1)[0].id] == [soon.id, late.id]

    def test_no_more_than_asked_for(self, queue: JobQueue) -> None:
        for _ in range(5):
            queue.enqueue(new_job())
        assert [len(queue.claim("w", 3)) for _ in range(3)] == [3, 2, 0]

    def test_an_expired_job_is_never_claimed(self, queue: JobQueue) -> None:
        queue.enqueue(new_job(window_seconds=1, age_seconds=2))
        assert queue.claim("w", 1) == []

    def test_when_work_began_is_remembered_from_the_first_attempt(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        queue.hand_back([claimed(queue, job)])
        began = view_of(stores, job).started_at
        queue.claim("w", 1)
        assert began is not None
        assert view_of(stores, job).started_at == began


class TestEnding:
    def test_success_is_recorded_whole_and_kept_for_72_hours(self, queue: JobQueue, stores: Stores) -> None:
        job = succeeded(queue, new_job(), "aW1hZ2U=")
        view = view_of(stores, job)
        assert (view.status, view.failure, view.result) == (JobStatus.FINALIZED, None, stored_result(job.id))
        assert view.finalized_at is not None
        assert view.result_expires_at == pytest.approx(
            view.finalized_at + timedelta(hours=72), abs=timedelta(seconds=1)
        )
        [finished] = queue.finished([job.id, uuid4()])
        assert (finished.inline_base64, finished.failure) == ("aW1hZ2U=", None)
        assert stores.events(job.id) == ["received", "attempt", "finalized"]

    def test_retention_follows_the_setting(self, queue: JobQueue, stores: Stores) -> None:
        stores.settings.put("result_retention_hours", 24, "serg")
        job = succeeded(queue, new_job())
        stores.pass_time(24 * 3600 - 60)
        assert queue.forget_results(10) == []
        stores.pass_time(120)
        assert [entry[0] for entry in queue.forget_results(10)] == [job.id]

    def test_success_repeated_after_a_lost_answer_is_still_success(self, queue: JobQueue) -> None:
        job = new_job()
        taken = claimed(queue, job)
        assert queue.finalize_success(taken, stored_result(job.id), None, SUCCESS, [SUCCESS])
        assert queue.finalize_success(taken, stored_result(job.id), None, SUCCESS, [SUCCESS])

    def test_failure_says_why(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        taken = claimed(queue, job)
        assert queue.finalize_failure(taken, PROVIDER_ERROR, [SUCCESS])
        assert not queue.finalize_failure(taken, PROVIDER_ERROR, [SUCCESS])
        [finished] = queue.finished([job.id])
        assert (finished.failure, finished.result) == (PROVIDER_ERROR, None)
        assert stores.events(job.id) == ["received", "attempt", "finalized"]

    def test_what_is_not_finished_is_not_among_the_finished(self, queue: JobQueue) -> None:
        pending, processing = new_job(), new_job()
        claimed(queue, processing)
        queue.enqueue(pending)
        assert queue.finished([pending.id, processing.id]) == []
        assert queue.finished([]) == []

    def test_no_success_after_the_deadline(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job(window_seconds=48)
        taken = claimed(queue, job)
        stores.pass_time(48.1)
        assert not queue.finalize_success(taken, stored_result(job.id), None, SUCCESS)

    def test_whoever_gives_up_waiting_learns_how_it_ended(self, queue: JobQueue) -> None:
        won, lost = succeeded(queue, new_job()), new_job()
        taken = claimed(queue, lost)
        assert queue.end_waiting(won.id, TIMEOUT).result == stored_result(won.id)
        assert queue.end_waiting(lost.id, TIMEOUT).failure == TIMEOUT
        assert not queue.finalize_success(taken, stored_result(lost.id), None, SUCCESS)
        assert not queue.finalize_failure(taken, PROVIDER_ERROR, [])

    def test_an_administrator_cancels_what_is_not_finished(self, queue: JobQueue) -> None:
        job, done = new_job(), succeeded(queue, new_job())
        queue.enqueue(job)
        assert [queue.cancel(job.id), queue.cancel(job.id), queue.cancel(done.id)] == [True, False, False]
        assert not queue.cancel(uuid4())
        [finished] = queue.finished([job.id])
        assert finished.failure == Failure(FailureReason.CANCELLED, {"by": "administrator"})
        assert queue.claim("w", 1) == []


class TestLeases:
    def test_a_worker_thawed_after_its_lease_finalizes_nothing(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        frozen = claimed(queue, job, "worker-a")
        stores.pass_time(LEASE_SECONDS + 0.1)
        assert queue.rescue()["requeued"] == 1
        [taken_over] = queue.claim("worker-b", 1)
        assert taken_over.attempt == 2
        assert not queue.finalize_success(frozen, stored_result(job.id, 1), None, SUCCESS)
        assert not queue.finalize_failure(frozen, PROVIDER_ERROR, [])
        assert queue.hand_back([frozen]) == 0
        assert queue.finalize_success(taken_over, stored_result(job.id, 2), None, SUCCESS)

    def test_the_same_worker_is_another_after_a_second_claim(self, queue: JobQueue, stores: Stores) -> None:
        frozen = claimed(queue, new_job(), "worker-a")
        stores.pass_time(LEASE_SECONDS + 0.1)
        queue.rescue()
        [again] = queue.claim("worker-a", 1)
        assert queue.renew("worker-a", {frozen.id: frozen.attempt}) == set()
        assert queue.renew("worker-a", {again.id: again.attempt}) == {again.id}

    def test_a_lease_is_safe_until_it_ends(self, queue: JobQueue, stores: Stores) -> None:
        claimed(queue, new_job())
        stores.pass_time(LEASE_SECONDS - 1)
        assert queue.rescue() == {"timed_out": 0, "failed": 0, "requeued": 0}

    def test_a_living_worker_keeps_its_jobs_and_learns_which_it_lost(self, queue: JobQueue, stores: Stores) -> None:
        mine, ended = claimed(queue, new_job()), claimed(queue, new_job())
        queue.cancel(ended.id)
        stores.pass_time(LEASE_SECONDS - 1)
        assert queue.renew("w", {mine.id: mine.attempt, ended.id: ended.attempt}) == {mine.id}
        stores.pass_time(LEASE_SECONDS - 1)
        assert queue.rescue()["requeued"] == 0

    def test_a_lease_is_renewed_by_its_holder_only(self, queue: JobQueue) -> None:
        taken = claimed(queue, new_job(), "worker-a")
        assert queue.renew("worker-b", {taken.id: taken.attempt}) == set()

    def test_a_worker_back_from_an_outage_keeps_what_nobody_claimed_since(
        self, queue: JobQueue, stores: Stores
    ) -> None:
        taken = claimed(queue, new_job(), "worker-a")
        stores.pass_time(LEASE_SECONDS + 0.1)
        assert queue.rescue()["requeued"] == 1
        assert queue.renew("worker-a", {taken.id: taken.attempt}) == {taken.id}
        assert queue.claim("worker-b", 1) == []
        assert queue.finalize_success(taken, stored_result(taken.id), None, SUCCESS)

    def test_a_finished_picture_counts_even_while_its_job_waits_for_another_worker(
        self, queue: JobQueue, stores: Stores
    ) -> None:
        taken = claimed(queue, new_job(), "worker-a")
        stores.pass_time(LEASE_SECONDS + 0.1)
        queue.rescue()
        assert queue.finalize_success(taken, stored_result(taken.id), None, SUCCESS)
        assert queue.claim("worker-b", 1) == []

    def test_a_job_that_kills_its_workers_fails_in_the_end(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job(window_seconds=60)
        queue.enqueue(job)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert queue.claim("w", 1)[0].attempt == attempt
            stores.pass_time(LEASE_SECONDS + 0.1)
            queue.rescue()
        [finished] = queue.finished([job.id])
        assert finished.failure == Failure(
            FailureReason.PROVIDER_ERROR, {"code": "worker_lost", "attempts": MAX_ATTEMPTS}
        )

    def test_rescue_times_out_what_nobody_ended(self, queue: JobQueue, stores: Stores) -> None:
        processing, pending = new_job(window_seconds=5), new_job(window_seconds=5)
        claimed(queue, processing)
        queue.enqueue(pending)
        stores.pass_time(5.5)
        assert queue.rescue()["timed_out"] == 0, "the waiting side has the first word"
        stores.pass_time(1)
        assert queue.rescue() == {"timed_out": 2, "failed": 0, "requeued": 0}
        assert [job.failure for job in queue.finished([pending.id, processing.id])] == [TIMEOUT, TIMEOUT]
        assert queue.rescue() == {"timed_out": 0, "failed": 0, "requeued": 0}

    def test_a_job_handed_back_is_claimed_by_another_at_once(self, queue: JobQueue, stores: Stores) -> None:
        job = new_job()
        taken = claimed(queue, job, "worker-a")
        assert queue.hand_back([taken]) == 1
        [again] = queue.claim("worker-b", 1)
        assert (again.id, again.attempt) == (job.id, 2)
        assert not queue.finalize_success(taken, stored_result(job.id), None, SUCCESS)
        assert stores.events(job.id) == ["received", "handed_back"]

    def test_what_has_ended_cannot_be_handed_back(self, queue: JobQueue) -> None:
        taken = claimed(queue, new_job())
        queue.finalize_failure(taken, PROVIDER_ERROR, [])
        assert queue.hand_back([taken]) == 0
        assert queue.hand_back([]) == 0


class TestForgetting:
    def test_the_inline_result_is_gone_once_answered(self, queue: JobQueue, stores: Stores) -> None:
        job = succeeded(queue, new_job(), "aW1hZ2U=")
        queue.mark_answered([job.id])
        [finished] = queue.finished([job.id])
        assert (finished.inline_base64, finished.result) == (None, stored_result(job.id))
        assert stores.events(job.id)[-1] == "answered"

    @pytest.mark.parametrize("source", [Source.TEST, Source.RERUN])
    def test_what_nobody_waits_for_is_not_kept_inline(self, queue: JobQueue, source: Source) -> None:
        job = succeeded(queue, replace(new_job(), source=source), "aW1hZ2U=")
        assert queue.finished([job.id])[0].inline_base64 is None

    def test_payloads_and_inline_leftovers_are_forgotten_after_the_window(
        self, queue: JobQueue, stores: Stores
    ) -> None:
        done = succeeded(queue, new_job(window_seconds=10), "aW1hZ2U=")
        running = new_job()
        queue.enqueue(running)
        assert queue.forget_payloads(10) == []
        stores.pass_time(10.1)
        assert queue.forget_payloads(10) == [(done.payload.path, done.payload.size_bytes)]
        assert queue.forget_payloads(10) == []
        assert queue.finished([done.id])[0].inline_base64 is None
        assert queue.referenced([done.id, running.id]) == {stored_result(done.id).path, running.payload.path}

    def test_an_unfinished_job_keeps_its_payload_even_past_its_window(self, queue: JobQueue, stores: Stores) -> None:
        queue.enqueue(new_job(window_seconds=10))
        stores.pass_time(11.5)
        assert queue.forget_payloads(10) == []
        queue.rescue()
        assert len(queue.forget_payloads(10)) == 1

    def test_expired_results_are_forgotten_once_and_stay_known_as_expired(
        self, queue: JobQueue, stores: Stores
    ) -> None:
        job = succeeded(queue, new_job())
        assert queue.forget_results(10) == []
        stores.pass_time(RETENTION_SECONDS + 1)
        assert queue.forget_results(10) == [(job.id, stored_result(job.id).path, 1000)]
        assert queue.forget_results(10) == []
        view = view_of(stores, job)
        assert (view.result, view.result_has_expired, view.result_is_available) == (None, True, False)

    def test_forgetting_goes_by_batches_oldest_first(self, queue: JobQueue, stores: Stores) -> None:
        jobs = []
        for _ in range(3):
            jobs.append(succeeded(queue, new_job()))
            stores.pass_time(60)
        stores.pass_time(RETENTION_SECONDS)
        assert {path for path, _ in queue.forget_payloads(2)} == {job.payload.path for job in jobs[:2]}
        assert {job_id for job_id, _, _ in queue.forget_results(2)} == {job.id for job in jobs[:2]}
        assert {job_id for job_id, _, _ in queue.forget_results(2)} == {jobs[2].id}

    def test_strangers_refer_to_nothing(self, queue: JobQueue) -> None:
        assert queue.referenced([uuid4()]) == set()
        assert queue.referenced([]) == set()
