"""Photos become photos of VK's: what is sent, what comes back, and what is tried again."""

import io

import pytest
from PIL import Image

from app.adapters.images import Images
from app.domain.errors import Reason, Refused
from app.domain.vk import errors
from app.ports.vk.api import VkToken
from app.services.vk.uploads import Uploads
from tests.adapters.vk_calls import Client, NoPace, failing, says
from tests.pictures import heic, jpeg, opened, png, webp
from tests.support.fakes import server
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, USER_ID, USER_TOKEN, FakeVk, is_upload, of_method
from tests.support.fakes.vk.world import Album

TOKEN = VkToken(USER_TOKEN, 3)
IMAGES = Images()
PHOTO = jpeg(604, 403)


@pytest.fixture
def uploads(vk: FakeVk) -> Uploads:
    return Uploads(api=Client(vk.url, NoPace()), images=IMAGES)


@pytest.fixture
def album(vk: FakeVk) -> Album:
    return vk.add_album("Свадьба")


def plain(width: int, height: int) -> bytes:
    """One colour, of any size, quickly."""
    file = io.BytesIO()
    Image.new("L", (width, height), 90).save(file, "JPEG", quality=50)
    return file.getvalue()


class TestPreparing:
    @pytest.fixture
    def uploads(self) -> Uploads:
        return Uploads(api=Client("http://127.0.0.1:1", NoPace()), images=IMAGES)

    @pytest.mark.parametrize("data", [png(), webp(), heic(), jpeg()], ids=["png", "webp", "heic", "jpeg"])
    def test_whatever_is_accepted_becomes_a_jpeg(self, uploads: Uploads, data: bytes) -> None:
        assert opened(uploads.prepare(data)).format == "JPEG"

    def test_a_bare_jpeg_stays_as_it_is(self, uploads: Uploads) -> None:
        bare = uploads.prepare(jpeg())
        assert uploads.prepare(bare) == bare

    def test_nobody_learns_where_the_guests_were(self, uploads: Uploads) -> None:
        photo = opened(uploads.prepare(jpeg(300, 200, gps=True, comment=b"of the bride")))
        assert not photo.getexif()
        assert "comment" not in photo.info

    def test_a_photo_stands_upright(self, uploads: Uploads) -> None:
        assert opened(uploads.prepare(jpeg(300, 200, orientation=6))).size == (200, 300)

    def test_both_sides_together_stay_inside_the_limit(self, uploads: Uploads) -> None:
        width, height = opened(uploads.prepare(plain(12_000, 4_000))).size
        assert (width, height) == (10_500, 3_500)

    def test_a_photo_at_the_limit_is_not_touched(self, uploads: Uploads) -> None:
        assert opened(uploads.prepare(plain(10_000, 4_000))).size == (10_000, 4_000)

    @pytest.mark.parametrize("size", [(2000, 100), (100, 2000)], ids=["wide", "high"])
    def test_twenty_to_one_is_taken(self, uploads: Uploads, size: tuple[int, int]) -> None:
        assert opened(uploads.prepare(plain(*size))).size == size

    @pytest.mark.parametrize("size", [(2001, 100), (100, 2001)], ids=["wide", "high"])
    def test_a_ribbon_is_refused_before_vk_does(self, uploads: Uploads, size: tuple[int, int]) -> None:
        with failing(errors.VkFileRefused) as caught:
            uploads.prepare(plain(*size))
        assert caught.value.details == {"max_aspect": 20.0, "width": size[0], "height": size[1]}

    @pytest.mark.parametrize(
        ("data", "reason"),
        [(b"GIF89a", Reason.UNSUPPORTED_MEDIA_TYPE), (PHOTO[:2000], Reason.INVALID_IMAGE)],
        ids=["gif", "cut"],
    )
    def test_what_is_no_photo_is_refused(self, uploads: Uploads, data: bytes, reason: Reason) -> None:
        with pytest.raises(Refused) as caught:
            uploads.prepare(data)
        assert caught.value.reason is reason


