"""The contract of ports.BoothRequests, held by PostgreSQL and by the twin in memory."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

from app.domain.booth_request import KEPT_PER_SLOT, BoothRequest, SentPart
from tests.twins.memory_stores import MemoryStores

REQUEST = BoothRequest(
    slot_id="slot-001",
    status=401,
    code="invalid_password",
    job_id=uuid4(),
    client="192.168.1.20",
    method="POST",
    path="/ingest/slot-001",
    query=[("session", "42")],
    headers=[("Expect", "100-continue")],
    parts=[SentPart("time", "1758217512"), SentPart("fileToUpload", "", "IMG_0003.JPG", "image/jpeg", 51_977)],
    seconds=0.25,
)


def test_a_request_is_kept_as_it_was_with_its_time(stores: MemoryStores) -> None:
    stores.booth_requests.note(REQUEST)
    [kept] = stores.booth_requests.latest("slot-001")
    assert kept == REQUEST
    assert kept.at is not None
    assert [part.is_file for part in kept.parts] == [False, True]


def test_only_the_newest_are_kept_of_each_slot(stores: MemoryStores) -> None:
    stores.booth_requests.note(replace(REQUEST, slot_id="slot-002"))
    for number in range(KEPT_PER_SLOT + 3):
        stores.booth_requests.note(replace(REQUEST, seconds=number))
    found = [request.seconds for request in stores.booth_requests.latest("slot-001")]
    assert found == list(reversed(range(3, KEPT_PER_SLOT + 3)))
    assert len(stores.booth_requests.latest("slot-002")) == 1


def test_addresses_that_lead_nowhere_share_one_shelf(stores: MemoryStores) -> None:
    for number in range(KEPT_PER_SLOT + 1):
        stores.booth_requests.note(replace(REQUEST, slot_id=f"slot-{number + 16:03}", job_id=None))
    assert {request.slot_id for request in stores.booth_requests.latest("")} == {""}
    assert len(stores.booth_requests.latest("")) == KEPT_PER_SLOT
    assert stores.booth_requests.latest("slot-016") == []


def test_many_at_once_do_not_fail(stores: MemoryStores) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(stores.booth_requests.note, [REQUEST] * 40))
    stores.booth_requests.note(REQUEST)
    assert len(stores.booth_requests.latest("slot-001")) == KEPT_PER_SLOT


def test_after_a_month_they_are_forgotten(stores: MemoryStores) -> None:
    for slot_id in ("slot-001", "slot-002", ""):
        stores.booth_requests.note(replace(REQUEST, slot_id=slot_id))
    stores.pass_time(30 * 24 * 3600 - 30)
    stores.booth_requests.note(REQUEST)
    assert stores.booth_requests.forget_expired(10) == 0
    stores.pass_time(31)
    assert [stores.booth_requests.forget_expired(2) for _ in range(3)] == [2, 1, 0]
    assert [len(stores.booth_requests.latest(slot_id)) for slot_id in ("slot-001", "slot-002", "")] == [1, 0, 0]
