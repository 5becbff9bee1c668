"""The contract of ports.UpdateLog, held by PostgreSQL and by the twin: nobody's reading takes anything from others."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from app.ports.access import Account
from app.ports.vk.updates import UpdateLog
from tests.vk.connected import Stores, connect

DAY = 24 * 3600


@pytest.fixture
def log(stores: Stores) -> UpdateLog:
    for username in ("serg", "igor"):
        stores.accounts.add(Account(username, "a hash"))
    return stores.updates


@pytest.fixture
def community(stores: Stores) -> UUID:
    return connect(stores).id


class TestReading:
    def test_a_change_is_told_once(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        assert [list(log.take("serg", "tab")) for _ in range(2)] == [[community], []]

    def test_many_changes_between_two_readings_are_one(self, log: UpdateLog, community: UUID) -> None:
        for _ in range(5):
            log.mark(community)
        assert [list(log.take("serg", "tab")) for _ in range(2)] == [[community], []]

    def test_the_next_change_is_told_again(self, log: UpdateLog, community: UUID) -> None:
        for _ in range(2):
            log.mark(community)
            assert list(log.take("serg", "tab")) == [community]

    def test_each_administrator_has_a_reading_of_their_own(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        assert list(log.take("serg", "tab")) == [community]
        assert list(log.take("igor", "tab")) == [community]

    def test_and_each_tab(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        assert list(log.take("serg", "one")) == [community]
        assert list(log.take("serg", "other")) == [community]

    def test_only_what_changed_is_told(self, log: UpdateLog, community: UUID, stores: Stores) -> None:
        other = connect(stores, 2).id
        log.mark(community)
        log.mark(other)
        assert set(log.take("serg", "tab")) == {community, other}
        log.mark(other)
        assert list(log.take("serg", "tab")) == [other]

    def test_two_requests_of_a_tab_share_what_is_there(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        start = Barrier(4)

        def ask(_: int) -> int:
            start.wait()
            return len(log.take("serg", "tab"))

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(ask, range(4))) == 1

    def test_communities_that_are_gone_did_not_change(self, log: UpdateLog, community: UUID, stores: Stores) -> None:
        log.mark(community)
        stores.communities.remove(community)
        log.mark(uuid4())
        assert list(log.take("serg", "tab")) == []


class TestSeeing:
    def test_reading_is_not_seeing(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        log.take("serg", "tab")
        assert log.unseen("serg") == {community}

    def test_who_has_opened_the_community_has_seen_it(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        log.see("serg", community)
        assert (log.unseen("serg"), log.unseen("igor")) == (frozenset(), {community})

    def test_until_it_changes_again(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        log.see("serg", community)
        log.mark(community)
        assert log.unseen("serg") == {community}

    def test_other_tabs_are_not_told_of_what_was_seen(self, log: UpdateLog, community: UUID) -> None:
        log.mark(community)
        log.see("serg", community)
        assert list(log.take("serg", "tab")) == []

    def test_one_may_open_what_never_changed(self, log: UpdateLog, community: UUID) -> None:
        log.see("serg", community)
        log.see("serg", uuid4())
        log.mark(community)
        assert log.unseen("serg") == {community}


class TestForgetting:
    def test_tabs_are_forgotten_after_two_days(self, log: UpdateLog, community: UUID, stores: Stores) -> None:
        log.mark(community)
        log.take("serg", "tab")
        stores.pass_time(DAY)
        assert stores.updates.forget_expired(10) == 0
        stores.pass_time(DAY + 60)
        assert stores.updates.forget_expired(10) == 1

    def test_one_that_comes_back_begins_as_a_new_one(self, log: UpdateLog, community: UUID, stores: Stores) -> None:
        log.mark(community)
        log.take("serg", "tab")
        stores.pass_time(3 * DAY)
        stores.updates.forget_expired(10)
        assert list(log.take("serg", "tab")) == [community]

    def test_what_was_seen_stays_seen(self, log: UpdateLog, community: UUID, stores: Stores) -> None:
        log.mark(community)
        log.see("serg", community)
        stores.pass_time(30 * DAY)
        assert stores.updates.forget_expired(10) == 0
        assert log.unseen("serg") == frozenset()
