"""The contract of ports.Monitor about communities: whether a tracker is awaited, and which posts did not appear."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.domain.vk.community import LATE_MINUTES, Community
from app.domain.vk.content import ContentKind
from app.domain.vk.posts import LATE_SPACING, PostOutcome, PostStatus, SystemPost
from app.ports.alerts import Monitor, PostTrouble
from tests.vk.publishing import Stores, new_community, new_post

HOLD = 60.0


@pytest.fixture
def monitor(stores: Stores) -> Monitor:
    return stores.monitor


@pytest.fixture
def community(stores: Stores) -> Community:
    return stores.communities.add(new_community())


def fail(stores: Stores, community: Community, status: PostStatus, code: str | None) -> SystemPost:
    stores.system_posts.add(new_post(community))
    [post] = stores.system_posts.take_due(1, HOLD)
    assert stores.system_posts.end(post, status, {"code": code} if code else None)
    return post


def test_when_any_tracker_was_last_seen(monitor: Monitor, stores: Stores) -> None:
    assert monitor.vitals().tracker_seen_at is None
    stores.heartbeats.beat("worker-a-1", "worker")
    stores.pass_time(30)
    stores.heartbeats.beat("tracker-a-1", "tracker")
    vitals = monitor.vitals()
    assert vitals.tracker_seen_at is not None
    assert vitals.now - vitals.tracker_seen_at < timedelta(seconds=10)


class TestAwaiting:
    def test_a_post_that_is_due_awaits_it_from_its_date_on(
        self, monitor: Monitor, stores: Stores, community: Community
    ) -> None:
        stores.system_posts.add(new_post(community, due_in=100))
        assert monitor.vitals().tracker_awaited_since is None
        due = stores.system_posts.add(new_post(community, due_in=-20))
        assert monitor.vitals().tracker_awaited_since == due.publication_date

    def test_one_that_somebody_publishes_does_not_until_they_are_dead(
        self, monitor: Monitor, stores: Stores, community: Community
    ) -> None:
        stores.system_posts.add(new_post(community))
        stores.system_posts.take_due(1, HOLD)
        assert monitor.vitals().tracker_awaited_since is None
        stores.pass_time(HOLD + 1)
        assert monitor.vitals().tracker_awaited_since is not None

    @pytest.mark.parametrize("status", [PostStatus.ERROR, PostStatus.POSSIBLE_ERROR, PostStatus.LATE])
    def test_nor_does_one_that_a_person_must_decide(
        self, monitor: Monitor, stores: Stores, community: Community, status: PostStatus
    ) -> None:
        fail(stores, community, status, "captcha")
        assert monitor.vitals().tracker_awaited_since is None

    def test_a_wish_for_news_from_vk_does(self, monitor: Monitor, stores: Stores, community: Community) -> None:
        stores.refreshes.wish(community.id, ContentKind.ALBUMS)
        assert monitor.vitals().tracker_awaited_since is not None
        [task] = stores.refreshes.take(1, HOLD)
        stores.refreshes.done(task)
        assert monitor.vitals().tracker_awaited_since is None


class TestFailedPosts:
    def test_they_are_told_by_community_and_reason(
        self, monitor: Monitor, stores: Stores, community: Community
    ) -> None:
        other = stores.communities.add(replace(new_community(2), name="Альбомы"))
        for status, code in ((PostStatus.ERROR, "captcha"), (PostStatus.ERROR, "captcha"), (PostStatus.LATE, None)):
            fail(stores, community, status, code)
        fail(stores, other, PostStatus.POSSIBLE_ERROR, "not_found")
        assert [(found.community, found.status, found.code) for found in monitor.vitals().failed_posts] == [
            ("Альбомы", PostStatus.POSSIBLE_ERROR, "not_found"),
            (community.name, PostStatus.LATE, ""),
            (community.name, PostStatus.ERROR, "captcha"),
        ]

    def test_with_when_the_first_of_them_should_have_appeared(
        self, monitor: Monitor, stores: Stores, community: Community
    ) -> None:
        first = fail(stores, community, PostStatus.ERROR, "captcha")
        fail(stores, community, PostStatus.ERROR, "captcha")
        [found] = monitor.vitals().failed_posts
        assert found == PostTrouble(community.name, PostStatus.ERROR, "captcha", first.publication_date)

    def test_one_that_is_tried_again_is_told_once_it_is_late(
        self, monitor: Monitor, stores: Stores, community: Community
    ) -> None:
        fail(stores, community, PostStatus.PENDING_PUBLICATION, "unreachable")
        assert monitor.vitals().failed_posts == ()
        stores.pass_time(60 * LATE_MINUTES)
        [found] = monitor.vitals().failed_posts
        assert (found.status, found.code) == (PostStatus.PENDING_PUBLICATION, "unreachable")
        assert isinstance(found.since, datetime)

    def test_a_late_one_that_nobody_publishes_is_told_unless_it_waits_for_its_turn(
        self, monitor: Monitor, stores: Stores, community: Community
    ) -> None:
        first = stores.system_posts.add(new_post(community, due_in=-20))
        stores.system_posts.add(new_post(community, due_in=-10))
        stores.pass_time(60 * LATE_MINUTES)
        [found] = monitor.vitals().failed_posts
        assert (found.community, found.status, found.code) == (community.name, PostStatus.PENDING_PUBLICATION, "")
        stores.system_posts.take_due(1, HOLD)
        assert monitor.vitals().failed_posts == ()
        assert stores.system_posts.finish(first.id, PostOutcome.PUBLISHED, 77, {})
        assert monitor.vitals().failed_posts == ()
        stores.pass_time(LATE_SPACING.total_seconds() + 61)
        assert len(monitor.vitals().failed_posts) == 1

    def test_one_that_waits_for_its_time_is_none(self, monitor: Monitor, stores: Stores, community: Community) -> None:
        stores.system_posts.add(new_post(community, due_in=60))
        stores.system_posts.add(new_post(community))
        assert monitor.vitals().failed_posts == ()
