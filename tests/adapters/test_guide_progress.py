"""What the first-run guide goes by: the contract of ports.ProgressReader, held by PostgreSQL and by the twin."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.domain.booth_request import BoothRequest
from app.domain.guide import LastRequest, Progress
from app.domain.job import ClaimedJob, Failure, FailureReason, Source
from app.ports.guide import GUIDE_HIDDEN_KEY, GUIDE_OVER_KEY
from tests.factories import SUCCESS, new_job, stored_result
from tests.support.booths import of_computer
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
BOOTH = of_computer("DESKTOP-K968T3F")


def claimed(stores: Stores, source: Source, fields: Mapping[str, str]) -> ClaimedJob:
    stores.queue.enqueue(replace(new_job(), source=source, booth_fields=fields))
    [job] = stores.queue.claim("w", 1)
    return job


def succeed(stores: Stores, source: Source = Source.INGEST, fields: Mapping[str, str] = BOOTH) -> None:
    job = claimed(stores, source, fields)
    assert stores.queue.finalize_success(job, stored_result(job.id), None, SUCCESS)


def came(stores: Stores, status: int, code: str = "", slot_id: str = "slot-003") -> None:
    stores.booth_requests.note(
        BoothRequest(slot_id, status, code, None, "10.0.0.7", "POST", f"/ingest/{slot_id}", [], [], [], 0.1)
    )


def test_a_new_installation_is_at_the_beginning(stores: Stores) -> None:
    assert stores.progress.read() == Progress()


def test_a_slot_that_was_saved_counts_as_set_up(stores: Stores) -> None:
    slot = stores.slots.get("slot-002")
    assert slot is not None
    stores.slots.save(slot, 1, "serg")
    assert stores.progress.read() == Progress(slot_was_changed=True)


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        pytest.param(Source.TEST, {}, id="a test run"),
        pytest.param(Source.INGEST, {}, id="a program without a name"),
        pytest.param(Source.INGEST, {"name": "Anna"}, id="a guest's name"),
        pytest.param(Source.RERUN, BOOTH, id="a booth's photo once more"),
    ],
)
def test_a_photo_that_comes_out_is_not_yet_a_booths(stores: Stores, source: Source, fields: dict[str, str]) -> None:
    succeed(stores, source, fields)
    assert stores.progress.read() == Progress(photo_came_out=True)


def test_the_first_picture_of_a_booth_program_is_the_end(stores: Stores) -> None:
    succeed(stores)
    assert stores.progress.read() == Progress(photo_came_out=True, is_over=True)


def test_a_booth_that_got_no_picture_is_still_waited_for(stores: Stores) -> None:
    job = claimed(stores, Source.INGEST, BOOTH)
    stores.queue.finalize_failure(job, Failure(FailureReason.PROVIDER_ERROR))
    assert stores.progress.read() == Progress()


def test_the_end_is_remembered_when_the_photo_is_forgotten(stores: Stores) -> None:
    stores.settings.put(GUIDE_OVER_KEY, True, None)
    assert stores.progress.read().is_over


@pytest.mark.parametrize("hidden", [True, False])
def test_it_is_hidden_while_the_settings_say_so(stores: Stores, hidden: bool) -> None:
    stores.settings.put(GUIDE_HIDDEN_KEY, not hidden, "serg")
    stores.settings.put(GUIDE_HIDDEN_KEY, hidden, "igor")
    assert stores.progress.read().is_hidden == hidden


def test_the_newest_request_of_any_booth_is_told(stores: Stores) -> None:
    came(stores, 401, "invalid_password")
    assert stores.progress.read().last_request == LastRequest("slot-003", 401, "invalid_password")
    stores.pass_time(1)
    came(stores, 404, "slot_not_found", slot_id="slot-3")
    assert stores.progress.read().last_request == LastRequest("", 404, "slot_not_found")
    stores.pass_time(1)
    came(stores, 200)
    assert stores.progress.read().last_request == LastRequest("slot-003", 200, "")
