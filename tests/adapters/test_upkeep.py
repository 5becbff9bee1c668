"""The contracts of purges, heartbeats, refusals and rows that expire, held by PostgreSQL and by the twins in memory."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.errors import DatabaseUnavailable
from app.domain.job_log import Wanted
from app.ports.access import Account, Scope
from app.ports.upkeep import ExpiringRows, Purge
from tests.factories import new_job
from tests.queue.counting import counted
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
DAY = 24 * 3600
YEAR = 365 * DAY


class TestPurges:
    def started(self, stores: Stores) -> Purge:
        purge = stores.purges.start()
        assert purge is not None
        return purge

    def test_nothing_runs_that_nobody_asked_for(self, stores: Stores) -> None:
        assert stores.purges.start() is None
        assert stores.purges.get(1_000_000) is None

    def test_a_run_goes_from_request_to_counts(self, stores: Stores) -> None:
        asked = stores.purges.request("serg")
        assert (asked.requested_by, asked.started_at, asked.finished_at, asked.counts) == ("serg", None, None, None)
        started = self.started(stores)
        assert (started.id, started.requested_at) == (asked.id, asked.requested_at)
        assert started.started_at is not None
        assert stores.purges.finish(started, {"results": 4, "bytes": 91_422_104_000})
        done = stores.purges.get(asked.id)
        assert done is not None
        assert done.finished_at is not None
        assert done.counts == {"results": 4, "bytes": 91_422_104_000}
        assert stores.purges.start() is None

    def test_who_asks_while_one_is_queued_gets_that_one(self, stores: Stores) -> None:
        first = stores.purges.request(None)
        assert stores.purges.request("serg") == first

    def test_who_asks_while_one_runs_gets_the_next(self, stores: Stores) -> None:
        stores.purges.request(None)
        running = self.started(stores)
        assert stores.purges.request("serg").id != running.id

    def test_one_runs_at_a_time(self, stores: Stores) -> None:
        stores.purges.request(None)
        running = self.started(stores)
        asked = stores.purges.request("serg")
        assert stores.purges.start() is None
        assert stores.purges.finish(running, {})
        assert self.started(stores).id == asked.id

    def test_a_run_whose_process_died_is_run_again(self, stores: Stores) -> None:
        abandoned = stores.purges.request("serg")
        self.started(stores)
        stores.purges.request("igor")
        stores.pass_time(29)
        assert stores.purges.start() is None
        stores.pass_time(2)
        assert self.started(stores).id == abandoned.id

    def test_a_run_that_is_renewed_may_last(self, stores: Stores) -> None:
        stores.purges.request("serg")
        running = self.started(stores)
        for _ in range(4):
            stores.pass_time(20)
            assert stores.purges.renew(running)
            assert stores.purges.start() is None

    def test_a_run_that_is_given_back_is_as_good_as_new(self, stores: Stores) -> None:
        asked = stores.purges.request("serg")
        stores.purges.release(self.started(stores))
        assert stores.purges.request("igor").id == asked.id
        again = self.started(stores)
        assert (again.id, again.attempt) == (asked.id, 2)

    def test_who_was_taken_for_dead_changes_nothing_any_more(self, stores: Stores) -> None:
        stores.purges.request("serg")
        frozen = self.started(stores)
        stores.pass_time(31)
        running = self.started(stores)
        stores.purges.release(frozen)
        assert [stores.purges.renew(frozen), stores.purges.finish(frozen, {})] == [False, False]
        assert stores.purges.start() is None
        assert [stores.purges.renew(running), stores.purges.finish(running, {"results": 1})] == [True, True]
        assert [stores.purges.renew(running), stores.purges.finish(running, {})] == [False, False]
        done = stores.purges.get(running.id)
        assert done is not None
        assert done.counts == {"results": 1}

    def test_of_two_schedulers_one_gets_the_run(self, stores: Stores) -> None:
        stores.purges.request(None)
        start = Barrier(4)

        def take(_: int) -> Purge | None:
            start.wait()
            return stores.purges.start()

        with ThreadPoolExecutor(4) as threads:
            assert len([purge for purge in threads.map(take, range(4)) if purge]) == 1


class TestRowsThatExpire:
    def fill(self, stores: Stores) -> None:
        """Five rows in each table."""
        stores.accounts.add(Account("serg", "hash"))
        for number in range(5):
            stores.tokens.issue(str(number), "serg", "upload", Scope.WRITE, 60)
            stores.throttle_of(60).failed(str(number))
            stores.request_log.refused("slot-001", "invalid_password", {})
            stores.purges.request(None)
            purge = stores.purges.start()
            assert purge is not None
            stores.purges.finish(purge, {})

    def tables(self, stores: Stores) -> dict[str, ExpiringRows]:
        return {
            "tokens": stores.tokens,
            "windows": stores.throttle_of(60),
            "refusals": stores.request_log,
            "purges": stores.purges,
        }

    @pytest.mark.parametrize(
        ("rows", "kept_seconds"), [("tokens", 60), ("windows", 60), ("refusals", 90 * DAY), ("purges", 30 * DAY)]
    )
    def test_go_when_their_time_is_over_in_batches(self, stores: Stores, rows: str, kept_seconds: int) -> None:
        table = self.tables(stores)[rows]
        self.fill(stores)
        stores.pass_time(kept_seconds - 30)
        assert table.forget_expired(100) == 0
        stores.pass_time(31)
        assert [table.forget_expired(3) for _ in range(3)] == [3, 2, 0]

    def test_what_still_counts_stays(self, stores: Stores) -> None:
        self.fill(stores)
        asked, job_id = stores.purges.request("serg"), self.failed_job(stores)
        stores.throttle_of(YEAR + 60).failed("longer")
        stores.tokens.issue("longer", "serg", "upload", Scope.WRITE, YEAR + 60)
        told = stores.events(job_id)
        stores.pass_time(YEAR)
        assert [table.forget_expired(100) for table in self.tables(stores).values()] == [5, 5, 5, 5]
        assert stores.tokens.use("longer") is not None
        assert stores.throttle_of(60).retry_after("longer", 1) is not None
        assert stores.purges.get(asked.id) is not None, "nobody has run it yet"
        assert stores.events(job_id) == told != []

    def failed_job(self, stores: Stores) -> UUID:
        job = new_job()
        stores.queue.enqueue(job)
        stores.queue.cancel(job.id)
        return job.id


class TestHeartbeats:
    def test_a_role_lives_as_long_as_one_of_its_processes_is_heard(self, stores: Stores) -> None:
        stores.heartbeats.beat("worker-1", "worker")
        stores.heartbeats.beat("worker-2", "worker")
        stores.pass_time(10)
        stores.heartbeats.beat("worker-2", "worker")
        stores.pass_time(10)
        assert stores.heartbeats.alive("worker")
        stores.pass_time(6)
        assert not stores.heartbeats.alive("worker")

    def test_roles_do_not_answer_for_each_other(self, stores: Stores) -> None:
        stores.heartbeats.beat("cleanup-1", "cleanup")
        assert stores.heartbeats.alive("cleanup")
        assert not stores.heartbeats.alive("worker")

    def test_the_check_asks_and_writes_nothing(self, stores: Stores) -> None:
        stores.heartbeats.check()
        assert not stores.heartbeats.alive("worker")


class TestRequestLog:
    def test_those_that_come_on_and_on_are_written_once_a_minute_and_counted_each(self, stores: Stores) -> None:
        near, far = {"client": "10.0.0.7", "network": "10.0.0.0/24"}, {"client": "10.0.1.7", "network": "10.0.1.0/24"}

        def knock() -> int:
            for slot_id, detail in [("slot-001", near), ("slot-001", near), ("slot-001", far), ("slot-002", near)]:
                stores.request_log.refused(slot_id, "too_many_attempts", detail, once_a_minute=True)
            return stores.job_log.count_refusals(Wanted(), 100)

        assert [knock(), knock()] == [3, 3]
        stores.pass_time(61)
        assert knock() == 6
        assert counted(stores).refused == 12

    def test_a_refusal_without_a_known_slot_is_taken_too(self, stores: Stores) -> None:
        stores.request_log.refused("slot-999", "slot_not_found", {"client": "10.0.0.7"})

    @pytest.mark.parametrize("stores", ["postgres"], indirect=True)
    def test_a_log_that_cannot_be_written_keeps_no_booth_waiting(self, stores: PostgresStores) -> None:
        with stores.database.engine.begin() as connection:
            connection.execute(text("LOCK TABLE processing_log"))
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable):
                stores.request_log.refused("slot-001", "invalid_password", {})
            assert time.monotonic() - began < 3
