"""The contract of ports.SystemPostStore about posts that are published: one attempt has a post, and what was announced
is not repeated by itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from app.domain.vk.community import Community
from app.domain.vk.posts import CALL_SECONDS, PostStatus, SystemPost
from app.ports.vk.posts import SystemPostStore
from tests.vk.publishing import (
    HOLD,
    VK_CLOCK,
    Stores,
    announced,
    ids,
    missed,
    new_community,
    new_post,
    read_from,
    taken,
)

PENDING, PUBLISHING = PostStatus.PENDING_PUBLICATION, PostStatus.PUBLISHING


@pytest.fixture
def posts(stores: Stores) -> SystemPostStore:
    return stores.system_posts


@pytest.fixture
def community(stores: Stores) -> Community:
    return stores.communities.add(new_community())


class TestTaking:
    def test_a_post_whose_time_has_come_is_taken_once(self, posts: SystemPostStore, community: Community) -> None:
        due = posts.add(new_post(community))
        posts.add(new_post(community, due_in=100))
        post = taken(posts)
        assert (post.id, post.status, post.attempt) == (due.id, PUBLISHING, 1)
        assert posts.take_due(10, HOLD) == []

    def test_those_due_the_longest_come_first(self, posts: SystemPostStore, community: Community) -> None:
        newer, older, newest = (posts.add(new_post(community, due_in=-due)) for due in (20, 30, 10))
        assert ids(posts.take_due(2, HOLD)) == ids([older, newer])
        assert ids(posts.take_due(2, HOLD)) == ids([newest])

    @pytest.mark.parametrize("status", [PostStatus.ERROR, PostStatus.POSSIBLE_ERROR, PostStatus.LATE])
    def test_what_a_person_must_decide_is_not_taken(
        self, posts: SystemPostStore, community: Community, status: PostStatus
    ) -> None:
        posts.add(new_post(community))
        assert posts.end(taken(posts), status, {"code": "captcha"})
        assert posts.take_due(10, HOLD) == []

    def test_eight_at_once_take_it_once(self, posts: SystemPostStore, community: Community) -> None:
        posts.add(new_post(community))
        start = Barrier(8)

        def take(_: int) -> list[SystemPost]:
            start.wait()
            return posts.take_due(10, HOLD)

        with ThreadPoolExecutor(8) as threads:
            assert sum(len(found) for found in threads.map(take, range(8))) == 1

    def test_one_whose_publisher_died_before_it_was_announced_is_taken_again(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        posts.add(new_post(community))
        first = taken(posts)
        stores.pass_time(HOLD - 1)
        assert posts.hold(first, HOLD)
        stores.pass_time(HOLD - 1)
        assert posts.take_due(10, HOLD) == []
        stores.pass_time(2)
        second = taken(posts)
        assert (second.attempt, second.tries, second.error) == (2, 2, {"code": "interrupted", "times": 1})
        stores.pass_time(HOLD + 1)
        assert taken(posts).error == {"code": "interrupted", "times": 2}

    def test_one_that_was_announced_is_never_taken_again(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        announced(posts, community)
        stores.pass_time(24 * 3600)
        assert posts.take_due(10, HOLD) == []


def _hold(posts: SystemPostStore, post: SystemPost) -> bool:
    return posts.hold(post, HOLD)


def _attach(posts: SystemPostStore, post: SystemPost) -> bool:
    return posts.attach(post, 0, "photo-1_2")


def _announce(posts: SystemPostStore, post: SystemPost) -> bool:
    return posts.announce(post, "words", VK_CLOCK)


def _end(posts: SystemPostStore, post: SystemPost) -> bool:
    return posts.end(post, PostStatus.ERROR, None)


@pytest.mark.parametrize("act", [_hold, _attach, _announce, _end])
def test_who_was_replaced_changes_nothing(
    posts: SystemPostStore, stores: Stores, community: Community, act: Callable[[SystemPostStore, SystemPost], bool]
) -> None:
    posts.add(new_post(community, photos=1))
    frozen = taken(posts)
    stores.pass_time(HOLD + 1)
    current = taken(posts)
    before = read_from(posts, current)
    assert not act(posts, frozen)
    assert replace(read_from(posts, current), read_at=before.read_at) == before
    assert act(posts, current)


class TestPublishing:
    def test_attachments_are_kept_one_by_one(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        posts.add(new_post(community, photos=2))
        post = taken(posts)
        assert posts.attach(post, 1, "photo-1_2_key")
        assert not posts.attach(post, 2, "photo-1_3")
        stores.pass_time(HOLD + 1)
        assert taken(posts).attachments == ["photo-1_2_key"]

    def test_an_announcement_tells_what_is_sent_and_when(self, posts: SystemPostStore, community: Community) -> None:
        post = read_from(posts, announced(posts, community))
        assert (post.sent_text, post.vk_clock_at) == ("as it was sent", VK_CLOCK)
        assert post.attempted_at is not None
        assert timedelta() <= post.read_at - post.attempted_at < timedelta(minutes=1)

    def test_the_photos_that_were_sent_are_remembered_whatever_the_post_becomes(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        posts.add(new_post(community, photos=2))
        post = taken(posts)
        for position in (1, 0):
            assert posts.attach(post, position, f"photo-1_{position}")
        assert posts.announce(post, "words", VK_CLOCK)
        sent = read_from(posts, post)
        assert sent.sent_attachments == ("photo-1_0", "photo-1_1")
        assert posts.end(sent, PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
        edited = posts.edit(replace(sent, status=PENDING, photos=sent.photos[:1]), sent.version)
        assert edited is not None
        assert edited.sent_attachments == sent.sent_attachments
        again = taken(posts)
        assert posts.announce(again, "sent anew", VK_CLOCK)
        assert read_from(posts, again).sent_attachments == ("photo-1_0",)
        assert posts.end(again, PostStatus.ERROR, {"code": "captcha"})
        assert read_from(posts, again).sent_attachments == sent.sent_attachments

    def test_nobody_looks_for_it_while_the_call_may_last(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        announced(posts, community)
        assert posts.unverified(10, HOLD) == []
        stores.pass_time(CALL_SECONDS + 1)
        assert len(posts.unverified(10, HOLD)) == 1

    def test_its_id_ends_the_wait(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        assert posts.sent(post, 77)
        [unseen] = posts.unverified(10, HOLD)
        assert (unseen.vk_post_id, unseen.status) == (77, PUBLISHING)

    def test_so_does_an_answer_that_was_lost(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        assert posts.hold(post, 0.0)
        assert ids(posts.unverified(10, HOLD)) == ids([post])

    def test_an_id_that_comes_after_the_post_was_given_up_counts(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        post = missed(posts, community)
        assert posts.sent(post, 77)
        [unseen] = posts.unverified(10, HOLD)
        assert (unseen.vk_post_id, unseen.status) == (77, PostStatus.POSSIBLE_ERROR)

    def test_a_refusal_undoes_the_announcement(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        assert posts.end(post, PostStatus.ERROR, {"code": "captcha"})
        ended = read_from(posts, post)
        assert (ended.status, ended.error) == (PostStatus.ERROR, {"code": "captcha"})
        assert (ended.attempted_at, ended.vk_clock_at, ended.sent_text) == (None, None, None)
        assert ended.sent_attachments == ()

    def test_but_not_what_an_earlier_attempt_may_have_done(self, posts: SystemPostStore, community: Community) -> None:
        assert posts.sent(missed(posts, community), 123)
        [earlier] = posts.of_community(community.id, None, None)
        posts.edit(replace(earlier, status=PENDING), earlier.version)
        again = taken(posts)
        assert posts.announce(again, "sent anew", VK_CLOCK + timedelta(hours=2))
        assert posts.end(again, PostStatus.ERROR, {"code": "captcha"})
        ended = read_from(posts, again)
        assert (ended.attempted_at, ended.sent_text) == (earlier.attempted_at, "as it was sent")
        assert (ended.vk_clock_at, ended.vk_post_id) == (VK_CLOCK, 123)

    def test_nor_an_id_that_comes_while_the_post_is_given_up(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        post = announced(posts, community)
        unheard = read_from(posts, post)
        assert posts.sent(post, 123)
        assert posts.end(unheard, PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
        assert read_from(posts, post).vk_post_id == 123

    def test_a_new_announcement_forgets_the_id_and_the_error_of_the_last(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        post = missed(posts, community)
        posts.sent(post, 77)
        posts.edit(replace(post, status=PENDING), post.version)
        posts.announce(taken(posts), "again", VK_CLOCK)
        assert (read_from(posts, post).vk_post_id, read_from(posts, post).error) == (None, None)

    def test_one_that_is_tried_again_rests_first(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        post = posts.add(new_post(community))
        assert posts.end(taken(posts), PENDING, {"code": "unreachable"}, pause_seconds=30)
        assert posts.take_due(10, HOLD) == []
        stores.pass_time(31)
        again = taken(posts)
        assert (again.attempt, again.error) == (2, {"code": "unreachable"})
        assert again.publication_date <= post.publication_date


class TestLooking:
    def test_each_is_looked_for_by_one_at_a_time(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        posts.sent(announced(posts, community), 77)
        assert len(posts.unverified(10, HOLD)) == 1
        assert posts.unverified(10, HOLD) == []
        stores.pass_time(HOLD + 1)
        assert len(posts.unverified(10, HOLD)) == 1

    def test_what_may_have_failed_is_looked_for_less_often_and_for_a_day(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        missed(posts, community)
        assert len(posts.unverified(10, HOLD)) == 1
        stores.pass_time(9 * HOLD)
        assert posts.unverified(10, HOLD) == []
        stores.pass_time(HOLD + 1)
        assert len(posts.unverified(10, HOLD)) == 1
        stores.pass_time(24 * 3600)
        assert posts.unverified(10, HOLD) == []

    def test_one_that_was_refused_is_not_looked_for(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        posts.end(post, PostStatus.ERROR, None)
        assert posts.unverified(10, HOLD) == []
