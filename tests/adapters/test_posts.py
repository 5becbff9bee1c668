"""The contract of ports.SystemPostStore about posts that people write, change and drop, and that end."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest

from app.domain.vk.community import Community
from app.domain.vk.posts import PostOutcome, PostStatus
from app.ports.vk.posts import SystemPostStore
from tests.adapters.photographs import photographed
from tests.vk.publishing import HOLD, Stores, announced, ids, missed, new_community, new_post, read_from, taken


@pytest.fixture
def posts(stores: Stores) -> SystemPostStore:
    return stores.system_posts


@pytest.fixture
def community(stores: Stores) -> Community:
    return stores.communities.add(new_community())


class TestKeeping:
    def test_a_post_is_kept_as_it_is_written(self, posts: SystemPostStore, community: Community) -> None:
        post = new_post(community, photos=3)
        stored = posts.add(post)
        assert stored == replace(post, created_at=stored.created_at, read_at=stored.read_at)
        assert replace(read_from(posts, post), read_at=stored.read_at) == stored
        assert posts.get(uuid4()) is None

    def test_a_new_post_knows_of_no_attempt_whatever_it_says(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        stored = posts.add(new_post(community, attempt=5, sent_text="x", vk_post_id=7, error={"code": "x"}, version=9))
        assert (stored.attempt, stored.sent_text, stored.vk_post_id, stored.error, stored.version) == (
            *(0, None, None, None),
            1,
        )

    def test_an_id_is_given_once(self, posts: SystemPostStore, community: Community) -> None:
        post = posts.add(new_post(community, photos=1))
        assert post
        assert posts.add(replace(new_post(community, photos=2), id=post.id)) is None
        assert read_from(posts, post).photos == post.photos

    def test_not_even_after_the_post_is_over(self, posts: SystemPostStore, community: Community) -> None:
        post = new_post(community)
        posts.add(post)
        posts.finish(post.id, PostOutcome.CANCELLED, None, {})
        assert posts.add(post) is None
        assert posts.get(post.id) is None

    def test_posts_of_a_time_come_in_their_order(self, posts: SystemPostStore, stores: Stores) -> None:
        one, other = (stores.communities.add(new_community(group)) for group in (1, 2))
        late, early, others = new_post(one, due_in=200), new_post(one, due_in=100), new_post(other, due_in=150)
        for post in (late, early, others):
            posts.add(post)
        assert ids(posts.of_community(one.id, None, None)) == ids([early, late])
        assert ids(posts.of_community(None, None, None)) == ids([early, others, late])
        ends_at = late.publication_date
        assert ids(posts.of_community(None, early.publication_date, ends_at)) == ids([early, others])

    def test_the_media_of_posts_are_known(self, posts: SystemPostStore, community: Community) -> None:
        one, other = (posts.add(new_post(community, photos=2)) for _ in range(2))
        assert posts.media_in_use([one.id, uuid4()]) == {photo.path for photo in one.photos}
        assert posts.media_in_use([one.id, other.id]) > posts.media_in_use([other.id])
        assert posts.media_in_use([]) == set()

    def test_a_community_takes_its_posts_with_it(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        post = posts.add(new_post(community, photos=1))
        stores.communities.remove(community.id)
        assert posts.get(post.id) is None
        assert posts.take_due(10, HOLD) == []


class TestEditing:
    def test_text_photos_date_and_status_change_with_the_version(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        post = posts.add(new_post(community, photos=2))
        wanted = replace(
            post,
            text="other words",
            photos=(replace(post.photos[1], position=0),),
            publication_date=post.publication_date + timedelta(hours=1),
            status=PostStatus.LATE,
            updated_by="igor",
        )
        edited = posts.edit(wanted, post.version)
        assert edited is not None
        assert edited == replace(wanted, version=2, read_at=edited.read_at)
        assert read_from(posts, post).photos == wanted.photos

    def test_of_two_editors_the_second_is_told(self, posts: SystemPostStore, community: Community) -> None:
        post = posts.add(new_post(community))
        assert posts.edit(replace(post, text="a"), post.version)
        assert posts.edit(replace(post, text="b"), post.version) is None
        assert read_from(posts, post).text == "a"

    def test_nobody_edits_what_is_being_published(self, posts: SystemPostStore, community: Community) -> None:
        posts.add(new_post(community))
        post = taken(posts)
        assert posts.edit(replace(post, text="b"), post.version) is None

    def test_what_is_known_of_attempts_outlives_an_edit(self, posts: SystemPostStore, community: Community) -> None:
        post = missed(posts, community)
        wanted = replace(post, status=PostStatus.PENDING_PUBLICATION, error=None, text="again")
        edited = posts.edit(wanted, post.version)
        assert edited is not None
        assert (edited.attempted_at, edited.sent_text, edited.error) == (post.attempted_at, "as it was sent", None)
        assert (edited.attempt, edited.tries) == (post.attempt, 0)

    def test_a_retried_post_is_due_at_once_though_it_was_being_looked_for(
        self, posts: SystemPostStore, community: Community
    ) -> None:
        post = missed(posts, community)
        posts.unverified(10, HOLD)
        posts.edit(replace(post, status=PostStatus.PENDING_PUBLICATION), post.version)
        assert taken(posts).attempt == post.attempt + 1


@pytest.mark.parametrize("withdraw", ["hide", "delete"])
def test_photos_that_somebody_takes_back_are_known(stores: Stores, community: Community, withdraw: str) -> None:
    job_id = photographed(stores)
    post = new_post(community, photos=2)
    post = replace(post, photos=(replace(post.photos[0], job_id=job_id), post.photos[1]))
    stores.system_posts.add(post)
    assert not stores.system_posts.has_withdrawn_photos(post.id)
    getattr(stores.photos, withdraw)([job_id])
    assert stores.system_posts.has_withdrawn_photos(post.id)


class TestEnding:
    def test_a_found_post_goes_into_the_history(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        assert posts.finish(post.id, PostOutcome.PUBLISHED, 77, {"url": "https://vk.com/wall-1_77"})
        assert posts.get(post.id) is None
        [past], total = posts.history(community.id, 1, 10)
        assert (past.id, past.outcome, past.vk_post_id, total) == (post.id, PostOutcome.PUBLISHED, 77, 1)
        assert (past.text, past.photos, past.created_by) == ("as it was sent", 0, "serg")
        assert past.detail == {"url": "https://vk.com/wall-1_77"}
        assert posts.past(post.id) == past
        assert posts.past(uuid4()) is None
        assert past.publication_date == post.publication_date

    def test_it_goes_there_once(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        assert posts.finish(post.id, PostOutcome.PUBLISHED, 77, {})
        assert not posts.finish(post.id, PostOutcome.PUBLISHED, 77, {})

    def test_one_post_of_a_wall_is_one_of_ours(self, posts: SystemPostStore, community: Community) -> None:
        one, other = announced(posts, community), announced(posts, community)
        assert posts.finish(one.id, PostOutcome.PUBLISHED, 77, {})
        assert not posts.finish(other.id, PostOutcome.PUBLISHED, 77, {})
        assert posts.get(other.id)
        assert posts.finish(other.id, PostOutcome.PUBLISHED, 78, {})

    def test_a_transaction_around_a_second_one_goes_on(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        one, other = announced(posts, community), posts.add(new_post(community, due_in=100, photos=1))
        assert posts.finish(one.id, PostOutcome.PUBLISHED, 77, {})
        with stores.transaction():
            assert not posts.finish(other.id, PostOutcome.PUBLISHED, 77, {}, by_hand=True)
            assert read_from(posts, other).photos == other.photos

    def test_a_person_cannot_end_what_is_being_published(self, posts: SystemPostStore, community: Community) -> None:
        post = announced(posts, community)
        assert not posts.finish(post.id, PostOutcome.PUBLISHED, 77, {}, by_hand=True)
        assert posts.end(read_from(posts, post), PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
        assert posts.finish(post.id, PostOutcome.PUBLISHED, 77, {}, by_hand=True)

    def test_a_post_that_waits_is_cancelled(self, posts: SystemPostStore, community: Community) -> None:
        post = posts.add(new_post(community, photos=2))
        assert posts.finish(post.id, PostOutcome.CANCELLED, None, {"by": "igor"})
        [past], _ = posts.history(None, 1, 10)
        assert (past.outcome, past.text, past.photos) == (PostOutcome.CANCELLED, post.text, 2)

    def test_one_that_is_being_published_is_not(self, posts: SystemPostStore, community: Community) -> None:
        posts.add(new_post(community))
        post = taken(posts)
        assert not posts.finish(post.id, PostOutcome.CANCELLED, None, {})
        assert posts.get(post.id)

    def test_the_history_comes_in_pages_the_newest_first(
        self, posts: SystemPostStore, stores: Stores, community: Community
    ) -> None:
        ended = []
        for _ in range(3):
            post = posts.add(new_post(community))
            posts.finish(post.id, PostOutcome.CANCELLED, None, {})
            stores.pass_time(10)
            ended.append(post)
        first, total = posts.history(community.id, 1, 2)
        second, _ = posts.history(community.id, 2, 2)
        assert [past.id for past in [*first, *second]] == [post.id for post in reversed(ended)]
        assert total == 3
        assert posts.history(uuid4(), 1, 2) == ([], 0)


def test_two_who_find_it_finish_it_once(posts: SystemPostStore, community: Community) -> None:
    post = announced(posts, community)
    start = Barrier(4)

    def finish(_: int) -> bool:
        start.wait()
        return posts.finish(post.id, PostOutcome.PUBLISHED, 77, {})

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(finish, range(4))) == 1


def test_of_those_who_add_the_same_at_once_one_does(posts: SystemPostStore, community: Community) -> None:
    post, start = new_post(community, photos=1), Barrier(4)

    def add(_: int) -> bool:
        start.wait()
        return posts.add(post) is not None

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(add, range(4))) == 1


def test_who_adds_what_is_ending_at_this_moment_adds_nothing(
    posts: SystemPostStore, stores: Stores, community: Community
) -> None:
    post = new_post(community)
    posts.add(post)
    with ThreadPoolExecutor(1) as thread:
        with stores.transaction():
            posts.finish(post.id, PostOutcome.CANCELLED, None, {})
            again = thread.submit(posts.add, post)
            wait([again], timeout=0.2)  # what it reads first is still there
        assert again.result(10) is None
    assert posts.get(post.id) is None
