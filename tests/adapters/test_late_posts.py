"""What ports.SystemPostStore gives of late posts: one at a time where nobody is asked, so that no wall is flooded."""

from uuid import UUID

import pytest

from app.domain.vk.community import LATE_MINUTES, Community, LatePolicy
from app.domain.vk.posts import LATE_SPACING, PostOutcome, PostStatus, SystemPost
from app.ports.vk.posts import SystemPostStore
from tests.vk.publishing import Stores, new_community, new_post

HOLD = 60.0
LATE = -60.0 * LATE_MINUTES - 60


@pytest.fixture
def posts(stores: Stores) -> SystemPostStore:
    return stores.system_posts


@pytest.fixture
def community(stores: Stores) -> Community:
    return stores.communities.add(new_community())


def late_ones(posts: SystemPostStore, community: Community, number: int) -> list[UUID]:
    """So many posts that are late, the oldest first."""
    found = [posts.add(new_post(community, due_in=LATE - 60 * (number - place))) for place in range(number)]
    return [post.id for post in found]


def taken(posts: SystemPostStore) -> list[UUID]:
    return [post.id for post in posts.take_due(10, HOLD)]


def appear(posts: SystemPostStore, post_id: UUID) -> None:
    assert posts.finish(post_id, PostOutcome.PUBLISHED, None, {})


def test_they_come_one_at_a_time_the_oldest_first(posts: SystemPostStore, stores: Stores, community: Community) -> None:
    first, second, third = late_ones(posts, community, 3)
    for post_id in (first, second, third):
        assert taken(posts) == [post_id]
        assert taken(posts) == []
        appear(posts, post_id)
        assert taken(posts) == []
        stores.pass_time(LATE_SPACING.total_seconds() + 1)


def test_none_comes_soon_after_another_post_of_ours(
    posts: SystemPostStore, stores: Stores, community: Community
) -> None:
    punctual = posts.add(new_post(community))
    [late] = late_ones(posts, community, 1)
    assert taken(posts) == [late, punctual.id]
    appear(posts, punctual.id)
    assert posts.end(_publishing(posts, late), PostStatus.PENDING_PUBLICATION, {"code": "unreachable"})
    assert taken(posts) == []
    stores.pass_time(LATE_SPACING.total_seconds() + 1)
    assert taken(posts) == [late]


def test_punctual_posts_need_not_wait_for_them(posts: SystemPostStore, community: Community) -> None:
    first, _ = late_ones(posts, community, 2)
    punctual = [posts.add(new_post(community, due_in=-due)).id for due in (20, 10)]
    assert taken(posts) == [first, *punctual]


def test_one_that_failed_keeps_up_no_other(posts: SystemPostStore, community: Community) -> None:
    first, second = late_ones(posts, community, 2)
    assert taken(posts) == [first]
    assert posts.end(_publishing(posts, first), PostStatus.ERROR, {"code": "captcha"})
    assert taken(posts) == [second]


def test_one_that_rests_keeps_its_place(posts: SystemPostStore, stores: Stores, community: Community) -> None:
    first, _ = late_ones(posts, community, 2)
    assert taken(posts) == [first]
    pause = {"code": "unreachable"}
    assert posts.end(_publishing(posts, first), PostStatus.PENDING_PUBLICATION, pause, pause_seconds=30)
    assert taken(posts) == []
    stores.pass_time(31)
    assert taken(posts) == [first]


def test_two_that_were_dropped_do_not_wait_for_each_other(
    posts: SystemPostStore, stores: Stores, community: Community
) -> None:
    dropped = [posts.add(new_post(community, due_in=-due)).id for due in (20, 10)]
    assert taken(posts) == dropped
    stores.pass_time(-LATE)
    assert taken(posts) == dropped[:1]


def test_communities_do_not_wait_for_each_other(posts: SystemPostStore, stores: Stores, community: Community) -> None:
    other = stores.communities.add(new_community(group_id=2))
    mine, theirs = late_ones(posts, community, 2), late_ones(posts, other, 2)
    assert sorted(taken(posts)) == sorted([mine[0], theirs[0]])


def test_where_a_person_is_asked_all_are_handed_out_to_be_put_aside(posts: SystemPostStore, stores: Stores) -> None:
    asking = stores.communities.add(new_community(late_policy=LatePolicy.ASK))
    assert taken(posts) == late_ones(posts, asking, 0)
    late = late_ones(posts, asking, 3)
    assert taken(posts) == late


def _publishing(posts: SystemPostStore, post_id: UUID) -> SystemPost:
    found = posts.get(post_id)
    assert found is not None
    assert found.status is PostStatus.PUBLISHING
    return found
