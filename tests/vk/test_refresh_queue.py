"""The contract of ports.RefreshQueue, held by PostgreSQL and by the twin: no wish is lost, no refresh is done twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from app.domain.vk.content import ContentKind
from app.ports.vk.communities import RefreshQueue, RefreshTask
from tests.vk.connected import Stores, connect

HOLD = 60.0
AGE = 600.0
PUBLISHED, SCHEDULED, ALBUMS, PHOTOS = (
    ContentKind.PUBLISHED_POSTS,
    ContentKind.SCHEDULED_POSTS,
    ContentKind.ALBUMS,
    ContentKind.PHOTOS,
)


@pytest.fixture
def queue(stores: Stores) -> RefreshQueue:
    return stores.refreshes


@pytest.fixture
def community(stores: Stores) -> UUID:
    return connect(stores).id


def taken(queue: RefreshQueue) -> RefreshTask:
    [task] = queue.take(1, HOLD)
    return task


def stale(queue: RefreshQueue, *kinds: ContentKind, limit: int = 10) -> list[RefreshTask]:
    return list(queue.take_stale(kinds or (PUBLISHED,), AGE, limit, HOLD))


class TestWishes:
    def test_a_wish_is_taken_once(self, queue: RefreshQueue, community: UUID) -> None:
        queue.wish(community, PHOTOS, 17)
        task = taken(queue)
        assert (task.community_id, task.kind, task.album_id, task.is_wished) == (community, PHOTOS, 17, True)
        assert queue.take(5, HOLD) == []

    def test_wishes_for_the_same_fall_together(self, queue: RefreshQueue, community: UUID) -> None:
        for _ in range(20):
            queue.wish(community, PUBLISHED)
        queue.done(taken(queue))
        assert queue.take(5, HOLD) == []

    def test_those_for_other_content_do_not(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        other = connect(stores, 2).id
        wishes = {(community, PUBLISHED, 0), (community, PHOTOS, 1), (community, PHOTOS, 2), (other, PUBLISHED, 0)}
        for wish in wishes:
            queue.wish(*wish)
        assert {(task.community_id, task.kind, task.album_id) for task in queue.take(10, HOLD)} == wishes

    def test_the_oldest_comes_first_and_repeating_it_costs_no_place(
        self, queue: RefreshQueue, community: UUID, stores: Stores
    ) -> None:
        for kind in (SCHEDULED, ALBUMS, PUBLISHED):
            queue.wish(community, kind)
            stores.pass_time(1)
        queue.wish(community, SCHEDULED)
        assert [task.kind for task in queue.take(3, HOLD)] == [SCHEDULED, ALBUMS, PUBLISHED]

    def test_one_that_is_made_while_somebody_reads_is_due_right_after(
        self, queue: RefreshQueue, community: UUID
    ) -> None:
        queue.wish(community, PUBLISHED)
        task = taken(queue)
        queue.wish(community, PUBLISHED)
        assert queue.take(5, HOLD) == []
        queue.done(task)
        queue.done(taken(queue))
        assert queue.take(5, HOLD) == []

    def test_nobody_wishes_for_a_community_that_is_gone(self, queue: RefreshQueue) -> None:
        queue.wish(uuid4(), PUBLISHED)
        assert queue.take(5, HOLD) == []

    def test_wishes_go_with_their_community(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        task = taken(queue)
        stores.communities.remove(community)
        queue.failed(task, "unreachable", 0)
        queue.done(task)
        assert queue.take(5, HOLD) == []

    def test_many_at_once_take_each_once(self, queue: RefreshQueue, community: UUID) -> None:
        for album_id in range(1, 25):
            queue.wish(community, PHOTOS, album_id)
        start = Barrier(4)

        def work(_: int) -> list[int]:
            start.wait()
            found = []
            while tasks := queue.take(1, HOLD):
                found += [task.album_id for task in tasks]
                queue.done(tasks[0])
            return found

        with ThreadPoolExecutor(4) as threads:
            done = [album_id for found in threads.map(work, range(4)) for album_id in found]
        done += [task.album_id for task in queue.take(25, HOLD)]  # one that finds the last row locked goes home
        assert sorted(done) == list(range(1, 25))


class TestFailures:
    def test_what_failed_pauses(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        queue.failed(taken(queue), "unreachable", 30)
        assert queue.take(5, HOLD) == []
        stores.pass_time(31)
        assert taken(queue).attempts == 2

    def test_and_is_not_hurried_by_more_wishes(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        queue.failed(taken(queue), "unreachable", 30)
        queue.wish(community, PUBLISHED)
        assert queue.take(5, HOLD) == []

    def test_people_are_told_why_until_it_succeeds(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        queue.failed(taken(queue), "token_refused", 0)
        assert stores.vk_cache.freshness(community)[PUBLISHED, 0].error == "token_refused"
        queue.done(taken(queue))
        assert stores.vk_cache.freshness(community)[PUBLISHED, 0].error == ""

    def test_attempts_are_counted_from_the_last_success(self, queue: RefreshQueue, community: UUID) -> None:
        for _ in range(2):
            queue.wish(community, PUBLISHED)
            queue.failed(taken(queue), "unreachable", 0)
            task = taken(queue)
            assert task.attempts == 2
            queue.done(task)

    def test_whoever_died_is_replaced(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        taken(queue)
        stores.pass_time(HOLD + 1)
        assert taken(queue).attempts == 2

    def test_whoever_was_replaced_frees_nothing(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        late = taken(queue)
        stores.pass_time(HOLD + 1)
        taken(queue)
        queue.wish(community, PUBLISHED)
        queue.failed(late, "unreachable", 0)
        queue.done(late)
        assert queue.take(5, HOLD) == []

    def test_but_what_it_has_read_is_read(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        queue.wish(community, PUBLISHED)
        late = taken(queue)
        stores.pass_time(HOLD + 1)
        taken(queue)
        queue.done(late)
        stores.pass_time(HOLD + 1)
        assert queue.take(5, HOLD) == []


class TestLookingUnasked:
    def test_what_was_never_read_is_looked_at(self, queue: RefreshQueue, community: UUID) -> None:
        found = stale(queue, PUBLISHED, SCHEDULED)
        assert {(task.community_id, task.kind) for task in found} == {(community, PUBLISHED), (community, SCHEDULED)}
        assert not any(task.is_wished for task in found)

    def test_then_not_before_it_is_old(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        [task] = stale(queue)
        queue.done(task)
        stores.pass_time(AGE - 10)
        assert stale(queue) == []
        stores.pass_time(20)
        assert [again.attempts for again in stale(queue)] == [1]

    def test_what_was_read_for_another_reason_counts(
        self, queue: RefreshQueue, community: UUID, stores: Stores
    ) -> None:
        stores.vk_cache.replace_posts(community, False, [])
        assert stale(queue) == []

    def test_one_takes_it(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        assert len(stale(queue)) == 1
        assert stale(queue) == []
        stores.pass_time(HOLD + 1)
        assert len(stale(queue)) == 1

    def test_no_more_than_asked_for(self, queue: RefreshQueue, community: UUID) -> None:
        assert len(stale(queue, PUBLISHED, SCHEDULED, limit=1)) == 1

    def test_what_failed_pauses_here_too(self, queue: RefreshQueue, community: UUID, stores: Stores) -> None:
        [task] = stale(queue)
        queue.failed(task, "token_refused", 30)
        assert stale(queue) == []
        stores.pass_time(31)
        assert [again.attempts for again in stale(queue)] == [2]

    def test_wishes_are_not_taken_this_way(self, queue: RefreshQueue, community: UUID) -> None:
        queue.wish(community, PUBLISHED)
        assert stale(queue) == []

    def test_a_wish_that_is_made_meanwhile_is_not_lost(self, queue: RefreshQueue, community: UUID) -> None:
        [task] = stale(queue)
        queue.wish(community, PUBLISHED)
        queue.done(task)
        assert taken(queue) == replace(task, wanted=task.wanted + 1, is_wished=True)


class TestPending:
    def test_from_the_wish_to_its_end(self, queue: RefreshQueue, community: UUID) -> None:
        assert queue.pending() == frozenset()
        queue.wish(community, PUBLISHED)
        assert queue.pending() == {community}
        task = taken(queue)
        assert queue.pending() == {community}
        queue.done(task)
        assert queue.pending() == frozenset()

    def test_but_not_in_a_pause(self, queue: RefreshQueue, community: UUID) -> None:
        queue.wish(community, PUBLISHED)
        queue.failed(taken(queue), "token_refused", 30)
        assert queue.pending() == frozenset()
