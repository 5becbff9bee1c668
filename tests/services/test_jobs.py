"""Jobs as administrators see and cancel them."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.job import Failure, FailureReason
from app.services.jobs import JobService
from tests.services.house import House


@pytest.fixture
def service(house: House) -> JobService:
    return JobService(jobs=house.stores.jobs, queue=house.queue)


def test_a_strangers_job_is_not_found(service: JobService) -> None:
    for ask in (service.get, service.with_timeline, service.cancel):
        with pytest.raises(Refused) as raised:
            ask(uuid4())
        assert raised.value.reason is Reason.NOT_FOUND


def test_a_job_comes_with_its_story(house: House, service: JobService) -> None:
    job_id = house.finished()
    job, story = service.with_timeline(job_id)
    assert job == replace(service.get(job_id), read_at=job.read_at)
    assert [event.event for event in story] == ["received", "finalized"]


def test_a_running_job_is_cancelled(house: House, service: JobService) -> None:
    cancelled = Failure(FailureReason.CANCELLED, {"by": "administrator"})
    job = house.claimed()
    assert service.cancel(job.id).failure == cancelled
    assert service.get(job.id).failure == cancelled


def test_a_finished_job_stays_as_it_is(house: House, service: JobService) -> None:
    job_id = house.finished()
    before = service.get(job_id)
    after = service.cancel(job_id)
    assert (after.failure, after.result, after.finalized_at) == (None, before.result, before.finalized_at)


def test_a_page_of_jobs_comes_with_their_number(house: House, service: JobService) -> None:
    jobs = [house.queued() for _ in range(3)]
    views, total = service.search(slot_id="slot-001", page=1, page_size=2)
    assert (len(views), total) == (2, 3)
    assert {view.id for view in views} <= {job.id for job in jobs}


@pytest.mark.parametrize("slot_id", ["slot-016", "\x00", "\ud800"])
def test_a_slot_that_cannot_be_has_no_jobs(house: House, service: JobService, slot_id: str) -> None:
    house.queued()
    assert service.search(slot_id=slot_id, page=1, page_size=2) == ([], 0)


def test_each_slot_shows_its_last_photo(house: House, service: JobService) -> None:
    house.finished()
    house.stores.pass_time(1)
    newest = house.finished()
    assert {slot_id: photo.job_id for slot_id, photo in service.last_photos().items()} == {"slot-001": newest}
