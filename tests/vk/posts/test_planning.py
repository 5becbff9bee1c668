"""Posts are planned with copies of their photos; the tracker and VK are there to see what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.errors import VkError
from app.domain.vk.posts import PostOutcome, PostStatus, WallPost
from tests.pictures import jpeg, opened, png
from tests.support.fakes.vk.fake import FakeVk
from tests.vk.writing_desk import SERG, TOMORROW, WritingDesk, problems


class TestPlanning:
    def test_a_post_waits_for_its_time_and_is_published_then(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = desk.plan("Свадьба", results=2)
        assert (post.status, post.publication_date) == (PostStatus.PENDING_PUBLICATION, TOMORROW)
        desk.house.work()
        assert vk.posts() == []
        desk.house.pass_time(25 * 3600)
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Свадьба"]
        [past] = desk.history()
        assert (past.outcome, past.photos) == (PostOutcome.PUBLISHED, 2)

    def test_without_a_time_it_is_published_at_once(self, desk: WritingDesk) -> None:
        desk.plan("Сейчас", publication_date=None)
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Сейчас"]

    def test_photos_are_copies_that_outlive_the_results(self, desk: WritingDesk) -> None:
        post = desk.plan(results=1)
        [photo] = post.photos
        assert photo.path.startswith(f"posts/{post.id}/")
        assert photo.job_id
        desk.media.delete([entry.key for entry in desk.media.list("results")])
        assert opened(desk.media.read(photo.path)).format == "JPEG"

    def test_an_upload_becomes_a_photo_without_metadata(self, desk: WritingDesk) -> None:
        ref = desk.photos.keep_upload(png(300, 200))
        [photo] = desk.plan(photos=[str(ref)]).photos
        assert (photo.width, photo.height, photo.mime_type, photo.job_id) == (300, 200, "image/jpeg", None)
        assert photo.size_bytes == len(desk.media.read(photo.path))

    def test_a_photo_of_an_album_is_not_uploaded_again(self, desk: WritingDesk, vk: FakeVk) -> None:
        album = vk.add_album()
        [there] = vk.add_photos(album, 1)
        [known] = desk.read_album(album.id)
        post = desk.plan(photos=[f"album:{album.id}_{there.id}"], publication_date=None)
        assert post.photos[0].attachment == known.attachment
        desk.house.work()
        assert vk.asked("photos.saveWallPhoto") == []
        assert len(vk.posts()[0].photos) == 1

    def test_another_album_s_photo_is_not_taken_for_it(self, desk: WritingDesk, vk: FakeVk) -> None:
        album = vk.add_album()
        [there] = vk.add_photos(album, 1)
        desk.read_album(album.id)
        with pytest.raises(Refused) as refused:
            desk.plan(photos=[f"album:{album.id + 1}_{there.id}"])
        assert problems(refused) == {"photos": "photo_gone"}

    def test_photos_stand_in_their_order(self, desk: WritingDesk) -> None:
        jobs = [desk.result() for _ in range(3)]
        post = desk.plan(photos=[f"result:{job}" for job in reversed(jobs)])
        assert [photo.job_id for photo in post.photos] == list(reversed(jobs))

    @pytest.mark.parametrize("ref", [f"result:{UUID(int=7)}", f"upload:{UUID(int=7)}", "album:7_8", "own:0"])
    def test_a_photo_that_is_gone_is_named_and_nothing_is_left(self, desk: WritingDesk, ref: str) -> None:
        with pytest.raises(Refused) as refused:
            desk.plan(photos=[f"result:{desk.result()}", ref])
        assert problems(refused) == {"photos": "photo_gone"}
        assert refused.value.details["fields"]["photos"]["photo"] == ref
        assert desk.files() == set()

    def test_a_hidden_photo_is_published_no_more(self, desk: WritingDesk) -> None:
        job = desk.result()
        desk.album.gallery.hide([job], SERG)
        with pytest.raises(Refused) as refused:
            desk.plan(photos=[f"result:{job}"])
        assert problems(refused) == {"photos": "photo_gone"}

    def test_a_photo_as_long_as_vk_takes_from_nobody(self, desk: WritingDesk) -> None:
        with pytest.raises(VkError):
            desk.photos.keep_upload(jpeg(2100, 100))

    def test_variables_must_have_values(self, desk: WritingDesk) -> None:
        with pytest.raises(Refused) as refused:
            desk.plan("От {price} за {time}")
        assert problems(refused) == {"text": "unknown_variables"}
        assert refused.value.details["fields"]["text"]["names"] == ["price", "time"]

    def test_variables_get_the_values_of_the_moment_when_it_is_published(self, desk: WritingDesk) -> None:
        desk.variables.put("price", None, "1000", SERG)
        desk.plan("От {price}", publication_date=None)
        desk.variables.put("price", desk.community.id, "900", SERG)
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["От 900"]

    def test_there_must_be_such_a_community(self, desk: WritingDesk) -> None:
        with pytest.raises(Refused) as refused:
            desk.posts.schedule(uuid4(), desk.wanted(), SERG)
        assert refused.value.reason is Reason.NOT_FOUND


class TestWithdrawnPhotos:
    @pytest.mark.parametrize("withdraw", ["hide", "delete"])
    def test_a_photo_that_is_taken_back_is_not_published(self, desk: WritingDesk, vk: FakeVk, withdraw: str) -> None:
        job = desk.result()
        post = desk.plan(photos=[f"result:{job}"], publication_date=None)
        getattr(desk.album.gallery, withdraw)([job], SERG)
        desk.house.work()
        assert (desk.house.status(post), desk.house.reason(post)["code"]) == (PostStatus.ERROR, "photo_withdrawn")
        assert vk.calls == []

    def test_one_that_is_shown_again_is(self, desk: WritingDesk) -> None:
        job = desk.result()
        post = desk.plan(photos=[f"result:{job}"], publication_date=None)
        desk.album.gallery.hide([job], SERG)
        desk.house.work()
        desk.album.gallery.show([job], SERG)
        desk.posts.publish_now(post.id, SERG)
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Свадьба"]

    def test_one_that_is_taken_back_while_it_is_uploaded_is_in_no_post(self, desk: WritingDesk, vk: FakeVk) -> None:
        job = desk.result()
        post = desk.plan(photos=[f"result:{job}"], publication_date=None)
        attach = desk.stores.system_posts.attach

        def attach_late(*args: Any) -> bool:
            desk.album.gallery.hide([job], SERG)
            return attach(*args)

        desk.stores.system_posts.attach = attach_late  # type: ignore[method-assign]
        desk.house.work()
        assert desk.house.reason(post)["code"] == "photo_withdrawn"
        assert vk.posts() == []


def test_the_wall_is_shown_by_time(desk: WritingDesk) -> None:
    now = datetime.now(UTC)
    for is_postponed, hours in ((False, (-25, -24, -1, -2)), (True, (1, 2, 3))):
        posts = [WallPost(50 + hour, -1, is_postponed, now + timedelta(hours=hour), "", (), ()) for hour in hours]
        desk.stores.vk_cache.replace_posts(desk.community.id, is_postponed, posts)
    shown = desk.posts.on_wall(desk.community.id, now - timedelta(days=1), now + timedelta(hours=3))
    assert [post.post_id for post in shown] == [26, 48, 49, 51, 52]
