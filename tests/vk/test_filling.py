"""Albums of communities fill by themselves, against a fake VK that loses answers, refuses and runs full."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.errors import DatabaseUnavailable
from app.domain.vk.filling import AlbumKey
from app.services.vk import filling
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import FakeVk, is_upload, of_method
from tests.vk.filling_house import GATHERED, ZONE, FillingHouse

SAVE = of_method("photos.save")


@pytest.fixture
def house(vk: FakeVk) -> FillingHouse:
    return FillingHouse(vk)


def today(house: FillingHouse) -> str:
    now = datetime.now(UTC) + timedelta(seconds=house.passed)
    return f"{now.astimezone(ZONE):%d.%m.%Y}"


def known(house: FillingHouse, photo: UUID) -> int | None:
    """VK's id of a photo, as we know it."""
    [place] = house.stores.album_uploads.in_albums(photo)
    return place.vk_photo_id


class TestAlbums:
    def test_photos_come_to_the_album_of_their_day_five_at_once(self, house: FillingHouse, vk: FakeVk) -> None:
        photos = house.photos(7)
        house.fill()
        assert list(house.albums()) == [today(house)]
        assert house.widths() == house.wanted()
        assert [len(call.files()) for call in vk.calls if is_upload(call)] == [5, 2]
        assert None not in [known(house, photo) for photo in photos]
        assert (house.tally().sent, house.tally().waiting) == (7, 0)

    def test_or_of_their_event(self, house: FillingHouse) -> None:
        began_at = house.event("Свадьба Анны")
        house.photos(2, album="event")
        house.fill()
        assert list(house.albums()) == [f"Свадьба Анны, {began_at.astimezone(ZONE):%d.%m.%Y}"]
        assert house.widths() == house.wanted()

    def test_events_of_one_name_and_day_have_albums_of_their_own(self, house: FillingHouse) -> None:
        for slot_id in ("slot-002", "slot-001"):
            house.event("Свадьба", slot_id)
            house.photo(album="event", slot_id=slot_id)
        house.pass_time(GATHERED)
        house.fill()
        assert len(house.vk.world.albums) == 2
        assert house.widths() == house.wanted()

    def test_an_album_is_made_once_for_all_that_follows(self, house: FillingHouse, vk: FakeVk) -> None:
        for _ in range(3):
            house.photos(1)
            house.fill()
        assert len(vk.asked("photos.createAlbum")) == 1

    def test_one_that_an_administrator_has_made_already_is_taken(self, house: FillingHouse, vk: FakeVk) -> None:
        house.album_in_vk(today(house))
        house.photos(1)
        house.fill()
        assert vk.asked("photos.createAlbum") == []
        assert house.widths() == house.wanted()

    def test_people_choose_albums_too(self, house: FillingHouse) -> None:
        album = house.album_in_vk()
        photos = dict.fromkeys(house.photos(2, album="none"), "slot-001")
        house.stores.album_uploads.order(house.project, AlbumKey(album_id=album.id), photos)
        house.fill()
        assert len(house.albums()["Лучшее"]) == 2

    def test_what_is_sent_is_shown_at_once(self, house: FillingHouse) -> None:
        house.photos(3)
        house.fill()
        [album] = house.cache.albums(house.project)
        assert album.size == 3
        assert len(house.photos_of(album.album_id)) == 3


