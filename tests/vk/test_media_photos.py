"""Photos of an album, read from VK whole and shown from the cache."""

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkAccessDenied, VkError, VkOutcomeUnknown
from app.ports.vk.api import VkToken
from app.services.vk.albums import read_photos
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer, Behaviour, body
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.support.fakes.vk.troubles import refuses
from tests.support.fakes.vk.world import Album
from tests.support.fakes.wire import Wire
from tests.vk.media_house import MediaHouse

PHOTOS = ContentKind.PHOTOS
READ = of_method("photos.get")
TROUBLES = [
    (refuses(5), "token_refused"),
    (refuses(29), "rate_limit"),
    (refuses(15), "access_denied"),
    (refuses(14), "captcha"),
    (body(b'{"response": {"count": "many"}}', "application/json"), "outcome_unknown"),
]


@pytest.fixture
def house(vk: FakeVk) -> MediaHouse:
    return MediaHouse(vk)


@pytest.fixture
def album(vk: FakeVk) -> Album:
    return vk.add_album("Свадьба")


def first(deed: Callable[[], object]) -> Behaviour:
    """Somebody does this in VK a moment before it answers."""

    def behave(call: Call, answer: Answer, wire: Wire) -> Reply:
        deed()
        return answer(call)

    return behave


def healthy() -> Behaviour:
    return first(lambda: None)


class TestPages:
    def test_two_and_a_half_thousand_come_in_three_calls(self, house: MediaHouse, album: Album) -> None:
        added = house.vk.add_photos(album, 2500)
        page = house.media.refresh_photos(house.project, album.id, page_size=2)
        assert [(asked["offset"], asked["count"]) for asked in house.vk.asked("photos.get")] == [
            ("0", "1000"), ("1000", "1000"), ("2000", "1000")
        ]  # fmt: skip
        assert (len(page.items), page.total) == (2, 2500)
        assert house.photos_of(album.id) == sorted((photo.id for photo in added), reverse=True)

    def test_memory_holds_one_page_of_what_vk_says(self) -> None:
        answers: list[weakref.ref[Said]] = []

        class Vk:
            def read(self, method: str, token: VkToken, **asked: Any) -> Any:
                gc.collect()
                assert [answer for answer in answers if answer() is not None] == []
                said = Said(count=3000, items=[photo(asked["offset"] + number) for number in range(1000)])
                answers.append(weakref.ref(said))
                return said

        assert len(read_photos(Vk(), VkToken("", 3), -1, 7)) == 3000  # type: ignore[arg-type]  # one of its methods
        assert len(answers) == 3

    def test_one_that_is_uploaded_meanwhile_displaces_none(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 1001)
        house.vk.misbehave(healthy(), first(lambda: house.vk.add_photos(album, 1)), on=READ)
        house.media.refresh_photos(house.project, album.id)
        assert len(house.photos_of(album.id)) == 1002

    def test_one_that_is_deleted_meanwhile_hides_none(self, house: MediaHouse, album: Album) -> None:
        oldest, *others = house.vk.add_photos(album, 1100)
        gone = first(lambda: house.vk.world.photos.pop((oldest.owner_id, oldest.id)))
        house.vk.misbehave(healthy(), gone, on=READ)
        house.media.refresh_photos(house.project, album.id)
        assert house.photos_of(album.id) == sorted((photo.id for photo in others), reverse=True)

    def test_a_list_that_never_holds_still_takes_the_place_of_nothing(self, house: MediaHouse, album: Album) -> None:
        photos = iter(house.vk.add_photos(album, 1200))
        house.media.refresh_photos(house.project, album.id)
        known = house.photos_of(album.id), house.freshness(PHOTOS, album.id).refreshed_at

        def delete_one() -> None:
            photo = next(photos)
            house.vk.world.photos.pop((photo.owner_id, photo.id))

        house.vk.always(first(delete_one), on=READ)
        with pytest.raises(VkOutcomeUnknown):
            house.media.refresh_photos(house.project, album.id)
        fresh = house.freshness(PHOTOS, album.id)
        assert (house.photos_of(album.id), fresh.refreshed_at) == known
        assert fresh.error == "outcome_unknown"

    def test_a_photo_shows_its_largest_size_and_one_for_the_grid(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 1, size=(2560, 1707))
        [photo] = house.media.refresh_photos(house.project, album.id).items
        assert (photo.width, photo.height) == (2560, 1707)
        assert photo.url.endswith("_w.jpg")
        assert photo.preview_url.endswith("_x.jpg")


class TestLooking:
    def test_the_first_page_of_an_empty_cache_is_read_from_vk(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 5)
        page = house.media.get_photos(house.project, album.id, page_size=3)
        assert (len(page.items), page.total) == (3, 5)
        assert page.freshness.refreshed_at is not None

    def test_later_pages_come_from_the_cache(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 5)
        house.media.get_photos(house.project, album.id, page_size=3)
        asked = len(house.vk.calls)
        page = house.media.get_photos(house.project, album.id, 2, page_size=3)
        assert (len(page.items), page.total, len(house.vk.calls)) == (2, 5, asked)

    def test_even_while_there_is_nothing_in_it(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 5)
        page = house.media.get_photos(house.project, album.id, 2, page_size=3)
        assert (page.items, page.total, house.vk.calls) == ([], 0, [])

    def test_a_full_cache_asks_nobody(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 1)
        first_time = house.media.get_photos(house.project, album.id)
        house.vk.add_photos(album, 1)
        assert house.media.get_photos(house.project, album.id) == first_time
        assert len(house.vk.asked("photos.get")) == 1

    def test_an_empty_album_is_not_asked_for_for_ever(self, house: MediaHouse, album: Album) -> None:
        for _ in range(3):
            assert house.media.get_photos(house.project, album.id).total == 0
        assert len(house.vk.asked("photos.get")) == 1

    @pytest.mark.parametrize("album_id", [0, -7, 2**63])
    def test_what_is_no_number_of_an_album_is_none(self, house: MediaHouse, album_id: int) -> None:
        for ask in (house.media.get_photos, house.media.refresh_photos):
            with pytest.raises(Refused) as refused:
                ask(house.project, album_id)
            assert refused.value.reason is Reason.NOT_FOUND
        assert house.vk.calls == []

    def test_an_album_that_there_is_not_is_not_asked_for(self, house: MediaHouse) -> None:
        for _ in range(3):
            with pytest.raises(Refused) as refused:
                house.media.get_photos(house.project, 1)
            assert refused.value.reason is Reason.NOT_FOUND
        assert house.vk.asked("photos.get") == []
        assert len(house.vk.asked("photos.getAlbums")) == 1


