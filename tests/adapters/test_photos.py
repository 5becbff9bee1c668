"""Photos of galleries: the contract of ports.PhotoReader, held by PostgreSQL and by the twin in memory."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.job import Source
from app.domain.job_log import Place
from app.domain.photo import UNDO_SECONDS, PhotoFilter, PhotoState
from tests.adapters.photographs import HOUR, Stores, failed, finish_at, found, photographed
from tests.support.booths import of_computer

ALL = PhotoFilter(with_tests=True)
VISIBLE = PhotoFilter()


def ids(stores: Stores, wanted: PhotoFilter = VISIBLE, before: Place | None = None, limit: int = 100) -> list[UUID]:
    return [photo.id for photo in stores.photos.older(wanted, before, limit)]


class TestOnePhoto:
    def test_says_all_that_a_gallery_shows(self, stores: Stores) -> None:
        job_id = photographed(stores, booth_fields=of_computer("DESKTOP-1", "wedding"))
        photo, job = found(stores, job_id), stores.jobs.get(job_id)
        assert job is not None
        assert (photo.id, photo.slot_id, photo.source) == (job_id, "slot-001", Source.INGEST)
        assert (photo.booth, photo.finalized_at, photo.result) == ("DESKTOP-1 · wedding", job.finalized_at, job.result)
        assert (photo.state, photo.placeholder, photo.is_kept) == (PhotoState.VISIBLE, "", False)
        assert (photo.is_twin, photo.has_original) == (False, False)
        assert timedelta(hours=71) < photo.time_left <= timedelta(hours=72)
        assert photo.expires_at == job.result_expires_at

    def test_what_is_none(self, stores: Stores) -> None:
        assert stores.photos.find(uuid4()) is None
        assert stores.photos.find(failed(stores)) is None

    def test_is_gone_when_its_time_is_over_even_before_the_cleanup(self, stores: Stores) -> None:
        job_id = photographed(stores)
        stores.pass_time(72 * HOUR)
        assert stores.photos.find(job_id) is None
        assert ids(stores) == []

    def test_its_placeholder_is_remembered_while_it_is_there(self, stores: Stores) -> None:
        job_id = photographed(stores)
        stores.photos.set_placeholder(job_id, "UklGRg==")
        stores.photos.set_placeholder(uuid4(), "UklGRg==")
        assert found(stores, job_id).placeholder == "UklGRg=="

    def test_has_its_original_as_long_as_its_slot_keeps_it(self, stores: Stores) -> None:
        plain, keeping = photographed(stores), photographed(stores, originals=True)
        stores.pass_time(60)
        stores.queue.forget_payloads(10)
        assert [found(stores, i).has_original for i in (plain, keeping)] == [False, True]


class TestOrder:
    def test_the_newest_come_first_by_when_they_were_finished(self, stores: Stores) -> None:
        photos = [photographed(stores) for _ in range(3)]
        assert ids(stores) == photos[::-1]
        assert ids(stores, limit=2) == photos[:0:-1]

    def test_older_ones_are_found_from_any_place_without_a_gap(self, stores: Stores) -> None:
        photos = [photographed(stores) for _ in range(5)]
        [first, second] = stores.photos.older(VISIBLE, None, 2)
        assert [first.id, second.id] == [photos[4], photos[3]]
        assert ids(stores, before=second.place, limit=2) == [photos[2], photos[1]]
        between = Place(second.finalized_at - timedelta(microseconds=1), UUID(int=0))
        assert ids(stores, before=between) == [photos[2], photos[1], photos[0]]

    def test_some_can_be_left_out_at_the_beginning(self, stores: Stores) -> None:
        photos = [photographed(stores) for _ in range(4)][::-1]
        assert [photo.id for photo in stores.photos.older(VISIBLE, None, 2, 1)] == photos[1:3]
        assert list(stores.photos.older(VISIBLE, None, 2, 4)) == []

    def test_of_those_that_are_newer_the_oldest_are_found(self, stores: Stores) -> None:
        photos = [photographed(stores) for _ in range(4)]
        newer = stores.photos.newer(VISIBLE, found(stores, photos[0]).place, 2)
        assert [photo.id for photo in newer] == [photos[2], photos[1]]
        assert stores.photos.newer(VISIBLE, stores.photos.older(VISIBLE, None, 1)[0].place, 2) == []


class TestTwins:
    """Photos that a slot finished in the same second."""

    def test_all_but_the_first_are_told(self, stores: Stores) -> None:
        second = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
        first, twin, next_second = (photographed(stores) for _ in range(3))
        elsewhere = photographed(stores, "slot-002")
        times = {first: second, twin: second.replace(microsecond=5), next_second: second + timedelta(seconds=1)}
        finish_at(stores, {**times, elsewhere: second})
        assert [found(stores, i).is_twin for i in (*times, elsewhere)] == [False, True, False, False]

    def test_of_one_moment_the_id_decides(self, stores: Stores) -> None:
        moment = datetime.now(UTC) - timedelta(minutes=1)
        pair = sorted(photographed(stores) for _ in range(2))
        finish_at(stores, dict.fromkeys(pair, moment))
        assert [found(stores, i).is_twin for i in pair] == [False, True]

    def test_stay_twins_when_the_first_is_gone(self, stores: Stores) -> None:
        """Whoever takes the photos once more finds them under the names that they had."""
        second = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
        first, twin = photographed(stores), photographed(stores)
        finish_at(stores, {first: second, twin: second.replace(microsecond=5)})
        stores.photos.delete([first])
        stores.pass_time(UNDO_SECONDS)
        assert [gone for gone, _, _ in stores.queue.forget_results(10)] == [first]
        assert found(stores, twin).is_twin


def by_slots(*slot_ids: str) -> PhotoFilter:
    return PhotoFilter(frozenset(slot_ids))


class TestFilters:
    def test_slots(self, stores: Stores) -> None:
        one, two, _ = (photographed(stores, f"slot-00{n}") for n in (1, 2, 3))
        assert ids(stores, by_slots("slot-001")) == [one]
        assert ids(stores, by_slots("slot-002", "slot-001")) == [two, one]
        assert ids(stores, by_slots("slot-004")) == []

    def test_the_booth(self, stores: Stores) -> None:
        mine, _ = (photographed(stores, booth_fields=of_computer(name, "Acer")) for name in ("MINE", "YOURS"))
        photographed(stores)
        assert ids(stores, PhotoFilter(booth="MINE · Acer")) == [mine]
        assert ids(stores, PhotoFilter(booth="MINE")) == []

    def test_from_the_start_on_and_before_the_end(self, stores: Stores) -> None:
        photos = [photographed(stores) for _ in range(3)]
        times = [photo.finalized_at for photo in stores.photos.older(VISIBLE, None, 3)][::-1]
        assert ids(stores, PhotoFilter(start=times[1])) == [photos[2], photos[1]]
        assert ids(stores, PhotoFilter(end=times[1])) == [photos[0]]
        assert ids(stores, PhotoFilter(start=times[1], end=times[2])) == [photos[1]]

    def test_test_runs_are_left_out_unless_they_are_asked_for(self, stores: Stores) -> None:
        booths = photographed(stores)
        test = photographed(stores, source=Source.TEST)
        again = photographed(stores, source=Source.RERUN)
        assert ids(stores) == [again, booths]
        assert ids(stores, ALL) == [again, test, booths]

    def test_a_selection_leaves_out_what_is_not_like_the_rest(self, stores: Stores) -> None:
        one, two, three = (photographed(stores, slot) for slot in ("slot-001", "slot-001", "slot-002"))
        assert ids(stores, PhotoFilter(frozenset(["slot-001"]), ids=frozenset([one, three, uuid4()]))) == [one]
        assert ids(stores, PhotoFilter(ids=frozenset([one, two]))) == [two, one]

    @pytest.mark.parametrize("state", PhotoState)
    def test_the_state(self, stores: Stores, state: PhotoState) -> None:
        made = {state.value: photographed(stores) for state in PhotoState}
        stores.photos.hide([made["hidden"]])
        stores.photos.delete([made["deleted"]])
        assert ids(stores, PhotoFilter(state=state)) == [made[state.value]]
        assert found(stores, made[state.value]).state is state


class TestCounts:
    def test_a_tally_says_how_many_how_large_and_when_the_first_goes(self, stores: Stores) -> None:
        first = photographed(stores)
        photographed(stores)
        photographed(stores, source=Source.TEST)
        tally = stores.photos.tally(VISIBLE)
        assert (tally.photos, tally.size_bytes, tally.first_expires_at) == (2, 2000, found(stores, first).expires_at)
        nothing = stores.photos.tally(by_slots("slot-009"))
        assert (nothing.photos, nothing.size_bytes, nothing.first_expires_at) == (0, 0, None)

    def test_tallies_are_one_for_each_state(self, stores: Stores) -> None:
        made = [photographed(stores) for _ in range(3)]
        stores.photos.hide([made[0]])
        tallies = stores.photos.tallies(PhotoFilter(state=PhotoState.DELETED))
        assert {state: tally.photos for state, tally in tallies.items()} == {
            PhotoState.VISIBLE: 2,
            PhotoState.HIDDEN: 1,
            PhotoState.DELETED: 0,
        }
        assert tallies[PhotoState.VISIBLE] == stores.photos.tally(VISIBLE)

    def test_days_begin_at_midnight_of_the_zone(self, stores: Stores) -> None:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        photos = [photographed(stores) for _ in range(3)]
        minutes = (-1, 1, 2)
        finish_at(stores, {i: midnight + timedelta(minutes=m) for i, m in zip(photos, minutes, strict=True)})
        today, yesterday = midnight.date(), midnight.date() - timedelta(days=1)
        assert list(stores.photos.by_day(VISIBLE, "UTC")) == [(today, 2), (yesterday, 1)]
        assert list(stores.photos.by_day(VISIBLE, "Europe/Moscow")) == [(today, 3)]
        assert list(stores.photos.by_day(VISIBLE, "America/New_York")) == [(yesterday, 3)]

    def test_slots_and_booths_are_counted_in_their_order(self, stores: Stores) -> None:
        for slot_id, name in (("slot-002", "B"), ("slot-001", "A"), ("slot-002", "A")):
            photographed(stores, slot_id, booth_fields=of_computer(name, "Acer"))
        photographed(stores, "slot-003", booth_fields={})
        assert list(stores.photos.by_slot(VISIBLE)) == [("slot-001", 1), ("slot-002", 2), ("slot-003", 1)]
        assert list(stores.photos.by_booth(VISIBLE)) == [("A · Acer", 2), ("B · Acer", 1)]


class TestShownAgain:
    @pytest.mark.parametrize(("there", "back"), [("hide", "show"), ("delete", "restore")])
    def test_are_named_for_a_while(self, stores: Stores, there: str, back: str) -> None:
        photos = [photographed(stores) for _ in range(3)]
        for step in (there, back):
            change: Callable[..., object] = getattr(stores.photos, step)
            change(photos[:2])
        assert shown_again(stores) == photos[1::-1]
        assert len(stores.photos.shown_again(VISIBLE, 60, 1)) == 1
        stores.pass_time(10)
        assert shown_again(stores, seconds=5) == []

    def test_are_those_only_that_may_be_seen(self, stores: Stores) -> None:
        mine, other, still_hidden = photographed(stores), photographed(stores, "slot-002"), photographed(stores)
        stores.photos.hide([mine, other, still_hidden])
        stores.photos.delete([still_hidden])
        stores.photos.restore([still_hidden])
        stores.photos.show([mine, other])
        assert shown_again(stores, by_slots("slot-001")) == [mine]
        stores.photos.hide([mine])
        assert shown_again(stores) == [other]
        stores.pass_time(72 * HOUR)
        assert shown_again(stores, seconds=100 * HOUR) == []


def shown_again(stores: Stores, wanted: PhotoFilter = VISIBLE, seconds: float = 60) -> list[UUID]:
    return [photo.id for photo in stores.photos.shown_again(wanted, seconds, 10)]


class TestWithdrawn:
    def test_are_named_for_a_while(self, stores: Stores) -> None:
        hidden, deleted, _ = (photographed(stores) for _ in range(3))
        stores.photos.hide([hidden])
        stores.pass_time(10)
        stores.photos.delete([deleted])
        assert set(stores.photos.withdrawn(VISIBLE, 60)) == {hidden, deleted}
        assert set(stores.photos.withdrawn(VISIBLE, 5)) == {deleted}
        assert len(stores.photos.withdrawn(VISIBLE, 60, 1)) == 1

    def test_are_named_to_those_only_who_could_have_seen_them(self, stores: Stores) -> None:
        mine, other = photographed(stores), photographed(stores, "slot-002")
        test = photographed(stores, source=Source.TEST)
        stores.photos.hide([mine, other, test])
        assert list(stores.photos.withdrawn(by_slots("slot-001"), 60)) == [mine]
        assert list(stores.photos.withdrawn(PhotoFilter(ids=frozenset([uuid4()])), 60)) == []
        assert set(stores.photos.withdrawn(ALL, 60)) == {mine, other, test}

    def test_are_not_those_that_came_back(self, stores: Stores) -> None:
        shown, restored = photographed(stores), photographed(stores)
        for there, back, job_id in (("hide", "show", shown), ("delete", "restore", restored)):
            change: Callable[..., object] = getattr(stores.photos, there)
            change([job_id])
            getattr(stores.photos, back)([job_id])
        assert list(stores.photos.withdrawn(VISIBLE, 60)) == []
