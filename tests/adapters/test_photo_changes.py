"""What becomes of photos: the contract of ports.PhotoKeeper, held by PostgreSQL and by the twin in memory."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.photo import KEPT_HOURS, UNDO_SECONDS, PhotoState
from tests.adapters.photographs import HOUR, Stores, failed, found, photographed

CHANGES = ("hide", "show", "delete", "restore", "keep", "release")


def change(stores: Stores, name: str, ids: Collection[UUID]) -> Mapping[UUID, str]:
    changes: Callable[[Collection[UUID]], Mapping[UUID, str]] = getattr(stores.photos, name)
    return changes(ids)


def state(stores: Stores, job_id: UUID) -> PhotoState:
    return found(stores, job_id).state


def hours_left(stores: Stores, job_id: UUID) -> int:
    return round(found(stores, job_id).time_left / timedelta(hours=1))


class TestStates:
    @pytest.mark.parametrize(
        ("before", "changes", "after"),
        [
            ("", {"hide": "hidden", "delete": "deleted"}, "visible"),
            ("hide", {"show": "visible", "delete": "deleted"}, "hidden"),
            ("delete", {"restore": "visible"}, "deleted"),
            ("hide delete", {"restore": "hidden"}, "deleted"),
            ("hide show", {"hide": "hidden", "delete": "deleted"}, "visible"),
            ("delete restore", {"hide": "hidden", "delete": "deleted"}, "visible"),
        ],
        ids=["new", "hidden", "deleted", "hidden and deleted", "shown again", "restored"],
    )
    def test_each_change_is_possible_from_where_it_means_something(
        self, stores: Stores, before: str, changes: dict[str, str], after: str
    ) -> None:
        for name in ("hide", "show", "delete", "restore"):
            job_id = photographed(stores)
            for step in before.split():
                assert change(stores, step, [job_id]) == {job_id: "slot-001"}
            assert state(stores, job_id).value == after
            changed = change(stores, name, [job_id])
            assert changed == ({job_id: "slot-001"} if name in changes else {})
            assert state(stores, job_id).value == changes.get(name, after)

    @pytest.mark.parametrize("name", CHANGES)
    def test_what_cannot_be_changed_is_left_out(self, stores: Stores, name: str) -> None:
        assert change(stores, name, []) == {}
        assert change(stores, name, [uuid4(), failed(stores)]) == {}
        job_id = photographed(stores)
        for first in {"show": ["hide"], "restore": ["delete"], "release": ["keep"]}.get(name, []):
            change(stores, first, [job_id])
        stores.pass_time(168 * HOUR)
        assert change(stores, name, [job_id]) == {}

    def test_several_are_changed_together_and_their_slots_are_told(self, stores: Stores) -> None:
        one, two, three = (photographed(stores, slot) for slot in ("slot-001", "slot-002", "slot-002"))
        change(stores, "hide", [two])
        assert change(stores, "hide", [one, two, three, one]) == {one: "slot-001", three: "slot-002"}


class TestWhatPagesOfSlotsShow:
    @pytest.mark.parametrize(("there", "back"), [("hide", "show"), ("delete", "restore")])
    def test_is_nothing_that_was_withdrawn(self, stores: Stores, there: str, back: str) -> None:
        older, newest = photographed(stores), photographed(stores)
        change(stores, there, [newest])
        job = stores.jobs.get(newest)
        assert job is not None
        assert job.is_withdrawn
        assert stores.jobs.last_photos()["slot-001"].job_id == older
        change(stores, back, [newest])
        assert stores.jobs.last_photos()["slot-001"].job_id == newest


class TestTheEndOfADeletedPhoto:
    def test_comes_when_it_cannot_be_undone_any_more(self, stores: Stores) -> None:
        deleted, hidden = photographed(stores), photographed(stores)
        change(stores, "delete", [deleted])
        change(stores, "hide", [hidden])
        stores.pass_time(UNDO_SECONDS - 5)
        assert stores.queue.forget_results(10) == []
        stores.pass_time(5)
        assert [job_id for job_id, _, _ in stores.queue.forget_results(10)] == [deleted]
        assert stores.photos.find(deleted) is None
        assert change(stores, "restore", [deleted]) == {}
        job = stores.jobs.get(deleted)
        assert job is not None
        assert job.is_withdrawn

    def test_comes_once_though_its_time_is_over_as_well(self, stores: Stores) -> None:
        job_id = photographed(stores)
        change(stores, "delete", [job_id])
        stores.pass_time(72 * HOUR)
        assert [gone for gone, _, _ in stores.queue.forget_results(10)] == [job_id]
        assert stores.queue.forget_results(10) == []

    def test_is_not_hastened_by_a_second_deletion(self, stores: Stores) -> None:
        job_id = photographed(stores)
        change(stores, "delete", [job_id])
        stores.pass_time(UNDO_SECONDS - 5)
        change(stores, "restore", [job_id])
        change(stores, "delete", [job_id])
        stores.pass_time(UNDO_SECONDS - 5)
        assert stores.queue.forget_results(10) == []

    def test_may_be_put_off_for_as_long_as_no_cleanup_comes(self, stores: Stores) -> None:
        job_id = photographed(stores)
        change(stores, "delete", [job_id])
        stores.pass_time(UNDO_SECONDS + 60)
        assert change(stores, "restore", [job_id]) == {job_id: "slot-001"}
        assert stores.queue.forget_results(10) == []
        assert state(stores, job_id) is PhotoState.VISIBLE


class TestKeeping:
    def test_a_kept_photo_stays_a_week_after_it_was_finished(self, stores: Stores) -> None:
        job_id = photographed(stores)
        stores.pass_time(24 * HOUR)
        assert change(stores, "keep", [job_id]) == {job_id: "slot-001"}
        assert (found(stores, job_id).is_kept, hours_left(stores, job_id)) == (True, 144)
        assert change(stores, "keep", [job_id]) == {}
        stores.pass_time(143 * HOUR)
        assert stores.queue.forget_results(10) == []
        stores.pass_time(HOUR)
        assert [gone for gone, _, _ in stores.queue.forget_results(10)] == [job_id]

    @pytest.mark.parametrize(("retention", "age", "later"), [(72, 0, 24), (72, 30, 24), (24, 20, 168), (166, 160, 24)])
    def test_a_released_one_goes_as_if_nobody_had_kept_it(
        self, stores: Stores, retention: int, age: int, later: int
    ) -> None:
        """Whatever the settings say by now: they count for photos that are finished afterwards."""
        stores.settings.put("result_retention_hours", retention, "serg")
        job_id = photographed(stores)
        stores.pass_time(age * HOUR)
        stores.settings.put("result_retention_hours", later, "serg")
        before = found(stores, job_id)
        assert change(stores, "keep", [job_id]) == {job_id: "slot-001"}
        assert found(stores, job_id).expires_at > before.expires_at
        assert change(stores, "release", [job_id]) == {job_id: "slot-001"}
        assert replace(found(stores, job_id), read_at=before.read_at) == before
        assert change(stores, "release", [job_id]) == {}

    def test_one_that_stays_as_long_anyway_is_left_as_it_is(self, stores: Stores) -> None:
        stores.settings.put("result_retention_hours", KEPT_HOURS, "serg")
        job_id = photographed(stores)
        assert change(stores, "keep", [job_id]) == {}
        assert not found(stores, job_id).is_kept

    def test_nobody_loses_a_photo_within_the_hour_by_releasing_it(self, stores: Stores) -> None:
        job_id = photographed(stores)
        change(stores, "keep", [job_id])
        stores.pass_time(100 * HOUR)
        change(stores, "release", [job_id])
        assert hours_left(stores, job_id) == 1

    def test_releasing_prolongs_nothing(self, stores: Stores) -> None:
        job_id = photographed(stores)
        change(stores, "keep", [job_id])
        stores.pass_time(167.5 * HOUR)
        change(stores, "release", [job_id])
        assert found(stores, job_id).time_left <= timedelta(hours=0.5)

    def test_a_hidden_photo_can_be_kept_and_a_deleted_one_stays_what_it_is(self, stores: Stores) -> None:
        hidden, deleted = photographed(stores), photographed(stores)
        change(stores, "hide", [hidden])
        change(stores, "delete", [deleted])
        assert change(stores, "keep", [hidden, deleted]) == {hidden: "slot-001"}


class TestOriginals:
    def test_stay_as_long_as_their_results(self, stores: Stores) -> None:
        kept, plain = photographed(stores, originals=True), photographed(stores)
        stores.pass_time(60)
        assert [key for key, _ in stores.queue.forget_payloads(10)] == [f"payloads/{plain}.jpg"]
        stores.pass_time(72 * HOUR)
        stores.queue.forget_results(10)
        assert [key for key, _ in stores.queue.forget_payloads(10)] == [f"payloads/{kept}.jpg"]

    def test_go_with_a_deleted_photo(self, stores: Stores) -> None:
        job_id = photographed(stores, originals=True)
        change(stores, "delete", [job_id])
        stores.pass_time(UNDO_SECONDS)
        assert stores.queue.forget_payloads(10) == []
        stores.queue.forget_results(10)
        assert [key for key, _ in stores.queue.forget_payloads(10)] == [f"payloads/{job_id}.jpg"]

    def test_keep_no_inline_result_that_nobody_took(self, stores: Stores) -> None:
        job_id = photographed(stores, originals=True, inline_base64="AAAA")
        stores.pass_time(60)
        assert stores.queue.forget_payloads(10) == []
        [ended] = stores.queue.finished([job_id])
        assert ended.inline_base64 is None

    def test_are_referred_to_so_that_no_sweep_takes_them(self, stores: Stores) -> None:
        job_id = photographed(stores, originals=True)
        stores.pass_time(60)
        stores.queue.forget_payloads(10)
        assert stores.queue.referenced([job_id]) == {f"payloads/{job_id}.jpg", f"results/{job_id}.jpg"}
