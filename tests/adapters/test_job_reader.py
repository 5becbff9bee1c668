"""Jobs as pages read them: the contract of ports.JobReader, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

from app.domain.job import Failure, FailureReason, JobStatus, NewJob, Source
from tests.factories import SUCCESS, again, new_job, stored_result
from tests.support.booths import of_computer
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
TIMEOUT = Failure(FailureReason.TIMEOUT)
RETENTION_SECONDS = 72 * 3600


def queued(stores: Stores, slot_id: str = "slot-001", source: Source = Source.INGEST) -> NewJob:
    job = replace(new_job(slot_id=slot_id), source=source)
    stores.queue.enqueue(job)
    return job


def finished(stores: Stores, slot_id: str = "slot-001", source: Source = Source.INGEST) -> UUID:
    """A job of its own second, with a result."""
    stores.pass_time(1)
    job = queued(stores, slot_id, source)
    [claimed] = stores.queue.claim("w", 1)
    assert stores.queue.finalize_success(claimed, stored_result(job.id), None, SUCCESS)
    return job.id


def failed(stores: Stores, slot_id: str = "slot-001") -> UUID:
    stores.pass_time(1)
    job = queued(stores, slot_id)
    stores.queue.end_waiting(job.id, TIMEOUT)
    return job.id


def test_a_stranger_is_nobody(stores: Stores) -> None:
    assert stores.jobs.get(uuid4()) is None


def test_a_job_is_seen_at_every_stage(stores: Stores) -> None:
    job = queued(stores, source=Source.TEST)
    pending = stores.jobs.get(job.id)
    [claimed] = stores.queue.claim("w", 1)
    processing = stores.jobs.get(job.id)
    stores.queue.finalize_failure(claimed, TIMEOUT, [])
    ended = stores.jobs.get(job.id)
    assert pending is not None
    assert processing is not None
    assert ended is not None
    assert [v.status for v in (pending, processing, ended)] == list(JobStatus)
    assert [v.attempt for v in (pending, processing, ended)] == [0, 1, 1]
    assert (pending.source, pending.provider, pending.operation) == (Source.TEST, "local", "image_edit")
    assert (pending.started_at, processing.finalized_at) == (None, None)
    assert (ended.failure, ended.is_finalized, ended.result_has_expired) == (TIMEOUT, True, False)


def test_the_provider_that_gave_the_image_is_named(stores: Stores) -> None:
    job = queued(stores)
    [claimed] = stores.queue.claim("w", 1)
    winner = replace(again(SUCCESS), provider="other", operation="paint", model="fine", cost_usd=Decimal("0.04"))
    stores.queue.finalize_success(claimed, stored_result(job.id), None, winner, [SUCCESS, winner])
    view = stores.jobs.get(job.id)
    assert view is not None
    assert (view.provider, view.operation, view.model) == ("other", "paint", "fine")
    assert view.cost_usd == Decimal("0.04")


def test_the_timeline_tells_the_whole_story_oldest_first(stores: Stores) -> None:
    job = queued(stores)
    [claimed] = stores.queue.claim("w", 1)
    queued(stores)
    stores.queue.log_attempts(claimed, [SUCCESS])
    stores.queue.finalize_failure(claimed, TIMEOUT)
    story = stores.jobs.timeline(job.id)
    assert [(event.event, event.duration_ms, event.detail) for event in story] == [
        ("received", 0, {}),
        ("attempt", 12, SUCCESS.detail),
        ("finalized", None, {"failure_reason": "timeout"}),
    ]
    assert sorted(event.at for event in story) == [event.at for event in story]
    assert stores.jobs.timeline(uuid4()) == []


def test_an_expired_result_is_no_last_photo_even_before_the_cleanup(stores: Stores) -> None:
    finished(stores)
    stores.pass_time(RETENTION_SECONDS)
    assert stores.jobs.last_photos() == {}


def test_the_record_of_a_job_holds_all_of_it(stores: Stores) -> None:
    job = queued(stores)
    [claimed] = stores.queue.claim("w", 1)
    stores.queue.keep_reference(claimed, 0, None)
    stores.queue.keep_reference(claimed, 0, "q-77")
    record = stores.jobs.record(job.id)
    assert record is not None
    assert (record.view.id, record.view.booth) == (job.id, "")
    assert (record.booth_fields, record.payload, record.reference) == (job.booth_fields, job.payload, "q-77")
    assert [event.event for event in record.events] == ["received"]
    assert stores.jobs.record(uuid4()) is None


def test_a_forgotten_shot_is_none(stores: Stores) -> None:
    job_id = failed(stores)
    stores.pass_time(60)
    stores.queue.forget_payloads(10)
    record = stores.jobs.record(job_id)
    assert record is not None
    assert record.payload is None


def test_the_booth_is_named_after_what_its_program_says(stores: Stores) -> None:
    job = replace(new_job(), booth_fields=of_computer("DESKTOP-1", "wedding"))
    stores.queue.enqueue(job)
    view = stores.jobs.get(job.id)
    assert view is not None
    assert view.booth == "DESKTOP-1 · wedding"


def test_the_last_photo_of_a_slot_is_the_newest_of_a_booth(stores: Stores) -> None:
    finished(stores)
    newest = finished(stores)
    finished(stores, source=Source.TEST)
    failed(stores)
    other = finished(stores, "slot-002")
    finished(stores, "slot-003", source=Source.TEST)
    assert {slot_id: photo.job_id for slot_id, photo in stores.jobs.last_photos().items()} == {
        "slot-001": newest,
        "slot-002": other,
    }
