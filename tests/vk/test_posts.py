"""Posts as people handle them; the tracker and VK are there to see what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest

from app.domain.errors import MediaMissing, Reason, Refused
from app.domain.vk.errors import VkError
from app.domain.vk.posts import PostOutcome, PostStatus, SystemPost, WallPost
from app.services.vk.posts import Fate
from tests.pictures import jpeg, opened, png
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha, does_then_drops
from tests.vk.publishing import VK_CLOCK
from tests.vk.writing_desk import TOMORROW, WritingDesk

SERG = "serg"


@pytest.fixture
def desk(vk: FakeVk) -> WritingDesk:
    return WritingDesk(vk)


def problems(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    assert refused.value.reason is Reason.INVALID_SETTINGS
    return {name: problem["code"] for name, problem in refused.value.details["fields"].items()}


def sent_but_unknown(desk: WritingDesk, vk: FakeVk) -> SystemPost:
    """A post that VK took, though its answer was lost, and that nobody found in time."""
    vk.misbehave(does_then_drops(), on=of_method("wall.post"))
    post = desk.plan(publication_date=None)
    desk.house.tracker.publish_due()
    stored = desk.house.read(post)
    assert stored.attempted_at
    desk.house.posts.end(stored, PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
    return desk.house.read(post)


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


class TestChanging:
    def test_everything_can_be_changed_and_copies_that_nobody_has_go(self, desk: WritingDesk) -> None:
        post = desk.plan("Было", results=2)
        wanted = desk.wanted("Стало", photos=["own:1", f"result:{desk.result()}"])
        changed = desk.posts.edit(post.id, wanted, post.version, "igor")
        assert (changed.text, changed.version, changed.updated_by) == ("Стало", 2, "igor")
        assert changed.photos[0].path == post.photos[1].path
        assert desk.files() == {photo.path for photo in changed.photos}

    def test_who_saw_an_older_version_changes_nothing(self, desk: WritingDesk) -> None:
        post = desk.plan("Было")
        desk.posts.edit(post.id, desk.wanted("Стало"), post.version, SERG)
        with pytest.raises(Refused) as refused:
            desk.posts.edit(post.id, desk.wanted("Иначе", results=1), post.version, "igor")
        assert refused.value.reason is Reason.VERSION_CONFLICT
        assert (desk.house.read(post).text, desk.files()) == ("Стало", set())

    def test_what_is_being_published_is_left_alone(self, desk: WritingDesk) -> None:
        post = desk.plan(publication_date=None)
        desk.house.posts.take_due(1, 60.0)
        for change in (
            lambda: desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG),
            lambda: desk.posts.cancel(post.id, SERG),
            lambda: desk.posts.publish_now(post.id, SERG),
        ):
            with pytest.raises(Refused) as refused:
                change()
            assert refused.value.reason is Reason.VERSION_CONFLICT

    def test_a_post_that_failed_waits_again_once_it_is_changed(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = failed(desk, vk)
        changed = desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
        assert (changed.status, changed.error) == (PostStatus.PENDING_PUBLICATION, None)

    def test_one_that_stands_on_the_wall_already_is_not_changed(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = sent_but_unknown(desk, vk)
        with pytest.raises(Refused) as refused:
            desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
        assert refused.value.reason is Reason.VERSION_CONFLICT
        assert [past.outcome for past in desk.history()] == [PostOutcome.PUBLISHED]


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


class TestTryingAgain:
    def test_a_post_that_failed_is_published(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = failed(desk, vk)
        assert desk.posts.publish_now(post.id, SERG) is Fate.WAITS
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Свадьба"]

    def test_the_wall_is_looked_at_first(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = sent_but_unknown(desk, vk)
        assert desk.posts.publish_now(post.id, SERG) is Fate.FOUND
        desk.house.work()
        assert len(vk.posts()) == 1
        assert [past.vk_post_id for past in desk.history()] == [vk.posts()[0].id]

    def test_without_a_look_nothing_is_sent(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = sent_but_unknown(desk, vk)
        vk.misbehave(captcha(), on=of_method("wall.get"))
        with pytest.raises(VkError):
            desk.posts.publish_now(post.id, SERG)
        assert desk.house.status(post) is PostStatus.POSSIBLE_ERROR

    def test_a_planned_one_need_not_wait(self, desk: WritingDesk) -> None:
        post = desk.plan()
        desk.posts.publish_now(post.id, SERG)
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Свадьба"]

    def test_a_late_one_is_published_once_somebody_says_so(self, desk: WritingDesk) -> None:
        post = desk.plan(publication_date=None)
        [taken] = desk.house.posts.take_due(1, 60.0)
        desk.house.posts.end(taken, PostStatus.LATE, None)
        desk.posts.publish_now(post.id, SERG)
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Свадьба"]


class TestEnding:
    def test_a_cancelled_one_is_remembered_and_its_copies_go(self, desk: WritingDesk) -> None:
        post = desk.plan(results=1)
        desk.posts.cancel(post.id, "igor")
        [past] = desk.history()
        assert (past.outcome, past.detail, past.vk_post_id) == (PostOutcome.CANCELLED, {"by": "igor"}, None)
        assert desk.files() == set()
        with pytest.raises(Refused):
            desk.posts.find(post.id)

    def test_what_was_published_by_hand_leads_to_the_wall(self, desk: WritingDesk) -> None:
        owner = desk.community.owner_id
        desk.posts.settle(desk.plan().id, f"https://vk.com/wall?w=wall{owner}_17", SERG)
        desk.posts.settle(desk.plan().id, " ", SERG)
        assert {past.vk_post_id for past in desk.history()} == {17, None}
        assert {past.outcome for past in desk.history()} == {PostOutcome.PUBLISHED}

    def test_an_address_that_another_post_has_is_refused(self, desk: WritingDesk) -> None:
        address = f"https://vk.com/wall{desk.community.owner_id}_17"
        desk.posts.settle(desk.plan().id, address, SERG)
        post = desk.plan(results=1)
        with pytest.raises(Refused) as refused:
            desk.posts.settle(post.id, address, SERG)
        assert problems(refused) == {"address": "in_history"}
        assert desk.house.read(post).photos == post.photos
        assert desk.files()

    @pytest.mark.parametrize("address", ["", "https://vk.com/wall-1_17"])
    def test_one_that_may_be_on_its_way_to_the_wall_is_not_published_by_hand(
        self, desk: WritingDesk, address: str
    ) -> None:
        post = desk.plan(publication_date=None)
        [taken] = desk.house.posts.take_due(1, 60.0)
        desk.house.posts.announce(taken, "Свадьба", VK_CLOCK)
        with pytest.raises(Refused) as refused:
            desk.posts.settle(post.id, address.replace("-1_", f"{desk.community.owner_id}_"), SERG)
        assert refused.value.reason is Reason.VERSION_CONFLICT
        assert desk.house.status(post) is PostStatus.PUBLISHING

    @pytest.mark.parametrize("address", ["https://vk.com/wall-1_17", "vk.com/club1", "17"])
    def test_an_address_elsewhere_is_refused(self, desk: WritingDesk, address: str) -> None:
        with pytest.raises(Refused) as refused:
            desk.posts.settle(desk.plan().id, address, SERG)
        assert problems(refused) == {"address": "not_on_wall"}


class TestKit:
    def test_it_holds_all_that_a_person_needs(self, desk: WritingDesk) -> None:
        desk.variables.put("price", None, "1000 ₽", SERG)
        post = desk.plan("Всего\n{price}", results=2)
        kit = desk.kits.open(post.id)
        with kit.stream, ZipFile(kit.stream) as archive:
            assert archive.namelist() == ["01.jpg", "02.jpg", "text.txt", "community.url"]
            assert archive.read("01.jpg") == desk.media.read(post.photos[0].path)
            assert archive.read("text.txt").decode("utf-8-sig") == "Всего\r\n1000 ₽"
            assert desk.community.url in archive.read("community.url").decode()

    def test_a_lost_copy_keeps_nobody_from_the_rest(self, desk: WritingDesk) -> None:
        post = desk.plan(results=2)
        desk.media.delete([post.photos[0].path])
        with pytest.raises(MediaMissing):
            desk.media.read(post.photos[0].path)
        with desk.kits.open(post.id).stream as stream, ZipFile(stream) as archive:
            assert archive.namelist() == ["02.jpg", "text.txt", "community.url"]


def test_whatever_is_done_is_written_down(desk: WritingDesk) -> None:
    desk.variables.put("price", desk.community.id, "1", SERG)
    desk.variables.remove("price", desk.community.id, SERG)
    post = desk.plan()
    desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
    desk.posts.publish_now(post.id, SERG)
    desk.posts.cancel(post.id, SERG)
    desk.posts.settle(desk.plan().id, "", SERG)
    assert desk.told()[::-1] == [
        "variable.changed",
        "variable.removed",
        "post.scheduled",
        "post.changed",
        "post.published_now",
        "post.cancelled",
        "post.scheduled",
        "post.published_by_hand",
    ]


def test_the_wall_is_shown_by_time(desk: WritingDesk) -> None:
    now = datetime.now(UTC)
    for is_postponed, hours in ((False, (-25, -24, -1, -2)), (True, (1, 2, 3))):
        posts = [WallPost(50 + hour, -1, is_postponed, now + timedelta(hours=hour), "", (), ()) for hour in hours]
        desk.stores.vk_cache.replace_posts(desk.community.id, is_postponed, posts)
    shown = desk.posts.on_wall(desk.community.id, now - timedelta(days=1), now + timedelta(hours=3))
    assert [post.post_id for post in shown] == [26, 48, 49, 51, 52]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("1a", "x", {"name": "bad_name"}),
        ("a b", "x", {"name": "bad_name"}),
        (7, "x", {"name": "bad_name"}),
        ("a", " ", {"value": "bad_length"}),
        ("a", "x" * 1001, {"value": "bad_length"}),
        ("a", None, {"value": "bad_length"}),
    ],
)
def test_a_variable_that_cannot_be(desk: WritingDesk, name: Any, value: Any, problem: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        desk.variables.put(name, None, value, SERG)
    assert problems(refused) == problem


def test_a_variable_of_nobody_is_not_there(desk: WritingDesk) -> None:
    for change in (
        lambda: desk.variables.remove("price", None, SERG),
        lambda: desk.variables.put("price", uuid4(), "1", SERG),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.reason is Reason.NOT_FOUND


def failed(desk: WritingDesk, vk: FakeVk) -> SystemPost:
    vk.misbehave(captcha(), on=of_method("wall.post"))
    post = desk.plan(publication_date=None)
    desk.house.work()
    assert desk.house.status(post) is PostStatus.ERROR
    return desk.house.read(post)
