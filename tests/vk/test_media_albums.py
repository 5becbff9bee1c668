"""A community's albums: shown from the cache, made in VK."""

from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkError, VkOutcomeUnknown, VkTokenRefused
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, FakeVk, of_method
from tests.support.fakes.vk.troubles import does_then_drops, drops, refuses
from tests.twins.memory_stores import MemoryStores
from tests.vk.media_house import MediaHouse

ALBUMS = ContentKind.ALBUMS


@pytest.fixture
def house(vk: FakeVk) -> MediaHouse:
    return MediaHouse(vk)


class TestLooking:
    def test_an_empty_cache_asks_vk_and_a_full_one_does_not(self, house: MediaHouse) -> None:
        house.vk.add_photos(house.vk.add_album("Свадьба"), 3)
        house.vk.add_album("Юбилей")
        first = house.media.get_albums(house.project)
        assert [(album.title, album.size) for album in first.items] == [("Юбилей", 0), ("Свадьба", 3)]
        assert first.freshness.refreshed_at is not None
        house.vk.add_album("Выпускной")
        assert house.media.get_albums(house.project) == first
        assert len(house.vk.asked("photos.getAlbums")) == 1

    def test_a_community_without_albums_is_not_asked_for_ever(self, house: MediaHouse) -> None:
        for _ in range(3):
            assert house.media.get_albums(house.project).items == []
        assert len(house.vk.asked("photos.getAlbums")) == 1

    def test_refreshing_replaces_all_of_it(self, house: MediaHouse) -> None:
        gone = house.vk.add_album("Свадьба")
        house.media.refresh_albums(house.project)
        house.vk.delete_album(gone)
        house.vk.add_album("Юбилей")
        assert [album.title for album in house.media.refresh_albums(house.project).items] == ["Юбилей"]

    def test_more_albums_than_a_page_holds_all_come(self, house: MediaHouse) -> None:
        for number in range(1001):
            house.vk.add_album(f"День {number}")
        assert len(house.media.refresh_albums(house.project).items) == 1001
        assert len(house.vk.asked("photos.getAlbums")) == 2

    def test_a_cover_is_shown(self, house: MediaHouse) -> None:
        house.vk.add_photos(house.vk.add_album(), 1)
        [album] = house.media.get_albums(house.project).items
        assert album.cover_url.startswith(house.vk.url)
        assert album.owner_id == -GROUP_ID
        assert album.updated_at is not None

    def test_a_failed_refresh_keeps_what_the_cache_had_and_says_why(self, house: MediaHouse) -> None:
        house.vk.add_album("Свадьба")
        fresh = house.media.get_albums(house.project).freshness
        house.vk.always(refuses(5), on=of_method("photos.getAlbums"))
        with pytest.raises(VkTokenRefused):
            house.media.refresh_albums(house.project)
        found = house.media.get_albums(house.project)
        assert house.titles() == ["Свадьба"]
        assert found.freshness.refreshed_at == fresh.refreshed_at
        assert found.freshness.error == "token_refused"

    def test_what_failed_is_forgotten_once_it_succeeds(self, house: MediaHouse) -> None:
        house.vk.misbehave(refuses(15), on=of_method("photos.getAlbums"))
        with pytest.raises(VkError):
            house.media.get_albums(house.project)
        assert house.freshness(ALBUMS).error == "access_denied"
        house.media.get_albums(house.project)
        assert house.freshness(ALBUMS).error == ""

    @pytest.mark.parametrize("token", [None, COMMUNITY_TOKEN])
    def test_it_takes_an_administrators_token(self, house: MediaHouse, token: str | None) -> None:
        house.give_token(token)
        with pytest.raises(VkTokenRefused):
            house.media.get_albums(house.project)

    def test_of_a_community_that_is_not_there_nothing_is_told(self, house: MediaHouse) -> None:
        for ask in (house.media.get_albums, house.media.refresh_albums):
            with pytest.raises(Refused) as refused:
                ask(UUID(int=0))
            assert refused.value.reason is Reason.NOT_FOUND
        assert house.vk.calls == []


class TestMaking:
    def test_an_album_is_the_communitys_and_only_its_administrators_fill_it(self, house: MediaHouse) -> None:
        album = house.media.create_album(house.project, "  Свадьба ", "serg", description="20 ноября")
        [asked] = house.vk.asked("photos.createAlbum")
        assert (asked["group_id"], asked["title"], asked["upload_by_admins_only"]) == (str(GROUP_ID), "Свадьба", "1")
        assert "owner_id" not in asked
        assert (album.owner_id, album.title, album.description, album.size) == (-GROUP_ID, "Свадьба", "20 ноября", 0)

    def test_it_stands_first_in_the_cache(self, house: MediaHouse) -> None:
        house.vk.add_album("Юбилей")
        house.media.get_albums(house.project)
        house.media.create_album(house.project, "Свадьба", "serg")
        assert house.titles() == ["Свадьба", "Юбилей"]
        assert len(house.vk.asked("photos.getAlbums")) == 1

    def test_somebody_made_it(self, house: MediaHouse) -> None:
        house.media.create_album(house.project, "Свадьба", "serg")
        assert house.changes() == [
            ("serg", "community.album_created", {"label": "Фотобудка", "album": "Свадьба"})
        ]  # fmt: skip

    @pytest.mark.parametrize("title", ["", " x ", "x" * 129, None, 7, "ab\ud800", "ab\x00"])
    def test_what_cannot_be_a_title_is_not_asked_for(self, house: MediaHouse, title: object) -> None:
        with pytest.raises(Refused) as refused:
            house.media.create_album(house.project, title, "serg")
        assert refused.value.reason is Reason.INVALID_SETTINGS
        assert refused.value.details["fields"] == {"title": {"code": "bad_length", "minimum": 2, "maximum": 128}}
        assert house.vk.calls == []

    def test_what_vk_refuses_is_in_no_cache(self, house: MediaHouse) -> None:
        house.vk.world.limits.albums = 0
        with pytest.raises(VkError) as failed:
            house.media.create_album(house.project, "Свадьба", "serg")
        assert failed.value.code == "album_limit"
        assert (house.titles(), house.changes()) == ([], [])

    @pytest.mark.parametrize(("trouble", "made"), [(does_then_drops(), ["Свадьба"]), (drops(), [])])
    def test_a_lost_answer_is_looked_for_and_never_asked_for_again(
        self, house: MediaHouse, trouble: object, made: list[str]
    ) -> None:
        house.vk.misbehave(trouble, on=of_method("photos.createAlbum"))
        with pytest.raises(VkOutcomeUnknown):
            house.media.create_album(house.project, "Свадьба", "serg")
        assert house.titles() == made
        assert len(house.vk.asked("photos.createAlbum")) == 1

    def test_what_vk_has_made_is_no_failure_though_nobody_could_write_it_down(self, vk: FakeVk) -> None:
        memory = MemoryStores()
        house = MediaHouse(vk, memory)
        memory.database.go_away(after=2)
        assert house.media.create_album(house.project, "Свадьба", "serg").title == "Свадьба"
        memory.database.come_back()
        assert house.titles() == []
        assert [album.title for album in house.media.get_albums(house.project).items] == ["Свадьба"]

    def test_nor_does_it_matter_that_nobody_can_look(self, house: MediaHouse) -> None:
        house.vk.misbehave(does_then_drops(), on=of_method("photos.createAlbum"))
        house.vk.always(refuses(15), on=of_method("photos.getAlbums"))
        with pytest.raises(VkOutcomeUnknown):
            house.media.create_album(house.project, "Свадьба", "serg")
        assert house.titles() == []
