"""A shot goes through its slot once more: with the slot as it is now, and a file of its own."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import Reason, Refused
from app.domain.job import Source
from app.domain.slot import Step
from app.services.reruns import RerunService
from tests.services.bystander import Bystander
from tests.services.house import BACKUP, CATALOGUE, LOCAL, House, shot


class Window:
    """A setting of 50 s."""

    def sync_response_seconds(self) -> float:
        return 50.0


@pytest.fixture
def service(house: House) -> RerunService:
    return service_of(house, max_active=9)


def service_of(house: House, max_active: int, audit: Any = None) -> RerunService:
    return RerunService(
        jobs=house.stores.jobs,
        slots=house.stores.slots,
        settings=Window(),  # type: ignore[arg-type]  # the only one it asks for
        media=house.media,
        queue=house.stores.queue_of(max_active),
        audit=audit or house.stores.audit,
        catalogue=CATALOGUE,
    )


def set_up(house: House, *steps: Step) -> None:
    slot = house.slot()
    assert house.stores.slots.save(replace(slot, step=steps[0], fallbacks=steps[1:]), slot.version, "serg")


def test_the_slot_is_taken_as_it_is_now_and_the_booths_words_as_they_were(house: House, service: RerunService) -> None:
    old = house.queued()
    set_up(house, BACKUP)
    house.queue.cancel(old.id)
    queued = service.start(old.id, "serg")
    [claimed] = house.queue.claim("w", 9)
    view = house.stores.jobs.get(queued.id)
    assert view is not None
    assert (view.source, view.slot_id) == (Source.RERUN, old.slot_id)
    assert claimed.settings == house.slot().snapshot() != old.settings
    assert (claimed.booth_fields, claimed.window_seconds) == (old.booth_fields, 50.0)


def test_the_shot_is_a_copy_that_outlives_the_first(house: House, service: RerunService) -> None:
    old = house.queued()
    queued = service.start(old.id, "serg")
    house.media.delete([old.payload.path])
    record = house.stores.jobs.record(queued.id)
    assert record is not None
    assert record.payload is not None
    assert record.payload.path == f"payloads/{queued.id}.jpg"
    assert house.media.read(record.payload.path) == shot()


def test_who_did_it_is_kept(house: House, service: RerunService) -> None:
    old = house.queued()
    queued = service.start(old.id, "igor")
    [change], _ = house.stores.audit.search(subject=str(old.id), page=1, page_size=9)
    assert (change.username, change.action) == ("igor", "job.rerun")
    assert change.detail == {"slot_id": "slot-001", "new_job_id": str(queued.id)}


@pytest.mark.parametrize("gone", ["row", "file"])
def test_a_shot_that_is_gone_cannot_run_again(house: House, service: RerunService, gone: str) -> None:
    old = house.finished()
    if gone == "row":
        house.stores.pass_time(60)
        house.queue.forget_payloads(9)
    else:
        house.media.files.clear()
    with pytest.raises(Refused) as raised:
        service.start(old, "serg")
    assert (raised.value.reason, raised.value.details) == (Reason.PAYLOAD_EXPIRED, {"job_id": str(old)})


def test_a_full_queue_leaves_nothing_behind(house: House) -> None:
    old = house.queued()
    with pytest.raises(Refused) as raised:
        service_of(house, max_active=1).start(old.id, "serg")
    assert raised.value.reason is Reason.QUEUE_BUSY
    assert list(house.media.files) == [old.payload.path]
    assert house.stores.audit.search(subject=None, page=1, page_size=9) == ([], 0)


def test_a_lost_answer_pays_once(house: House, service: RerunService) -> None:
    old = house.queued()
    house.database.lose_answers()
    queued = service.start(old.id, "serg")
    assert {job.id for job in house.queue.claim("w", 9)} == {old.id, queued.id}


def test_what_is_queued_is_not_said_to_have_failed(house: House, service: RerunService) -> None:
    """The audit row is the fourth thing that is asked of the database."""
    old = house.queued()
    house.database.go_away(1, after=3)
    queued = service.start(old.id, "serg")
    assert house.stores.jobs.get(queued.id) is not None
    assert house.stores.audit.search(subject=str(old.id), page=1, page_size=9) == ([], 0)


def test_no_lock_is_held_while_it_is_written_down(house: House) -> None:
    audit = Bystander(house)
    service_of(house, 9, audit).start(house.queued().id, "serg")
    assert audit.was_kept_waiting is False


def test_it_is_said_before_what_it_costs(house: House, service: RerunService) -> None:
    set_up(house, LOCAL)
    assert service.prices("slot-001") == [0]
    set_up(house, BACKUP, LOCAL, Step("forgotten", "x", {}))
    assert service.prices("slot-001") == [Decimal("0.04"), 0, 0]
