"""Photos on their way into a community's albums and posts, and what the cache knows of them afterwards."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from app.domain.errors import Reason, Refused
from app.domain.vk.errors import VkAlbumFull, VkError, VkFileRefused, VkOutcomeUnknown
from tests.pictures import jpeg, png
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer, Behaviour
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, USER_TOKEN, FakeVk, is_upload, of_method
from tests.support.fakes.vk.troubles import does_then_drops, drops, refuses
from tests.support.fakes.vk.world import Album
from tests.support.fakes.wire import Wire
from tests.twins.memory_stores import MemoryStores
from tests.vk.media_house import MediaHouse

PHOTO = jpeg(240, 160)
SAVE = of_method("photos.save")


@pytest.fixture
def house(vk: FakeVk) -> MediaHouse:
    return MediaHouse(vk)


@pytest.fixture
def memory() -> MemoryStores:
    return MemoryStores()


@pytest.fixture
def album(house: MediaHouse) -> Album:
    """With one photo, and known to the cache."""
    made = house.vk.add_album("Свадьба")
    house.vk.add_photos(made, 1)
    house.media.get_photos(house.project, made.id)
    return made


class TestPost:
    def test_a_photo_for_a_post_has_an_id_and_an_address(self, house: MediaHouse) -> None:
        attachment = house.media.upload_photo(house.project, PHOTO)
        [photo] = house.vk.world.photos.values()
        assert attachment.id == f"photo{photo.owner_id}_{photo.id}_{photo.access_key}"
        assert attachment.url.startswith(f"{house.vk.url}/photo/")

    def test_the_whole_chain_has_one_token(self, house: MediaHouse) -> None:
        house.media.upload_photo(house.project, PHOTO)
        chain = [*house.vk.asked("photos.getWallUploadServer"), *house.vk.asked("photos.saveWallPhoto")]
        assert [(asked["access_token"], asked["group_id"]) for asked in chain] == [(USER_TOKEN, str(GROUP_ID))] * 2

    def test_vk_gets_a_jpeg_without_what_a_guest_did_not_mean_to_share(self, house: MediaHouse) -> None:
        house.media.upload_photo(house.project, jpeg(240, 160, orientation=6, gps=True))
        [photo] = house.vk.world.photos.values()
        sent = Image.open(BytesIO(photo.data))
        assert (sent.format, sent.size, dict(sent.getexif())) == ("JPEG", (160, 240), {})

    def test_other_formats_become_jpeg(self, house: MediaHouse) -> None:
        house.media.upload_photo(house.project, png(240, 160))
        [photo] = house.vk.world.photos.values()
        assert photo.data[:3] == b"\xff\xd8\xff"

    def test_it_is_in_no_album_of_the_cache(self, house: MediaHouse, album: Album) -> None:
        house.media.upload_photo(house.project, PHOTO)
        assert (house.size_of(album.id), len(house.photos_of(album.id)), house.changes()) == (1, 1, [])

    def test_what_is_no_photo_is_not_sent(self, house: MediaHouse) -> None:
        for data, reason in ((b"<svg/>", Reason.UNSUPPORTED_MEDIA_TYPE), (PHOTO[:-400], Reason.INVALID_IMAGE)):
            with pytest.raises(Refused) as refused:
                house.media.upload_photo(house.project, data)
            assert refused.value.reason is reason
        with pytest.raises(VkFileRefused):
            house.media.upload_photo(house.project, png(1050, 50))
        assert house.vk.calls == []


class TestAlbum:
    def test_it_comes_into_the_cache_and_is_counted(self, house: MediaHouse, album: Album) -> None:
        [photo] = house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg", caption="#свадьба")
        assert house.photos_of(album.id)[0] == photo.photo_id
        assert (house.size_of(album.id), photo.text, photo.album_id) == (2, "#свадьба", album.id)
        assert len(house.vk.asked("photos.get")) == 1

    def test_once_even_if_a_refresh_was_quicker(self, house: MediaHouse, album: Album) -> None:
        """The event of the photo is read and obeyed before the upload itself has come back."""
        house.vk.misbehave(then(lambda: house.media.refresh_photos(house.project, album.id)), on=SAVE)
        [photo] = house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
        assert house.photos_of(album.id).count(photo.photo_id) == 1
        assert house.size_of(album.id) == 2

    def test_a_refresh_that_has_read_before_the_upload_does_not_take_it_away(
        self, house: MediaHouse, album: Album
    ) -> None:
        uploaded: list[int] = []

        def upload() -> None:
            uploaded.extend(
                photo.photo_id for photo in house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
            )

        house.vk.misbehave(then(upload), on=of_method("photos.get"))
        house.media.refresh_photos(house.project, album.id)
        assert house.photos_of(album.id)[0] == uploaded[0]
        assert house.size_of(album.id) == 2

    def test_up_to_five_go_together_in_their_order(self, house: MediaHouse, album: Album) -> None:
        files = [jpeg(200 + number, 100) for number in range(5)]
        photos = house.media.upload_photo_to_album(house.project, album.id, files, "serg")
        kept = [house.vk.world.photos[photo.owner_id, photo.photo_id].width for photo in photos]
        assert kept == [200, 201, 202, 203, 204]
        assert (house.size_of(album.id), len(house.photos_of(album.id))) == (6, 6)
        assert len([call for call in house.vk.calls if is_upload(call)]) == 1

    def test_somebody_did_it(self, house: MediaHouse, album: Album) -> None:
        house.media.upload_photo_to_album(house.project, album.id, [PHOTO, PHOTO], "igor")
        house.media.upload_photo_to_album(house.project, album.id, [PHOTO], None)
        told = {"label": "Фотобудка", "album": "Свадьба", "photos": 2}
        assert house.changes() == [("igor", "community.photos_uploaded", told)]

    def test_of_a_batch_with_a_bad_file_nothing_is_sent(self, house: MediaHouse, album: Album) -> None:
        asked = len(house.vk.calls)
        with pytest.raises(Refused):
            house.media.upload_photo_to_album(house.project, album.id, [PHOTO, b"no photo"], "serg")
        assert len(house.vk.calls) == asked

    @pytest.mark.parametrize(("trouble", "has_come"), [(does_then_drops(), True), (drops(), False)])
    def test_a_lost_answer_is_looked_for_and_nothing_is_sent_again(
        self, house: MediaHouse, album: Album, trouble: Behaviour, has_come: bool
    ) -> None:
        house.vk.misbehave(trouble, on=SAVE)
        with pytest.raises(VkOutcomeUnknown):
            house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
        assert len(house.vk.asked("photos.save")) == 1
        assert (house.size_of(album.id), len(house.photos_of(album.id))) == (1 + has_come, 1 + has_come)

    def test_one_that_the_look_has_found_is_counted_once_whoever_adds_it(self, house: MediaHouse, album: Album) -> None:
        house.vk.misbehave(does_then_drops(), on=SAVE)
        with pytest.raises(VkOutcomeUnknown):
            house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
        [found, _], _ = house.cache.photos(house.project, album.id, 1, 10)
        assert not house.cache.add_photo(house.project, found)
        assert house.size_of(album.id) == 2

    def test_what_vk_has_done_is_no_failure_though_nobody_could_write_it_down(
        self, vk: FakeVk, memory: MemoryStores
    ) -> None:
        """Whoever heard of one would upload the photo again."""
        house = MediaHouse(vk, memory)
        made = vk.add_album()
        house.media.get_photos(house.project, made.id)
        vk.misbehave(then(memory.database.go_away), on=SAVE)
        [photo] = house.media.upload_photo_to_album(house.project, made.id, [PHOTO], "serg")
        memory.database.come_back()
        assert (house.size_of(made.id), house.photos_of(made.id)) == (0, [])
        house.media.refresh_photos(house.project, made.id)
        assert (house.size_of(made.id), house.photos_of(made.id)) == (1, [photo.photo_id])

    def test_nor_is_it_counted_twice_if_only_the_databases_answer_was_lost(
        self, vk: FakeVk, memory: MemoryStores
    ) -> None:
        house = MediaHouse(vk, memory)
        made = vk.add_album()
        house.media.get_photos(house.project, made.id)
        memory.database.lose_answers()
        [photo] = house.media.upload_photo_to_album(house.project, made.id, [PHOTO], "serg")
        assert not house.cache.add_photo(house.project, photo)
        assert (house.size_of(made.id), house.photos_of(made.id)) == (1, [photo.photo_id])

    def test_an_album_that_was_deleted_in_vk_is_forgotten(self, house: MediaHouse, album: Album) -> None:
        house.vk.delete_album(album)
        with pytest.raises(Refused) as refused:
            house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
        assert refused.value.reason is Reason.NOT_FOUND
        assert (house.titles(), house.photos_of(album.id)) == ([], [])

    def test_a_full_album_says_so(self, house: MediaHouse, album: Album) -> None:
        house.vk.world.limits.photos_an_album = 1
        with pytest.raises(VkAlbumFull):
            house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
        assert house.size_of(album.id) == 1


ERRORS = [
    (refuses(5), "token_refused"),
    (refuses(9), "flood_control"),
    (refuses(14), "captcha"),
    (refuses(17), "validation_needed"),
    (refuses(200), "album_denied"),
    (refuses(22), "upload_failed"),
    (refuses(27), "community_token_refused"),
    (refuses(118), "upload_server_refused"),
    (refuses(300), "album_full"),
    (refuses(13000), "strike"),
    (refuses(1), "vk_unknown_error"),
]


@pytest.mark.parametrize(("trouble", "code"), ERRORS, ids=[code for _, code in ERRORS])
def test_each_refusal_has_its_name_and_changes_nothing(
    house: MediaHouse, album: Album, trouble: Behaviour, code: str
) -> None:
    house.vk.always(trouble, on=SAVE)
    with pytest.raises(VkError) as failed:
        house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg")
    assert failed.value.code == code
    assert USER_TOKEN not in str(failed.value)
    assert (house.size_of(album.id), len(house.photos_of(album.id)), house.changes()) == (1, 1, [])


def test_a_communitys_own_token_uploads_nothing(house: MediaHouse, album: Album) -> None:
    house.give_token(COMMUNITY_TOKEN)
    for upload in (
        lambda: house.media.upload_photo(house.project, PHOTO),
        lambda: house.media.upload_photo_to_album(house.project, album.id, [PHOTO], "serg"),
    ):
        with pytest.raises(VkError) as failed:
            upload()
        assert failed.value.code == "community_token_refused"


def then(deed: Callable[[], object]) -> Behaviour:
    """VK does as asked, and before its answer arrives this happens."""

    def behave(call: Call, answer: Answer, wire: Wire) -> Reply:
        reply = answer(call)
        deed()
        return reply

    return behave
