"""Albums of communities fill by themselves, against a fake VK that runs full."""

from app.domain.vk.filling import AlbumKey
from tests.support.fakes.vk.fake import FakeVk, is_upload
from tests.vk.filling_house import GATHERED, ZONE, FillingHouse


class TestAlbums:
    def test_photos_come_to_the_album_of_their_day_five_at_once(self, house: FillingHouse, vk: FakeVk) -> None:
        photos = house.photos(7)
        house.fill()
        assert list(house.albums()) == [house.today()]
        assert house.widths() == house.wanted()
        assert [len(call.files()) for call in vk.calls if is_upload(call)] == [5, 2]
        assert None not in [house.known(photo) for photo in photos]
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
        house.album_in_vk(house.today())
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
        assert parts == {house.today(): 5, f"{house.today()} (2)": 3}
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