class TestFullAlbums:
    def test_the_next_part_goes_on(self, house: FillingHouse, vk: FakeVk) -> None:
        vk.world.limits.photos_an_album = 5
        house.photos(8)
        house.fill()
        parts = {title: len(photos) for title, photos in house.albums().items()}
        assert parts == {today(house): 5, f"{today(house)} (2)": 3}
        assert house.widths() == house.wanted()

    def test_an_album_that_somebody_chose_is_not_exchanged(self, house: FillingHouse, vk: FakeVk) -> None:
        vk.world.limits.photos_an_album = 0
        album = house.album_in_vk()
        [photo] = house.photos(1, album="none")
        house.stores.album_uploads.order(house.project, AlbumKey(album_id=album.id), {photo: "slot-001"})
        house.fill()
        [place] = house.stores.album_uploads.in_albums(photo)
        assert (place.is_given_up, place.error) == (True, "album_full")

    def test_one_that_was_deleted_in_vk_is_followed_by_another(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(1)
        house.fill()
        [album] = vk.world.albums.values()
        vk.delete_album(album)
        house.pass_time(150)  # an album that was just made may be missing in VK's list
        house.photos(2)
        house.fill()
        assert house.widths() == house.wanted()[1:]


class TestLostAnswers:
    @pytest.mark.parametrize("trouble", [troubles.does_then_drops(), troubles.does_then_refuses(10)])
    def test_photos_that_have_come_are_found_and_not_sent_again(
        self, house: FillingHouse, vk: FakeVk, trouble: object
    ) -> None:
        photos = house.photos(3)
        vk.misbehave(trouble, on=SAVE)  # type: ignore[arg-type]  # a behaviour
        house.fill()
        assert [known(house, photo) for photo in photos] == [None] * 3
        house.pass_time(filling.LOOK_AFTER_SECONDS + 1)
        house.fill()
        assert len(vk.asked("photos.save")) == 1
        assert house.widths() == house.wanted()
        assert None not in [known(house, photo) for photo in photos]

    def test_photos_that_have_not_are_sent_again(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(3)
        vk.misbehave(troubles.drops(), on=SAVE)
        house.fill()
        house.pass_time(filling.LOOK_AFTER_SECONDS + 1)
        house.fill()
        assert house.widths() == house.wanted()

    def test_others_wait_meanwhile_so_that_nothing_is_mistaken(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(5)
        vk.misbehave(troubles.does_then_drops(), on=SAVE)
        house.fill()
        house.photos(4)
        assert house.fill() == 0
        house.pass_time(filling.LOOK_AFTER_SECONDS)
        house.fill()
        assert house.widths() == house.wanted()

    def test_one_after_the_other_in_one_album(self, house: FillingHouse, vk: FakeVk) -> None:
        for trouble in (troubles.does_then_drops(), troubles.drops(), troubles.does_then_drops()):
            house.photos(2)
            vk.misbehave(trouble, on=SAVE)
            house.fill()
            house.pass_time(filling.LOOK_AFTER_SECONDS + 1)
            house.fill()
        assert house.widths() == house.wanted()

    def test_an_album_whose_making_was_not_answered_is_found(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(2)
        vk.misbehave(troubles.does_then_drops(), on=of_method("photos.createAlbum"))
        house.fill()
        house.pass_time(600)
        house.fill()
        assert len(house.albums()) == 1
        assert house.widths() == house.wanted()

    def test_as_long_as_the_album_cannot_be_seen_nothing_is_sent(self, house: FillingHouse, vk: FakeVk) -> None:
        house.photos(2)
        vk.misbehave(troubles.does_then_drops(), on=SAVE)
        vk.always(troubles.refuses(10), on=of_method("photos.get"))
        house.fill()
        for _ in range(3):
            house.pass_time(700)
            house.fill()
        assert len(vk.asked("photos.save")) == 1
        vk.recover()
        house.pass_time(700)
        house.fill()
        assert house.widths() == house.wanted()


class TestDeath:
    """Whoever is killed leaves what was committed: the database goes away for the rest of its step."""

    @pytest.mark.parametrize("calls", range(1, 30))
    def test_after_any_step_nothing_is_lost_or_doubled(self, house: FillingHouse, calls: int) -> None:
        house.photos(3)
        house.stores.database.go_away(after=calls)  # type: ignore[union-attr]  # the twin
        with suppress(DatabaseUnavailable):
            house.fill()
        house.stores.database.come_back()  # type: ignore[union-attr]  # the twin
        house.filler = house.process()
        house.pass_time(filling.HOLD_SECONDS + 1)
        house.fill()
        house.pass_time(filling.LOOK_AFTER_SECONDS + 1)
        house.fill()
        assert house.widths() == house.wanted()
        assert len(house.albums()) == 1
        assert house.tally().sent == 3


class TestSeveralProcesses:
    def test_fill_one_album_together(self, house: FillingHouse) -> None:
        house.photos(23)

        def fill(_: int) -> None:
            filler = house.process()
            while house.tally().waiting:
                filler.step()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(fill, range(4)))
        assert len(house.albums()) == 1
        assert sorted(house.widths()) == house.wanted()

    def test_who_was_frozen_for_too_long_sends_nothing(
        self, house: FillingHouse, vk: FakeVk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.photos(2)
        frozen, thaw = threading.Event(), threading.Event()
        find = house.finder.album_for

        def freeze(*wanted: object) -> object:
            album = find(*wanted)  # type: ignore[arg-type]  # as it was given
            frozen.set()
            thaw.wait(20)
            return album

        with ThreadPoolExecutor(1) as threads:
            monkeypatch.setattr(house.finder, "album_for", freeze)
            late = threads.submit(house.process().step)
            assert frozen.wait(20)
            monkeypatch.undo()
            house.pass_time(filling.HOLD_SECONDS + 1)
            house.fill()
            thaw.set()
            late.result()
        assert house.widths() == house.wanted()
