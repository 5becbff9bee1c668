"""The contract of ports.CopyLedger, held by PostgreSQL and by the twin: each photo that is wanted is copied once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest

from app.domain.job import Source
from app.ports.copies import CopyLedger, CopyOrder, CopyTally
from tests.factories import SETTINGS, SUCCESS, new_job, stored_result
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
HOLD = 120.0
DAY = 24 * 3600
RETENTION = 72 * 3600


@pytest.fixture
def ledger(stores: Stores) -> CopyLedger:
    return stores.copies


def finish(stores: Stores, *, copies: bool = True, source: Source = Source.INGEST, slot_id: str = "slot-001") -> UUID:
    """A photo that is finished now, of a slot that wants copies or does not."""
    settings = {**SETTINGS, "keeping": {"originals": False, "copies": copies}}
    stores.queue.enqueue(replace(new_job(slot_id=slot_id), source=source, settings=settings))
    [job] = stores.queue.claim("worker", 1)
    assert stores.queue.finalize_success(job, stored_result(job.id), None, SUCCESS)
    return job.id


def taken(ledger: CopyLedger) -> CopyOrder:
    order = ledger.take(HOLD)
    assert order is not None
    return order


def of(ledger: CopyLedger, slot_id: str = "slot-001") -> CopyTally:
    return ledger.tally().get(slot_id, CopyTally())


class TestOrders:
    def test_a_photo_of_a_slot_that_wants_copies_is_ordered_as_it_is_finished(
        self, ledger: CopyLedger, stores: Stores
    ) -> None:
        photo = finish(stores)
        assert taken(ledger) == CopyOrder(photo, 1, "")

    @pytest.mark.parametrize("source", [Source.INGEST, Source.RERUN])
    def test_photos_of_booths_and_their_reruns_are(self, ledger: CopyLedger, stores: Stores, source: Source) -> None:
        photo = finish(stores, source=source)
        assert taken(ledger).job_id == photo

    def test_others_are_not(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores, copies=False)
        finish(stores, source=Source.TEST)
        stores.queue.enqueue(new_job())
        [before_the_setting_was_there] = stores.queue.claim("worker", 1)
        stores.queue.finalize_success(
            before_the_setting_was_there, stored_result(before_the_setting_was_there.id), None, SUCCESS
        )
        assert ledger.take(HOLD) is None
        assert ledger.tally() == {}

    def test_one_that_was_too_late_for_its_booth_is_not(self, ledger: CopyLedger, stores: Stores) -> None:
        stores.queue.enqueue(replace(new_job(), settings={**SETTINGS, "keeping": {"copies": True}}))
        [job] = stores.queue.claim("worker", 1)
        stores.pass_time(50)
        assert not stores.queue.finalize_success(job, stored_result(job.id), None, SUCCESS)
        assert ledger.tally() == {}

    def test_a_success_whose_answer_was_lost_orders_once(self, ledger: CopyLedger, stores: Stores) -> None:
        stores.queue.enqueue(replace(new_job(), settings={**SETTINGS, "keeping": {"copies": True}}))
        [job] = stores.queue.claim("worker", 1)
        for _ in range(2):
            assert stores.queue.finalize_success(job, stored_result(job.id), None, SUCCESS)
        assert of(ledger).waiting == 1


class TestTaking:
    def test_the_oldest_comes_first_and_each_once(self, ledger: CopyLedger, stores: Stores) -> None:
        photos = []
        for _ in range(3):
            photos.append(finish(stores))
            stores.pass_time(1)
        assert [taken(ledger).job_id for _ in photos] == photos
        assert ledger.take(HOLD) is None

    def test_whoever_died_is_replaced(self, ledger: CopyLedger, stores: Stores) -> None:
        photo = finish(stores)
        taken(ledger)
        stores.pass_time(HOLD - 5)
        assert ledger.take(HOLD) is None
        stores.pass_time(10)
        assert taken(ledger) == CopyOrder(photo, 2, "")

    def test_what_failed_waits_for_its_pause_and_lets_others_go_first(self, ledger: CopyLedger, stores: Stores) -> None:
        first, second = finish(stores), finish(stores)
        order = taken(ledger)
        ledger.failed(order, "no space left", 5)
        assert taken(ledger).job_id == {first: second, second: first}[order.job_id]
        assert ledger.take(HOLD) is None
        stores.pass_time(6)
        assert taken(ledger) == replace(order, attempts=2)

    def test_what_is_copied_is_never_taken_again(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        ledger.copied(taken(ledger))
        stores.pass_time(HOLD + 1)
        assert ledger.take(HOLD) is None

    def test_many_at_once_take_each_once(self, ledger: CopyLedger, stores: Stores) -> None:
        photos = {finish(stores) for _ in range(12)}
        start = Barrier(4)

        def copy(_: int) -> list[UUID]:
            start.wait()
            found = []
            while len(found) < len(photos) and (order := ledger.take(HOLD)):
                found.append(order.job_id)
                ledger.copied(order)
            return found

        with ThreadPoolExecutor(4) as threads:
            copied = [job_id for found in threads.map(copy, range(4)) for job_id in found]
        assert len(copied) == len(set(copied))
        while order := ledger.take(HOLD):  # one that finds the last row locked goes home
            copied.append(order.job_id)
        assert set(copied) == photos


class TestTheFence:
    def test_a_failure_of_somebody_who_was_replaced_says_nothing(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        late = taken(ledger)
        stores.pass_time(HOLD + 1)
        heir = taken(ledger)
        ledger.failed(late, "too late", 0)
        assert ledger.take(HOLD) is None
        ledger.copied(heir)
        ledger.failed(heir, "after all", 0)
        assert (of(ledger).copied, of(ledger).error) == (1, "")

    def test_a_copy_that_came_late_is_a_copy_all_the_same(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        late = taken(ledger)
        stores.pass_time(HOLD + 1)
        taken(ledger)
        ledger.copied(late)
        stores.pass_time(HOLD + 1)
        assert ledger.take(HOLD) is None
        assert of(ledger).copied == 1


class TestNames:
    def test_a_copy_keeps_its_name(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        order = taken(ledger)
        assert ledger.name(order, "2026-11-20/a.jpg")
        ledger.failed(order, "no space left", 0)
        assert taken(ledger).name == "2026-11-20/a.jpg"

    def test_and_no_other_gets_it(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores), finish(stores)
        one, other = taken(ledger), taken(ledger)
        assert ledger.name(one, "a.jpg")
        ledger.copied(one)
        assert not ledger.name(other, "a.jpg")
        assert ledger.name(other, "b.jpg")

    def test_whoever_lost_the_order_names_nothing(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        late = taken(ledger)
        stores.pass_time(HOLD + 1)
        heir = taken(ledger)
        assert not ledger.name(late, "a.jpg")
        assert ledger.name(heir, "a.jpg")


class TestWithdrawn:
    def test_a_hidden_photo_waits_until_it_is_shown_again(self, ledger: CopyLedger, stores: Stores) -> None:
        photo = finish(stores)
        stores.photos.hide([photo])
        assert ledger.take(HOLD) is None
        assert (of(ledger).waiting, of(ledger).withheld) == (0, 1)
        stores.photos.show([photo])
        assert taken(ledger).job_id == photo

    def test_a_deleted_one_until_it_is_brought_back(self, ledger: CopyLedger, stores: Stores) -> None:
        photo = finish(stores)
        stores.photos.delete([photo])
        assert ledger.take(HOLD) is None
        stores.photos.restore([photo])
        assert taken(ledger).job_id == photo

    @pytest.mark.parametrize("how", ["hide", "delete"])
    def test_when_its_time_is_over_it_is_not_missed(self, ledger: CopyLedger, stores: Stores, how: str) -> None:
        photo = finish(stores)
        getattr(stores.photos, how)([photo])
        stores.pass_time(RETENTION + 1)
        assert ledger.close() == 0
        assert ledger.tally() == {}


class TestTheEnd:
    def test_a_photo_whose_time_is_over_is_lost_and_counted_once(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        ledger.failed(taken(ledger), "no space left", 5)
        assert ledger.close() == 0
        stores.pass_time(RETENTION + 1)
        assert ledger.take(HOLD) is None
        assert [ledger.close(), ledger.close()] == [1, 0]
        assert (of(ledger).lost, of(ledger).waiting) == (1, 0)

    def test_whether_or_not_its_file_is_deleted_already(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        stores.pass_time(RETENTION + 1)
        assert stores.queue.forget_results(10)
        assert ledger.close() == 1

    def test_one_that_is_kept_has_more_time(self, ledger: CopyLedger, stores: Stores) -> None:
        photo = finish(stores)
        stores.photos.keep([photo])
        stores.pass_time(RETENTION + 1)
        assert ledger.close() == 0
        assert taken(ledger).job_id == photo

    def test_one_that_was_copied_is_not_lost(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        ledger.copied(taken(ledger))
        stores.pass_time(RETENTION + 1)
        assert ledger.close() == 0

    def test_a_copy_in_the_last_moment_counts(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        order = taken(ledger)
        stores.pass_time(RETENTION + 1)
        ledger.close()
        ledger.copied(order)
        assert (of(ledger).copied, of(ledger).lost) == (1, 0)

    def test_orders_are_remembered_for_a_month(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        ledger.copied(taken(ledger))
        stores.pass_time(29 * DAY)
        assert stores.copies.forget_expired(10) == 0
        stores.pass_time(2 * DAY)
        assert [stores.copies.forget_expired(10), stores.copies.forget_expired(10)] == [1, 0]


class TestTallies:
    def test_each_slot_has_its_own(self, ledger: CopyLedger, stores: Stores) -> None:
        for slot_id, number in (("slot-001", 3), ("slot-002", 1)):
            for _ in range(number):
                finish(stores, slot_id=slot_id)
                stores.pass_time(1)
        ledger.copied(taken(ledger))
        ledger.failed(taken(ledger), "no space left", 5)
        tally = ledger.tally()
        assert {slot_id: (one.copied, one.waiting, one.error) for slot_id, one in tally.items()} == {
            "slot-001": (1, 2, "no space left"),
            "slot-002": (0, 1, ""),
        }
        assert ledger.tally("slot-002") == {"slot-002": tally["slot-002"]}
        assert ledger.tally("slot-003") == {}

    def test_the_oldest_of_those_that_wait_tells_since_when(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        stores.pass_time(100)
        finish(stores)
        both = of(ledger).oldest_waiting_at
        ledger.copied(taken(ledger))
        one = of(ledger).oldest_waiting_at
        assert both is not None
        assert one is not None
        assert (one - both).total_seconds() == pytest.approx(100, abs=5)

    def test_they_are_of_a_week(self, ledger: CopyLedger, stores: Stores) -> None:
        finish(stores)
        ledger.copied(taken(ledger))
        stores.pass_time(8 * DAY)
        assert ledger.tally() == {}