class TestForPosts:
    def test_a_photo_comes_back_as_posts_refer_to_it(self, vk: FakeVk, uploads: Uploads) -> None:
        photo = uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO)
        [kept] = vk.world.photos.values()
        assert photo.attachment == f"photo{kept.owner_id}_{kept.id}_{kept.access_key}"
        assert (photo.width, photo.height, photo.text, kept.data) == (604, 403, "", PHOTO)

    def test_one_token_serves_all_steps(self, vk: FakeVk, uploads: Uploads) -> None:
        other = vk.add_user_token(USER_ID)
        uploads.upload_wall_photo(VkToken(other, 3), GROUP_ID, PHOTO)
        steps = [*vk.asked("photos.getWallUploadServer"), *vk.asked("photos.saveWallPhoto")]
        assert [step["access_token"] for step in steps] == [other, other]

    @pytest.mark.parametrize(
        "trouble",
        [server.html(), server.cut_short(), server.reset(), troubles.loses_files()],
        ids=["page", "cut", "reset", "lost"],
    )
    def test_a_troubled_upload_begins_anew_at_another_address(
        self, vk: FakeVk, uploads: Uploads, trouble: server.Behaviour
    ) -> None:
        vk.misbehave(trouble, on=is_upload)
        photo = uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO)
        assert [kept.id for kept in vk.world.photos.values()] == [photo.photo_id]
        assert len(vk.asked("photos.getWallUploadServer")) == 2

    def test_a_lost_answer_to_saving_is_no_harm(self, vk: FakeVk, uploads: Uploads) -> None:
        """The photo that nobody knows of is in no post, and so nobody sees it."""
        vk.misbehave(troubles.does_then_drops(), on=of_method("photos.saveWallPhoto"))
        photo = uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO)
        assert max(kept.id for kept in vk.world.photos.values()) == photo.photo_id

    def test_what_goes_wrong_again_and_again_is_told(self, vk: FakeVk, uploads: Uploads) -> None:
        vk.always(server.html(), on=is_upload)
        with failing(errors.VkUploadFailed):
            uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO)
        assert len(vk.asked("photos.getWallUploadServer")) == 2

    def test_who_must_not_go_on_does_not_try_again(self, vk: FakeVk, uploads: Uploads) -> None:
        vk.always(server.html(), on=is_upload)
        with failing(errors.VkUploadFailed):
            uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO, may_repeat=lambda: False)
        assert len(vk.asked("photos.getWallUploadServer")) == 1

    def test_an_answer_without_an_address_is_none(self, vk: FakeVk, uploads: Uploads) -> None:
        vk.always(says({"album_id": -14}))
        with failing(errors.VkUploadFailed):
            uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO)

    def test_a_communitys_token_will_not_do(self, vk: FakeVk, uploads: Uploads) -> None:
        with failing(errors.VkWrongTokenType):
            uploads.upload_wall_photo(VkToken(COMMUNITY_TOKEN, 20), GROUP_ID, PHOTO)
        assert len(vk.calls) == 1

    def test_an_address_elsewhere_gets_no_photo(self, vk: FakeVk, uploads: Uploads) -> None:
        vk.always(says({"upload_url": "http://10.0.0.7/upload"}), on=of_method("photos.getWallUploadServer"))
        with failing(errors.VkUploadFailed):
            uploads.upload_wall_photo(TOKEN, GROUP_ID, PHOTO)