class TestRefreshing:
    def test_all_of_it_is_replaced_and_the_album_has_their_number(self, house: MediaHouse, album: Album) -> None:
        old = house.vk.add_photos(album, 3)
        house.media.get_photos(house.project, album.id)
        house.vk.world.photos.pop((old[0].owner_id, old[0].id))
        [new, newest] = house.vk.add_photos(album, 2)
        house.media.refresh_photos(house.project, album.id)
        assert house.photos_of(album.id) == [newest.id, new.id, old[2].id, old[1].id]
        assert house.size_of(album.id) == 4

    @pytest.mark.parametrize(("trouble", "code"), TROUBLES, ids=[code for _, code in TROUBLES])
    def test_one_that_fails_half_way_keeps_what_the_cache_had(
        self, house: MediaHouse, album: Album, trouble: Behaviour, code: str
    ) -> None:
        house.vk.add_photos(album, 2)
        fresh = house.media.get_photos(house.project, album.id).freshness
        house.vk.add_photos(album, 1500)
        house.vk.misbehave(healthy(), trouble, on=READ)
        with pytest.raises(VkError) as failed:
            house.media.refresh_photos(house.project, album.id)
        found = house.media.get_photos(house.project, album.id)
        assert failed.value.code == found.freshness.error == code
        assert (found.total, found.freshness.refreshed_at) == (2, fresh.refreshed_at)

    def test_what_passes_by_itself_is_not_noticed(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 1)
        house.vk.misbehave(refuses(6), refuses(10), on=READ)
        assert house.media.refresh_photos(house.project, album.id).total == 1

    def test_an_album_that_was_deleted_in_vk_is_forgotten(self, house: MediaHouse, album: Album) -> None:
        house.vk.add_photos(album, 2)
        house.vk.add_album("Юбилей")
        house.media.get_photos(house.project, album.id)
        house.vk.delete_album(album)
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                house.media.refresh_photos(house.project, album.id)
            assert refused.value.reason is Reason.NOT_FOUND
        assert (house.titles(), house.photos_of(album.id)) == (["Юбилей"], [])
        assert house.freshness(PHOTOS, album.id).error == ""

    def test_one_that_is_only_closed_to_us_is_not(self, house: MediaHouse, album: Album) -> None:
        house.media.get_photos(house.project, album.id)
        house.vk.always(refuses(200), on=READ)
        with pytest.raises(VkAccessDenied):
            house.media.refresh_photos(house.project, album.id)
        assert house.titles() == ["Свадьба"]

    def test_nor_one_of_which_nobody_can_tell(self, house: MediaHouse, album: Album) -> None:
        house.media.get_photos(house.project, album.id)
        house.vk.always(refuses(200))
        with pytest.raises(VkAccessDenied):
            house.media.refresh_photos(house.project, album.id)
        assert house.titles() == ["Свадьба"]
        assert house.freshness(PHOTOS, album.id).error == "album_denied"

    def test_two_at_once_leave_one_whole_list(self, house: MediaHouse, album: Album) -> None:
        """The earlier reading is stored after the later one has been, and none is mixed from both."""
        house.vk.add_photos(album, 1500)
        both = threading.Barrier(2, timeout=30)
        house.vk.always(first(both.wait), on=READ)
        threads = [
            threading.Thread(target=house.media.refresh_photos, args=(house.project, album.id)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(house.photos_of(album.id)) == 1500

    def test_the_older_of_two_is_not_the_last(self, house: MediaHouse, album: Album) -> None:
        """A slow reading is stored after a quick one that began later: the album is to be read once more."""

        def overtaken(call: Call, answer: Answer, wire: Wire) -> Reply:
            reply = answer(call)
            house.vk.add_photos(album, 1)
            house.media.refresh_photos(house.project, album.id)
            return reply

        house.vk.misbehave(overtaken, on=READ)
        house.media.refresh_photos(house.project, album.id)
        assert house.photos_of(album.id) == []
        [task] = house.stores.refreshes.take(10, 60)
        assert (task.kind, task.album_id) == (PHOTOS, album.id)

    def test_answers_that_are_none_are_named(self, house: MediaHouse, album: Album) -> None:
        house.vk.always(body(b'{"response": {"items": [{"id": 1}], "count": 1}}', "application/json"), on=READ)
        with pytest.raises(VkOutcomeUnknown):
            house.media.refresh_photos(house.project, album.id)


class Said(dict[str, Any]):
    """A dict that can be watched."""


def photo(number: int) -> dict[str, Any]:
    sizes = [{"type": "x", "url": f"https://vk.test/{number}.jpg", "width": 604, "height": 400}]
    return {"id": number, "owner_id": -1, "album_id": 7, "date": 1_800_000_000, "text": "", "sizes": sizes}
