"""However often a button is pressed or a request is sent, there is one post."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.posts import PastPost, PostOutcome, PostPhoto, SystemPost
from tests.vk.writing_desk import SERG, WritingDesk


class TestComingAgain:
    def test_it_is_the_post_of_the_first_time_as_it_stands_now(self, desk: WritingDesk) -> None:
        key, wanted = uuid4(), desk.wanted(results=1)
        first = desk.posts.schedule(desk.community.id, wanted, SERG, key)
        changed = desk.posts.edit(key, desk.wanted("Иначе", photos=["own:0"]), None, "igor")
        desk.album.gallery.hide([UUID(wanted["photos"][0].partition(":")[2])], SERG)
        again = desk.posts.schedule(desk.community.id, wanted, SERG, key)
        assert isinstance(again, SystemPost)
        assert (again.id, again.text, again.version) == (first.id, "Иначе", changed.version)
        assert len(desk.posts.planned(desk.community.id)) == 1
        assert desk.told() == ["post.changed", "post.scheduled"]

    def test_a_time_that_has_come_meanwhile_keeps_nobody_from_it(self, desk: WritingDesk) -> None:
        key, wanted = uuid4(), desk.wanted()
        desk.posts.schedule(desk.community.id, wanted, SERG, key)
        desk.stores.pass_time(2 * 24 * 3600)
        assert desk.posts.schedule(desk.community.id, wanted, SERG, key).id == key

    @pytest.mark.parametrize("outcome", PostOutcome)
    def test_one_that_is_over_is_not_planned_anew(self, desk: WritingDesk, outcome: PostOutcome) -> None:
        key, wanted = uuid4(), desk.wanted(publication_date=None)
        desk.posts.schedule(desk.community.id, wanted, SERG, key)
        if outcome is PostOutcome.CANCELLED:
            desk.posts.cancel(key, SERG)
        desk.house.work()
        again = desk.posts.schedule(desk.community.id, wanted, SERG, key)
        assert isinstance(again, PastPost)
        assert again.outcome is outcome
        assert desk.posts.planned(desk.community.id) == []

    def test_another_community_s_key_is_refused(self, desk: WritingDesk) -> None:
        key, other = uuid4(), desk.house.connect(7)
        desk.posts.schedule(other.id, desk.wanted(), SERG, key)
        with pytest.raises(Refused) as refused:
            desk.posts.schedule(desk.community.id, desk.wanted(), SERG, key)
        assert refused.value.reason is Reason.INVALID_SETTINGS
        assert refused.value.details["fields"]["idempotency_key"]["code"] == "used_elsewhere"

    def test_what_was_refused_the_first_time_may_be_sent_again(self, desk: WritingDesk) -> None:
        key = uuid4()
        with pytest.raises(Refused):
            desk.posts.schedule(desk.community.id, desk.wanted("{price}"), SERG, key)
        desk.variables.put("price", None, "1000", SERG)
        assert desk.posts.schedule(desk.community.id, desk.wanted("{price}"), SERG, key).id == key


def test_whoever_is_overtaken_while_copying_leaves_nothing(desk: WritingDesk) -> None:
    key, wanted, copies = uuid4(), desk.wanted(results=1), desk.photos.copies

    def overtaken(*asked: Any) -> tuple[PostPhoto, ...]:
        desk.photos.copies = copies  # type: ignore[method-assign]
        desk.posts.schedule(desk.community.id, wanted, "igor", key)
        return copies(*asked)

    desk.photos.copies = overtaken  # type: ignore[method-assign]
    post = desk.posts.schedule(desk.community.id, wanted, SERG, key)
    assert isinstance(post, SystemPost)
    assert (post.id, post.created_by) == (key, "igor")
    assert desk.files() == {photo.path for photo in post.photos}
    assert desk.told() == ["post.scheduled"]
