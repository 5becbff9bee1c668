"""One job's life in the queue, statement by statement, on a real PostgreSQL."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.adapters.db.connection import Database
from app.adapters.db.job_reader import PostgresJobReader
from app.adapters.db.queue import PostgresJobQueue
from app.domain.errors import Reason, Refused
from app.domain.job import MAX_ATTEMPTS, Failure, FailureReason, JobStatus
from tests.factories import SUCCESS, new_job, stored_result

TIMEOUT = Failure(FailureReason.TIMEOUT)


def execute(database: Database, statement: str, **parameters: object) -> None:
    with database.transaction() as session:
        session.execute(text(statement), parameters)


def lose_lease(database: Database) -> None:
    execute(database, "UPDATE job SET lease_until = now() - interval '1 second' WHERE status = 'processing'")


def events(database: Database, job_id: UUID) -> list[str]:
    with database.transaction() as session:
        query = text("SELECT event FROM processing_log WHERE job_id = :id ORDER BY id")
        return list(session.scalars(query, {"id": job_id}))


def test_a_queued_job_is_claimed_with_everything_it_needs(queue: PostgresJobQueue) -> None:
    job = new_job()
    queued = queue.enqueue(job)
    [claimed] = queue.claim("worker-a", 5)
    assert (claimed.id, claimed.slot_id, claimed.attempt) == (job.id, "slot-001", 1)
    assert (claimed.settings, claimed.booth_fields, claimed.payload) == (job.settings, job.booth_fields, job.payload)
    assert 47 < claimed.seconds_left <= queued.seconds_left <= 48


def test_the_window_began_when_the_request_arrived(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job(window_seconds=48, age_seconds=1.5)
    queued = queue.enqueue(job)
    view = PostgresJobReader(database).get(job.id)
    assert view is not None
    assert queued.seconds_left == pytest.approx(46.5, abs=0.05)
    assert view.expires_at - view.created_at == timedelta(seconds=48)


def test_queueing_twice_changes_nothing(queue: PostgresJobQueue) -> None:
    job = new_job()
    first, second = queue.enqueue(job), queue.enqueue(job)
    assert first.expires_at == second.expires_at
    assert len(queue.claim("worker-a", 10)) == 1


def test_the_most_urgent_job_is_claimed_first(queue: PostgresJobQueue) -> None:
    late, soon = new_job(window_seconds=50), new_job(window_seconds=10)
    queue.enqueue(late)
    queue.enqueue(soon)
    assert [queue.claim("w", 1)[0].id, queue.claim("w", 1)[0].id] == [soon.id, late.id]


def test_an_expired_job_is_never_claimed(queue: PostgresJobQueue) -> None:
    queue.enqueue(new_job(window_seconds=1, age_seconds=2))
    assert queue.claim("w", 1) == []


def test_back_pressure_refuses_at_the_limit_and_lets_in_below_it(database: Database) -> None:
    queue = PostgresJobQueue(database, max_active=2)
    first = new_job()
    queue.enqueue(first)
    queue.enqueue(new_job())
    with pytest.raises(Refused) as refusal:
        queue.enqueue(new_job())
    assert refusal.value.reason is Reason.QUEUE_BUSY
    assert refusal.value.retry_after
    queue.cancel(first.id)
    queue.enqueue(new_job())


def test_one_slot_can_be_bounded_alone(database: Database) -> None:
    queue = PostgresJobQueue(database, max_active=10, slot_max=1)
    queue.enqueue(new_job(slot_id="slot-001"))
    with pytest.raises(Refused) as refusal:
        queue.enqueue(new_job(slot_id="slot-001"))
    assert refusal.value.reason is Reason.SLOT_BUSY
    queue.enqueue(new_job(slot_id="slot-002"))


def test_success_is_recorded_whole_and_kept_for_72_hours(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job()
    queue.enqueue(job)
    [claimed] = queue.claim("w", 1)
    assert queue.finalize_success(claimed, stored_result(job.id), "aW1hZ2U=", SUCCESS)
    view = PostgresJobReader(database).get(job.id)
    assert view is not None
    assert view.status is JobStatus.FINALIZED
    assert view.failure is None
    assert view.result == stored_result(job.id)
    assert view.finalized_at is not None
    assert view.result_expires_at == view.finalized_at + timedelta(hours=72)
    [finished] = queue.finished([job.id, uuid4()])
    assert finished.inline_base64 == "aW1hZ2U="
    assert events(database, job.id) == ["received", "attempt", "finalized"]


def test_retention_follows_the_setting(queue: PostgresJobQueue, database: Database) -> None:
    execute(database, "INSERT INTO app_settings (key, value) VALUES ('result_retention_hours', '24')")
    job = new_job()
    queue.enqueue(job)
    queue.finalize_success(queue.claim("w", 1)[0], stored_result(job.id), None, SUCCESS)
    view = PostgresJobReader(database).get(job.id)
    assert view is not None
    assert view.finalized_at is not None
    assert view.result_expires_at == view.finalized_at + timedelta(hours=24)


def test_success_repeated_after_a_lost_answer_is_still_success(queue: PostgresJobQueue) -> None:
    job = new_job()
    queue.enqueue(job)
    [claimed] = queue.claim("w", 1)
    assert queue.finalize_success(claimed, stored_result(job.id), None, SUCCESS)
    assert queue.finalize_success(claimed, stored_result(job.id), None, SUCCESS)


def test_no_success_after_the_deadline(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job()
    queue.enqueue(job)
    [claimed] = queue.claim("w", 1)
    execute(database, "UPDATE job SET expires_at = now() - interval '1 ms'")
    assert not queue.finalize_success(claimed, stored_result(job.id), None, SUCCESS)


def test_a_worker_thawed_after_its_lease_finalizes_nothing(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job()
    queue.enqueue(job)
    [frozen] = queue.claim("worker-a", 1)
    lose_lease(database)
    assert queue.rescue()["requeued"] == 1
    [taken_over] = queue.claim("worker-b", 1)
    assert taken_over.attempt == 2
    assert not queue.finalize_success(frozen, stored_result(job.id, 1), None, SUCCESS)
    assert not queue.finalize_failure(frozen, Failure(FailureReason.PROVIDER_ERROR), [])
    assert queue.finalize_success(taken_over, stored_result(job.id, 2), None, SUCCESS)


def test_a_living_worker_keeps_its_jobs_and_learns_which_it_lost(queue: PostgresJobQueue, database: Database) -> None:
    mine, ended = new_job(), new_job()
    queue.enqueue(mine)
    queue.enqueue(ended)
    claimed = {job.id: job.attempt for job in queue.claim("w", 2)}
    queue.cancel(ended.id)
    execute(database, "UPDATE job SET lease_until = now() - interval '1 second' WHERE id = :id", id=mine.id)
    assert queue.renew("w", claimed) == {mine.id}
    assert queue.rescue()["requeued"] == 0


def test_a_job_that_kills_its_workers_fails_in_the_end(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job()
    queue.enqueue(job)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert queue.claim("w", 1)[0].attempt == attempt
        lose_lease(database)
        queue.rescue()
    [finished] = queue.finished([job.id])
    assert finished.failure == Failure(
        FailureReason.PROVIDER_ERROR, {"code": "worker_lost", "attempts": MAX_ATTEMPTS}
    )


def test_rescue_times_out_what_nobody_ended(queue: PostgresJobQueue, database: Database) -> None:
    processing, pending = new_job(), new_job()
    queue.enqueue(processing)
    queue.claim("w", 1)
    queue.enqueue(pending)
    execute(database, "UPDATE job SET expires_at = now() - interval '2 seconds'")
    assert queue.rescue() == {"timed_out": 2, "failed": 0, "requeued": 0}
    assert [job.failure for job in queue.finished([pending.id, processing.id])] == [TIMEOUT, TIMEOUT]


def test_whoever_gives_up_waiting_learns_how_it_ended(queue: PostgresJobQueue) -> None:
    lost, won = new_job(), new_job()
    queue.enqueue(lost)
    queue.enqueue(won)
    claimed = {job.id: job for job in queue.claim("w", 2)}
    queue.finalize_success(claimed[won.id], stored_result(won.id), None, SUCCESS)
    assert queue.end_waiting(lost.id, TIMEOUT).failure == TIMEOUT
    assert queue.end_waiting(won.id, TIMEOUT).result == stored_result(won.id)
    assert not queue.finalize_success(claimed[lost.id], stored_result(lost.id), None, SUCCESS)


def test_a_job_handed_back_is_claimed_by_another_at_once(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job()
    queue.enqueue(job)
    claimed = queue.claim("worker-a", 1)
    assert queue.hand_back(claimed) == 1
    [again] = queue.claim("worker-b", 1)
    assert (again.id, again.attempt) == (job.id, 2)
    assert not queue.finalize_success(claimed[0], stored_result(job.id), None, SUCCESS)
    assert "handed_back" in events(database, job.id)


def test_the_inline_result_is_gone_once_answered(queue: PostgresJobQueue, database: Database) -> None:
    job = new_job()
    queue.enqueue(job)
    queue.finalize_success(queue.claim("w", 1)[0], stored_result(job.id), "aW1hZ2U=", SUCCESS)
    queue.mark_answered([job.id])
    assert queue.finished([job.id])[0].inline_base64 is None
    assert events(database, job.id)[-1] == "answered"


def test_payloads_and_inline_leftovers_are_forgotten_after_the_window(
    queue: PostgresJobQueue, database: Database
) -> None:
    done, running = new_job(), new_job()
    queue.enqueue(done)
    queue.finalize_success(queue.claim("w", 1)[0], stored_result(done.id), "aW1hZ2U=", SUCCESS)
    assert queue.forget_payloads(10) == []
    execute(database, "UPDATE job SET expires_at = now() - interval '1 second' WHERE is_finalized")
    queue.enqueue(running)
    assert queue.forget_payloads(10) == [done.payload.path]
    assert queue.forget_payloads(10) == []
    assert queue.finished([done.id])[0].inline_base64 is None
    assert queue.referenced([done.id, running.id]) == {stored_result(done.id).path, running.payload.path}


def test_expired_results_are_forgotten_once_and_stay_known_as_expired(
    queue: PostgresJobQueue, database: Database
) -> None:
    job = new_job()
    queue.enqueue(job)
    queue.finalize_success(queue.claim("w", 1)[0], stored_result(job.id), None, SUCCESS)
    assert queue.forget_results(10) == []
    execute(database, "UPDATE job SET result_expires_at = now()")
    assert queue.forget_results(10) == [(job.id, stored_result(job.id).path, 1000)]
    assert queue.forget_results(10) == []
    view = PostgresJobReader(database).get(job.id)
    assert view is not None
    assert view.result_has_expired
