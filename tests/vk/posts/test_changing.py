"""Planned and failed posts are changed and tried again; what may stand on the wall is looked for first."""

import threading
from collections.abc import Iterator

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.errors import VkError, VkUnreachable
from app.domain.vk.posts import PostOutcome, PostStatus, SystemPost
from app.services.vk import posts as post_service
from app.services.vk.posts import Fate
from tests.support.fakes.vk.fake import FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha
from tests.vk.writing_desk import SERG, WritingDesk


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
        post = desk.failed()
        changed = desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
        assert (changed.status, changed.error) == (PostStatus.PENDING_PUBLICATION, None)

    def test_one_that_stands_on_the_wall_already_is_not_changed(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = desk.sent_but_unknown()
        with pytest.raises(Refused) as refused:
            desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
        assert refused.value.reason is Reason.VERSION_CONFLICT
        assert [past.outcome for past in desk.history()] == [PostOutcome.PUBLISHED]


class TestTryingAgain:
    def test_a_post_that_failed_is_published(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = desk.failed()
        assert desk.posts.publish_now(post.id, SERG) is Fate.WAITS
        desk.house.work()
        assert desk.house.words_on_the_wall() == ["Свадьба"]

    def test_the_wall_is_looked_at_first(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = desk.sent_but_unknown()
        assert desk.posts.publish_now(post.id, SERG) is Fate.FOUND
        desk.house.work()
        assert len(vk.posts()) == 1
        assert [past.vk_post_id for past in desk.history()] == [vk.posts()[0].id]

    def test_without_a_look_nothing_is_sent(self, desk: WritingDesk, vk: FakeVk) -> None:
        post = desk.sent_but_unknown()
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


class TestAWallThatIsLongInComing:
    @pytest.fixture
    def post(self, desk: WritingDesk, vk: FakeVk, monkeypatch: pytest.MonkeyPatch) -> Iterator[SystemPost]:
        """One that may stand on the wall, which VK shows to nobody before the test is over."""
        post, shown, read = desk.sent_but_unknown(), threading.Event(), desk.api.read
        with monkeypatch.context() as patch:
            patch.setattr(post_service, "PATIENCE_SECONDS", 0.05)
            patch.setattr(desk.api, "read", lambda *what, **how: shown.wait(30) and read(*what, **how))
            yield post
            shown.set()

    def test_is_left_to_the_tracker_which_sends_nothing_twice(
        self, desk: WritingDesk, vk: FakeVk, post: SystemPost
    ) -> None:
        assert desk.posts.publish_now(post.id, SERG) is Fate.WAITS
        assert desk.house.status(post) is PostStatus.PENDING_PUBLICATION
        desk.house.work()
        assert len(vk.posts()) == 1
        assert [past.vk_post_id for past in desk.history()] == [vk.posts()[0].id]

    def test_lets_nobody_change_what_may_stand_there(self, desk: WritingDesk, post: SystemPost) -> None:
        with pytest.raises(VkUnreachable):
            desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
        assert desk.house.read(post).text == post.text
