"""Jobs as administrators see and cancel them."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.job import Failure, FailureReason, Source
from app.domain.job_log import LogPage, State, Stretch, Wanted
from app.services.jobs import JobService
from tests.services.bystander import Bystander
from tests.services.house import House


@pytest.fixture
def service(house: House) -> JobService:
    stores = house.stores
    return JobService(jobs=stores.jobs, log=stores.job_log, queue=house.queue, audit=stores.audit)


def ids(page: LogPage) -> list[UUID | int]:
    return [entry.id for entry in page.entries]


def test_a_strangers_job_is_not_found(service: JobService) -> None:
    for ask in (service.get, service.record, lambda job_id: service.cancel(job_id, "serg")):
        with pytest.raises(Refused) as raised:
            ask(uuid4())
        assert raised.value.reason is Reason.NOT_FOUND


def test_a_job_comes_with_its_story(house: House, service: JobService) -> None:
    job_id = house.finished()
    record = service.record(job_id)
    assert record.view == replace(service.get(job_id), read_at=record.view.read_at)
    assert [event.event for event in record.events] == ["received", "finalized"]


class TestCancelling:
    def test_a_running_job_is_cancelled_and_who_did_it_is_kept(self, house: House, service: JobService) -> None:
        job = house.claimed()
        cancelled = Failure(FailureReason.CANCELLED, {"by": "administrator"})
        assert service.cancel(job.id, "serg").failure == cancelled
        assert service.get(job.id).failure == cancelled
        [change], _ = house.stores.audit.search(subject=str(job.id), page=1, page_size=9)
        assert (change.username, change.action, change.detail) == ("serg", "job.cancelled", {"slot_id": "slot-001"})

    def test_a_finished_job_stays_as_it_is(self, house: House, service: JobService) -> None:
        job_id = house.finished()
        before = service.get(job_id)
        with pytest.raises(Refused) as raised:
            service.cancel(job_id, "serg")
        assert raised.value.reason is Reason.JOB_FINISHED
        after = service.get(job_id)
        assert (after.failure, after.result, after.finalized_at) == (None, before.result, before.finalized_at)
        assert house.stores.audit.search(subject=str(job_id), page=1, page_size=9) == ([], 0)

    def test_no_lock_is_held_while_it_is_written_down(self, house: House) -> None:
        stores, audit = house.stores, Bystander(house)
        options: Any = {"jobs": stores.jobs, "log": stores.job_log, "queue": house.queue, "audit": audit}
        JobService(**options).cancel(house.claimed().id, "serg")
        assert audit.was_kept_waiting is False


class TestFinding:
    @pytest.fixture
    def mixed(self, house: House) -> list[UUID | int]:
        """Jobs and refused requests in turn, each of its own second; the newest is the first."""
        found: list[UUID | int] = []
        for number in range(1, 4):
            house.stores.pass_time(1)
            found.insert(0, house.queued().id)
            house.stores.pass_time(1)
            house.stores.request_log.refused("slot-001", "invalid_password", {"client": "10.0.0.7"})
            found.insert(0, number)
        return found

    def test_refused_requests_stand_among_the_jobs(self, service: JobService, mixed: list[UUID | int]) -> None:
        page = service.find(Wanted(), Stretch())
        assert (ids(page), page.total, page.total_is_exact, page.next) == (mixed, 6, True, None)

    def test_each_page_tells_where_the_next_begins(self, service: JobService, mixed: list[UUID | int]) -> None:
        seen: list[UUID | int] = []
        before = None
        for _ in range(3):
            page = service.find(Wanted(), Stretch(before, 0, 2))
            seen, before = [*seen, *ids(page)], page.next
        assert (seen, before) == (mixed, None)

    def test_pages_can_be_counted_too(self, service: JobService, mixed: list[UUID | int]) -> None:
        assert ids(service.find(Wanted(), Stretch(None, 2, 3))) == mixed[2:5]
        assert ids(service.find(Wanted(state=State.REFUSED), Stretch(None, 1, 9))) == [2, 1]

    def test_programs_see_refused_requests_only_if_they_ask(self, service: JobService, mixed: list[UUID | int]) -> None:
        jobs = service.find(Wanted(), Stretch(), with_refusals=False)
        refused = service.find(Wanted(state=State.REFUSED), Stretch(), with_refusals=False)
        assert (ids(jobs), ids(refused)) == (mixed[1::2], mixed[0::2])

    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(state=State.REFUSED, booth="A"),
            Wanted(state=State.REFUSED, source=Source.TEST),
            Wanted(state=State.SUCCESS, reason="timeout"),
            Wanted(slot_id="\x00"),
            Wanted(reason="\ud800"),
            Wanted(booth="\x00"),
            Wanted(slot_id="slot-016"),
        ],
        ids=["refused booth", "refused test", "good failure", "NUL", "surrogate", "NUL booth", "no slot"],
    )
    def test_what_cannot_be_is_not_found(self, service: JobService, mixed: list[UUID | int], wanted: Wanted) -> None:
        assert service.find(wanted, Stretch()) == LogPage([], 0, True, None)

    def test_counting_ends_at_some_point(
        self, house: House, service: JobService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.jobs.COUNTED_MAX", 2)
        for number, exact in ((1, True), (2, True), (2, False), (2, False)):
            house.queued()
            page = service.find(Wanted(), Stretch())
            assert (page.total, page.total_is_exact) == (number, exact)


def test_each_slot_shows_its_last_photo(house: House, service: JobService) -> None:
    house.finished()
    house.stores.pass_time(1)
    newest = house.finished()
    assert {slot_id: photo.job_id for slot_id, photo in service.last_photos().items()} == {"slot-001": newest}
