"""The contract of ports.Monitor, held by PostgreSQL and by the twin: how the installation is, in one question."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.limits import Ask
from app.ports.alerts import CopyTrouble, Monitor, Vitals
from tests.adapters.test_copies import finish, taken
from tests.factories import new_job
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.web.statements import counted

Stores = MemoryStores | PostgresStores
ASK = Ask("gemini", "flash", "slot-003", Decimal("0.04"), slot_budget_usd=Decimal(1))
DAY = 24 * 3600


@pytest.fixture
def monitor(stores: Stores) -> Monitor:
    return stores.monitor


def test_of_a_house_where_nothing_ever_happened(monitor: Monitor) -> None:
    vitals = monitor.vitals()
    assert vitals == Vitals(vitals.now)
    assert vitals.now.tzinfo is not None


def test_when_any_worker_was_last_seen(monitor: Monitor, stores: Stores) -> None:
    stores.heartbeats.beat("worker-a-1", "worker")
    stores.pass_time(60)
    stores.heartbeats.beat("worker-b-1", "worker")
    stores.pass_time(10)
    stores.heartbeats.beat("web-a-1", "web")
    vitals = monitor.vitals()
    assert vitals.worker_seen_at is not None
    assert (vitals.now - vitals.worker_seen_at).total_seconds() == pytest.approx(10, abs=5)


def test_since_when_jobs_wait_and_when_one_was_last_taken(monitor: Monitor, stores: Stores) -> None:
    stores.queue.enqueue(new_job(age_seconds=20))
    stores.queue.enqueue(new_job(age_seconds=5))
    waiting = monitor.vitals()
    assert waiting.waiting_since is not None
    assert (waiting.now - waiting.waiting_since).total_seconds() == pytest.approx(20, abs=4)
    assert waiting.claimed_at is None
    stores.queue.claim("worker", 2)
    taken = monitor.vitals()
    assert taken.waiting_since is None
    assert taken.claimed_at is not None
    assert (taken.now - taken.claimed_at).total_seconds() < 5


def test_when_the_last_purge_ended(monitor: Monitor, stores: Stores) -> None:
    for _ in range(2):
        stores.purges.request(None)
        purge = stores.purges.start()
        assert purge is not None
        stores.purges.finish(purge, {})
        stores.pass_time(600)
    stores.purges.request(None)
    stores.purges.start()
    vitals = monitor.vitals()
    assert vitals.purged_at is not None
    assert (vitals.now - vitals.purged_at).total_seconds() == pytest.approx(600, abs=10)


def test_what_the_day_has_cost(monitor: Monitor, stores: Stores) -> None:
    for ask in (ASK, ASK, replace(ASK, slot_id="slot-004")):
        assert stores.gate.admit(ask).is_admitted
    found = monitor.vitals().spent_usd
    assert found == {
        "provider:gemini": Decimal("0.12"),
        "slot:slot-003": Decimal("0.08"),
        "slot:slot-004": Decimal("0.04"),
    }
    stores.pass_time(DAY)
    assert monitor.vitals().spent_usd == {}


def test_who_was_asked_with_a_wrong_password_lately(monitor: Monitor, stores: Stores) -> None:
    for reason in ("invalid_password", "invalid_password", "too_many_attempts", "invalid_image"):
        stores.request_log.refused("slot-003", reason, {})
    stores.request_log.refused("slot-004", "invalid_password", {})
    stores.request_log.refused("slot-005", "queue_busy", {})
    assert monitor.vitals().wrong_passwords == {"slot-003": 3, "slot-004": 1}
    stores.pass_time(16 * 60)
    assert monitor.vitals().wrong_passwords == {}


def test_one_question_is_enough(monitor: Monitor) -> None:
    monitor.vitals()  # whatever a new connection asks for comes before
    with counted() as statements:
        monitor.vitals()
    assert len(statements) <= 1


class TestCopies:
    def test_those_that_wait_for_minutes_are_overdue(self, monitor: Monitor, stores: Stores) -> None:
        for slot_id in ("slot-003", "slot-003", "slot-004"):
            finish(stores, slot_id=slot_id)
            stores.pass_time(1)
        order = taken(stores.copies)
        stores.copies.failed(order, "no space left", 5)
        stores.pass_time(290)
        assert monitor.vitals().overdue_copies == {}
        stores.pass_time(20)
        overdue = monitor.vitals().overdue_copies
        assert {slot_id: trouble.error for slot_id, trouble in overdue.items()} == {
            "slot-003": "no space left",
            "slot-004": "",
        }
        since = overdue["slot-003"].since
        assert (monitor.vitals().now - since).total_seconds() == pytest.approx(310, abs=5)

    def test_those_that_are_hidden_are_not(self, monitor: Monitor, stores: Stores) -> None:
        stores.photos.hide([finish(stores)])
        stores.pass_time(310)
        assert monitor.vitals().overdue_copies == {}

    def test_those_that_were_lost_are_told_for_a_day(self, monitor: Monitor, stores: Stores) -> None:
        finish(stores, slot_id="slot-003")
        stores.copies.failed(taken(stores.copies), "no space left", 5)
        stores.pass_time(4 * DAY)
        stores.copies.close()
        lost = monitor.vitals().lost_copies
        assert lost == {"slot-003": CopyTrouble(lost["slot-003"].since, "no space left")}
        assert monitor.vitals().overdue_copies == {}
        stores.pass_time(DAY + 1)
        assert monitor.vitals().lost_copies == {}