class TestToAlbums:
    def test_five_photos_come_back_in_their_order(self, vk: FakeVk, uploads: Uploads, album: Album) -> None:
        photos = [jpeg(100 + n, 80) for n in range(5)]
        saved = uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, photos, caption="Гости")
        assert [vk.world.photos[photo.owner_id, photo.photo_id].data for photo in saved] == photos
        assert {(photo.owner_id, photo.album_id, photo.text) for photo in saved} == {(-GROUP_ID, album.id, "Гости")}
        assert len(vk.asked("photos.save")) == 1

    @pytest.mark.parametrize("count", [0, 6])
    def test_no_more_than_five_go_at_once(self, uploads: Uploads, album: Album, count: int) -> None:
        with pytest.raises(ValueError, match="one to 5 photos"):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO] * count)

    def test_a_troubled_upload_begins_anew(self, vk: FakeVk, uploads: Uploads, album: Album) -> None:
        vk.misbehave(server.html(), on=is_upload)
        assert len(uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO, PHOTO])) == 2
        assert len(vk.world.album_photos((album.owner_id, album.id))) == 2

    def test_a_lost_answer_to_saving_is_never_repeated(self, vk: FakeVk, uploads: Uploads, album: Album) -> None:
        vk.misbehave(troubles.does_then_drops(), on=of_method("photos.save"))
        with failing(errors.VkOutcomeUnknown):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO, PHOTO])
        assert len(vk.world.album_photos((album.owner_id, album.id))) == 2

    def test_all_or_none(self, vk: FakeVk, uploads: Uploads, album: Album) -> None:
        """A file that VK's upload server drops without a word would be missed by nobody."""
        with failing(errors.VkUploadFailed):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO, b"no photo", PHOTO])
        assert vk.asked("photos.save") == []

    def test_a_photo_that_is_lost_on_saving_leaves_the_outcome_unknown(
        self, vk: FakeVk, uploads: Uploads, album: Album
    ) -> None:
        vk.misbehave(says([]), on=of_method("photos.save"))
        with failing(errors.VkOutcomeUnknown) as caught:
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO])
        assert caught.value.message == "VK saved 0 of 1 photos."

    @pytest.mark.parametrize("response", [1, [{"id": 1}], [7]], ids=repr)
    def test_an_answer_that_cannot_be_read_does_so_too(
        self, vk: FakeVk, uploads: Uploads, album: Album, response: object
    ) -> None:
        vk.misbehave(says(response), on=of_method("photos.save"))
        with failing(errors.VkOutcomeUnknown):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO])

    def test_a_list_in_words_of_its_own_is_passed_on(self, vk: FakeVk, uploads: Uploads, album: Album) -> None:
        vk.misbehave(server.body(b'{"server": 1, "photos_list": "!", "hash": "h"}', "application/json"), on=is_upload)
        vk.misbehave(troubles.refuses(121), on=of_method("photos.save"))
        with failing(errors.VkBadRequest):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO])
        assert vk.asked("photos.save")[0]["photos_list"] == "!"

    @pytest.mark.parametrize("answers", [[False], [True, False]], ids=["not again", "not then"])
    def test_nothing_is_saved_by_whom_it_is_not_left_to(
        self, vk: FakeVk, uploads: Uploads, album: Album, answers: list[bool]
    ) -> None:
        vk.misbehave(troubles.loses_files(), on=is_upload)
        with failing(errors.VkUploadFailed):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO], may_go_on=lambda: answers.pop(0))
        assert (vk.asked("photos.save"), answers) == ([], [])

    def test_a_full_album_says_so(self, vk: FakeVk, uploads: Uploads, album: Album) -> None:
        vk.misbehave(troubles.refuses(300), on=of_method("photos.save"))
        with failing(errors.VkAlbumFull):
            uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO])

    def test_an_album_of_nobody_says_so(self, uploads: Uploads) -> None:
        with failing(errors.VkBadRequest):
            uploads.upload_album_photos(TOKEN, GROUP_ID, 404, [PHOTO])

    def test_a_caption_is_cut_to_what_vk_takes(self, uploads: Uploads, album: Album) -> None:
        [photo] = uploads.upload_album_photos(TOKEN, GROUP_ID, album.id, [PHOTO], caption="я" * 3000)
        assert photo.text == "я" * 2048
