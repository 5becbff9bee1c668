"""What galleries show, and what people do with photos there."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.errors import DatabaseUnavailable, Reason, Refused
from app.domain.photo import SELECTION_MAX, PhotoFilter, PhotoState
from app.services.gallery import WITHDRAWN_SECONDS, Arrivals, PhotoPage
from tests.services.album import ZONE, Album, reason_of

VISIBLE = PhotoFilter()
IMPOSSIBLE = [
    PhotoFilter(booth="\x00"),
    PhotoFilter(slot_ids=frozenset(["\ud800"])),
    PhotoFilter(slot_ids=frozenset()),
    PhotoFilter(ids=frozenset()),
]


@pytest.fixture
def album() -> Album:
    return Album()


def ids(page: PhotoPage) -> list[UUID]:
    return [photo.id for photo in page.photos]


def arrived(album: Album, seen: UUID, away_seconds: float = 5) -> Arrivals:
    """For a page whose newest photo is `seen`."""
    return album.gallery.arrivals(VISIBLE, album.gallery.find(seen).place, away_seconds)


class TestPages:
    def test_follow_one_another_to_the_end(self, album: Album) -> None:
        photos = album.pictured(5)[::-1]
        first = album.gallery.page(VISIBLE, limit=2)
        second = album.gallery.page(VISIBLE, first.next, 2)
        third = album.gallery.page(VISIBLE, second.next, 2)
        assert [ids(first), ids(second), ids(third)] == [photos[:2], photos[2:4], photos[4:]]
        assert third.next is None

    def test_a_page_that_holds_the_last_photo_has_no_next(self, album: Album) -> None:
        album.pictured(2)
        assert album.gallery.page(VISIBLE, limit=2).next is None
        assert album.gallery.page(VISIBLE, limit=1).next is not None

    def test_what_arrives_meanwhile_moves_nothing(self, album: Album) -> None:
        photos = album.pictured(3)[::-1]
        first = album.gallery.page(VISIBLE, limit=2)
        album.pictured(2)
        assert ids(album.gallery.page(VISIBLE, first.next, 2)) == photos[2:]

    @pytest.mark.parametrize("wanted", IMPOSSIBLE, ids=["nul", "surrogate", "no slots", "no selection"])
    def test_what_no_photo_can_be_like_is_not_asked_for(self, album: Album, wanted: PhotoFilter) -> None:
        [photo] = album.pictured()
        place = album.gallery.find(photo).place
        album.database.go_away()
        assert album.gallery.page(wanted) == PhotoPage([], None)
        assert (album.gallery.arrivals(wanted, place, 5).photos, album.gallery.tally(wanted).photos) == ([], 0)
        assert {tally.photos for tally in album.gallery.tallies(wanted).values()} == {0}
        assert [album.gallery.days(wanted), album.gallery.slots(wanted), album.gallery.booths(wanted)] == [[], [], []]


class TestArrivals:
    def test_are_what_came_since(self, album: Album) -> None:
        old = album.finished_at(datetime.now(UTC) - timedelta(minutes=2))
        seen = album.finished_at(datetime.now(UTC) - timedelta(minutes=1))
        new = album.pictured(2)
        assert [photo.id for photo in arrived(album, seen).photos] == [*new[::-1], seen]
        assert [photo.id for photo in arrived(album, old).photos] == [*new[::-1], seen, old]

    def test_are_also_photos_that_appear_after_one_that_was_finished_later(self, album: Album) -> None:
        """Each appears when its transaction is committed."""
        now = datetime.now(UTC)
        seen = album.finished_at(now)
        late, too_late = (album.finished_at(now - timedelta(seconds=seconds)) for seconds in (0.5, 60))
        found = [photo.id for photo in arrived(album, seen).photos]
        assert late in found
        assert too_late not in found

    def test_of_very_many_the_next_look_finds_the_rest(self, album: Album, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.gallery.ARRIVALS_MAX", 2)
        seen, *new = album.pictured(6)
        place, last, found = album.gallery.find(seen).place, None, set()
        while place != last:
            photos = album.gallery.arrivals(VISIBLE, place, 5).photos
            assert len(photos) <= 2
            found |= {photo.id for photo in photos}
            place, last = max(place, photos[0].place), place
        assert found >= set(new)

    def test_name_what_must_not_be_shown_any_more(self, album: Album) -> None:
        hidden, deleted, seen = album.pictured(3)
        album.gallery.hide([hidden], "serg")
        album.gallery.delete([deleted], "serg")
        assert set(arrived(album, seen).withdrawn) == {hidden, deleted}

    def test_name_it_to_those_who_have_not_looked_since(self, album: Album) -> None:
        hidden, seen = album.pictured(2)
        album.gallery.hide([hidden], "serg")
        album.stores.pass_time(60)
        assert arrived(album, seen, away_seconds=5).withdrawn == []
        assert arrived(album, seen, away_seconds=55).withdrawn == [hidden], "with some air: it may have appeared later"

    def test_who_was_away_for_too_long_is_not_told_but_sent_to_load_anew(self, album: Album) -> None:
        hidden, seen = album.pictured(2)
        album.gallery.hide([hidden], "serg")
        assert arrived(album, seen, away_seconds=WITHDRAWN_SECONDS).is_all
        assert arrived(album, seen, away_seconds=WITHDRAWN_SECONDS + 1) == Arrivals([], [], is_all=False)

    @pytest.mark.parametrize("is_undone", [False, True])
    def test_so_is_everybody_when_more_than_a_selection_went_or_came_back(
        self, album: Album, monkeypatch: pytest.MonkeyPatch, is_undone: bool
    ) -> None:
        *hidden, seen = album.pictured(4)
        album.gallery.hide(hidden, "serg")
        if is_undone:
            album.gallery.show(hidden, "serg")
        monkeypatch.setattr("app.services.gallery.SELECTION_MAX", 3)
        assert arrived(album, seen).is_all
        monkeypatch.setattr("app.services.gallery.SELECTION_MAX", 2)
        assert arrived(album, seen) == Arrivals([], [], is_all=False)

    def test_are_also_photos_that_were_withdrawn_for_a_while(self, album: Album) -> None:
        """Who was told in between has forgotten them."""
        hidden, deleted = album.pictured(2)
        album.gallery.hide([hidden], "serg")
        album.gallery.delete([deleted], "serg")
        album.stores.pass_time(60)
        seen = album.finished()
        album.gallery.show([hidden], "serg")
        album.gallery.restore([deleted], "serg")
        found = arrived(album, seen)
        assert [photo.id for photo in found.shown_again] == [deleted, hidden]
        assert [photo.id for photo in found.to_show] == [seen, deleted, hidden]
        assert found.withdrawn == []
        album.stores.pass_time(60)
        assert [photo.id for photo in arrived(album, seen).to_show] == [seen], "they were told long ago"


class TestCounts:
    def test_days_are_those_of_the_house(self, album: Album) -> None:
        at = datetime.now(UTC).replace(hour=20, minute=0) - timedelta(days=1)  # one in the morning there
        album.finished_at(at)
        assert list(album.gallery.days(VISIBLE)) == [((at + timedelta(hours=5)).date(), 1)]

    def test_slots_booths_and_sizes(self, album: Album) -> None:
        album.pictured(2)
        assert list(album.gallery.slots(VISIBLE)) == [("slot-001", 2)]
        assert album.gallery.booths(VISIBLE) == []
        assert album.gallery.tally(VISIBLE).photos == 2
        assert {tally.photos for tally in album.gallery.tallies(VISIBLE).values()} == {2, 0}


class TestOnePhoto:
    @pytest.mark.parametrize("change", ["hide", "delete"])
    def test_is_found_in_whatever_state(self, album: Album, change: str) -> None:
        [job_id] = album.pictured()
        getattr(album.gallery, change)([job_id], "serg")
        assert album.gallery.find(job_id).state is not PhotoState.VISIBLE

    def test_that_is_not_there_is_refused(self, album: Album) -> None:
        [job_id] = album.pictured()
        album.stores.pass_time(168 * 3600)
        assert {reason_of(album.gallery.find, i) for i in (job_id, uuid4())} == {Reason.NOT_FOUND}

    def test_has_the_photos_of_the_filter_beside_it(self, album: Album) -> None:
        older, hidden, photo, newer = album.pictured(4)
        album.gallery.hide([hidden], "serg")
        beside = album.gallery.neighbours(VISIBLE, album.gallery.find(photo))
        assert (beside.newer and beside.newer.id, beside.older and beside.older.id) == (newer, older)
        last = album.gallery.neighbours(VISIBLE, album.gallery.find(newer))
        assert last.newer is None
        of_hidden = album.gallery.neighbours(VISIBLE, album.gallery.find(hidden))
        assert (of_hidden.newer and of_hidden.newer.id, of_hidden.older and of_hidden.older.id) == (photo, older)


class TestNames:
    def test_tell_slot_and_time_of_the_house_and_twins_apart(self, album: Album) -> None:
        at = datetime.now(UTC).replace(microsecond=0)
        first, twin = (album.finished_at(at + timedelta(microseconds=n)) for n in (0, 1))
        photos = album.gallery.page(VISIBLE).photos
        told = f"slot-001_{at.astimezone(ZONE):%Y-%m-%d_%H%M%S}"
        names = {first: f"{told}.jpg", twin: f"{told}_{twin.hex[:8]}.jpg"}
        assert album.gallery.names_of(photos) == names
        assert {photo.id: album.gallery.name_of(photo) for photo in photos} == names

    def test_are_those_of_the_downloads(self, album: Album) -> None:
        [job_id] = album.pictured()
        with album.results.file(job_id).open():
            assert album.results.file(job_id).name == album.gallery.name_of(album.gallery.find(job_id))


class TestChanges:
    @pytest.mark.parametrize(
        ("before", "change", "action"),
        [
            ([], "hide", "photo.hidden"),
            (["hide"], "show", "photo.shown"),
            ([], "delete", "photo.deleted"),
            (["delete"], "restore", "photo.restored"),
            ([], "keep", "photo.kept"),
            (["keep"], "release", "photo.released"),
        ],
        ids=["hide", "show", "delete", "restore", "keep", "release"],
    )
    def test_tell_what_was_changed_and_the_log_who_did_it(
        self, album: Album, before: list[str], change: str, action: str
    ) -> None:
        changed = album.pictured(2)
        for step in before:
            getattr(album.gallery, step)(changed, "igor")
        assert sorted(getattr(album.gallery, change)([*changed, uuid4()], "serg")) == sorted(changed)
        [entry, *_], _ = album.stores.audit.search(page=1, page_size=1)
        assert (entry.username, entry.action, entry.subject) == ("serg", action, "slot-001")
        assert entry.detail == {"ids": sorted(map(str, changed))}

    def test_that_change_nothing_are_not_logged(self, album: Album) -> None:
        assert album.gallery.show(album.pictured(2), "serg") == []
        assert album.stores.audit.search(page=1, page_size=10) == ([], 0)

    def test_are_not_made_without_the_log(self, album: Album) -> None:
        [job_id] = album.pictured()

        def fail(*_: object) -> None:
            raise DatabaseUnavailable("gone")

        album.stores.audit.record = fail  # type: ignore[method-assign, assignment]
        with pytest.raises(DatabaseUnavailable):
            album.gallery.hide([job_id], "serg")
        assert album.gallery.find(job_id).state is PhotoState.VISIBLE

    def test_of_too_many_at_once_say_how_many_may_be(self, album: Album) -> None:
        with pytest.raises(Refused) as raised:
            album.gallery.hide([uuid4() for _ in range(SELECTION_MAX + 1)], "serg")
        assert raised.value.reason is Reason.INVALID_REQUEST
        assert raised.value.details == {"parameters": {"ids": {"maximum": SELECTION_MAX}}}
