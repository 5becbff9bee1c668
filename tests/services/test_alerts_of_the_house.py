"""What administrators are told of the installation itself: workers, queue, disk, cleanup, budgets, passwords."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.alerts import Alert, Severity, Trouble
from app.domain.errors import FaultKind
from app.domain.slot import Policy
from app.ports.media import Room
from app.ports.providers import Connection
from tests.factories import new_job
from tests.services.house import BACKUP, LOCAL, RIVAL
from tests.services.studio import Studio

GB = 10**9
HOUR = 3600.0
FINE_BACKUP = replace(BACKUP, settings={"model": "fine"})


@pytest.fixture
def studio() -> Studio:
    """Up for an hour, and all is well."""
    studio = Studio()
    studio.up_seconds = HOUR
    studio.works_well()
    return studio


def only(studio: Studio) -> Alert:
    [alert] = studio.service.active()
    return alert


def slots_of(alert: Alert) -> list[str]:
    return [slot.id for slot in alert.slots]


def test_a_house_that_works_well_has_nothing_to_tell(studio: Studio) -> None:
    assert studio.service.active() == []


class TestWorkers:
    def test_that_the_last_one_is_silent_is_told(self, studio: Studio) -> None:
        studio.database.pass_time(14)
        assert studio.service.active() == []
        seen_at = studio.stores.monitor.vitals().worker_seen_at
        studio.database.pass_time(2)
        assert only(studio) == Alert(Trouble.NO_WORKER, since=seen_at)
        assert only(studio).severity is Severity.BAD

    def test_another_one_is_enough(self, studio: Studio) -> None:
        studio.database.pass_time(60)
        studio.stores.heartbeats.beat("worker-2", "worker")
        assert studio.service.active() == []

    def test_one_that_never_came_is_missed_too(self) -> None:
        studio = Studio()
        studio.up_seconds = 31
        assert only(studio) == Alert(Trouble.NO_WORKER)

    def test_whoever_starts_together_with_us_is_given_time(self) -> None:
        studio = Studio()
        studio.up_seconds = 29
        assert studio.service.active() == []


class TestQueue:
    def wait(self, studio: Studio, seconds: float) -> None:
        """Time passes, and the worker lives."""
        studio.database.pass_time(seconds)
        studio.stores.heartbeats.beat("worker-1", "worker")

    def test_jobs_that_no_living_worker_takes_are_told(self, studio: Studio) -> None:
        studio.queue.enqueue(new_job())
        self.wait(studio, 19)
        assert studio.service.active() == []
        self.wait(studio, 2)
        assert only(studio).kind is Trouble.QUEUE_STUCK
        assert only(studio).since == studio.stores.monitor.vitals().waiting_since

    def test_where_all_are_busy_one_is_taken_now_and_then(self, studio: Studio) -> None:
        for _ in range(2):
            studio.queue.enqueue(new_job())
        self.wait(studio, 15)
        studio.queue.claim("worker-1", 1)
        self.wait(studio, 10)
        assert studio.service.active() == []

    def test_without_any_worker_that_is_said_alone(self, studio: Studio) -> None:
        studio.queue.enqueue(new_job())
        studio.database.pass_time(30)
        assert only(studio).kind is Trouble.NO_WORKER


class TestCleanup:
    def hours_later(self, studio: Studio, hours: float) -> None:
        studio.database.pass_time(hours * HOUR)
        studio.stores.heartbeats.beat("worker-1", "worker")

    def test_that_none_has_ended_for_long_is_told(self, studio: Studio) -> None:
        self.hours_later(studio, 0.74)
        assert studio.service.active() == []
        self.hours_later(studio, 0.02)
        alert = only(studio)
        assert (alert.kind, alert.severity) == (Trouble.CLEANUP_STALE, Severity.WARNING)
        assert alert.since == studio.stores.monitor.vitals().purged_at

    def test_one_that_has_just_been_started_is_given_time(self) -> None:
        studio = Studio()
        studio.stores.heartbeats.beat("worker-1", "worker")
        studio.up_seconds = 299
        assert studio.service.active() == []
        studio.up_seconds = 301
        assert only(studio) == Alert(Trouble.CLEANUP_STALE)


class TestDisk:
    @pytest.mark.parametrize(
        ("free", "total", "kind"),
        [
            (0.9, 100, Trouble.DISK_FULL),
            (0.9, 4, Trouble.DISK_FULL),
            (1.1, 10, None),
            (4.9, 100, Trouble.DISK_LOW),
            (5.1, 100, None),
            (19, 4000, Trouble.DISK_LOW),
            (21, 4000, None),
        ],
        ids=str,
    )
    def test_what_is_left_is_told_below_a_gigabyte_and_below_a_twentieth(
        self, studio: Studio, free: float, total: float, kind: Trouble | None
    ) -> None:
        studio.media.left = Room(int(free * GB), int(total * GB))
        assert [alert.kind for alert in studio.service.active()] == ([kind] if kind else [])

    def test_full_is_worse_than_low_and_says_how_much_is_left(self, studio: Studio) -> None:
        studio.media.left = Room(GB // 2, 40 * GB)
        assert (only(studio).severity, only(studio).message) == (Severity.BAD, "0.5 / 40 GB")
        studio.media.left = Room(19 * GB // 10, 40 * GB)
        assert (only(studio).severity, only(studio).message) == (Severity.WARNING, "1.9 / 40 GB")

    def test_a_store_that_does_not_answer_hides_no_other_alert(self, studio: Studio) -> None:
        studio.media.unavailable = True
        studio.database.pass_time(60)
        assert only(studio).kind is Trouble.NO_WORKER


class TestBudgets:
    def limit(self, studio: Studio, slot_id: str, usd: float) -> None:
        studio.set_up(slot_id, BACKUP, policy=Policy(daily_budget_usd=usd))

    def limit_provider(self, studio: Studio, usd: str) -> None:
        studio.connections.changed["backup"] = Connection("https://a.example", "key", daily_budget_usd=Decimal(usd))

    def test_of_a_slot_from_four_fifths_on(self, studio: Studio) -> None:
        self.limit(studio, "slot-003", 2)
        studio.spend("slot-003", "1.59")
        assert studio.service.active() == []
        studio.spend("slot-003", "0.15")
        alert = only(studio)
        assert (alert.kind, alert.message, alert.severity) == (Trouble.BUDGET_LOW, "85 %", Severity.WARNING)
        assert slots_of(alert) == ["slot-003"]

    def test_it_is_spent_when_the_cheapest_picture_does_not_fit_any_more(self, studio: Studio) -> None:
        self.limit(studio, "slot-003", 2)
        studio.spend("slot-003", "1.96")
        assert only(studio).kind is Trouble.BUDGET_LOW
        studio.spend("slot-003", "0.01")
        assert (only(studio).kind, only(studio).message, only(studio).severity) == (
            Trouble.BUDGET_SPENT,
            "",
            Severity.BAD,
        )

    def test_slots_in_the_same_state_are_told_together(self, studio: Studio) -> None:
        for slot_id in ("slot-005", "slot-003"):
            self.limit(studio, slot_id, 1)
            studio.spend(slot_id, "1")
        assert slots_of(only(studio)) == ["slot-003", "slot-005"]

    def test_of_a_provider_with_the_slots_that_ask_it(self, studio: Studio) -> None:
        self.limit_provider(studio, "10")
        studio.set_up("slot-003", BACKUP)
        studio.set_up("slot-004", LOCAL, FINE_BACKUP)
        studio.spend("slot-003", "9")
        alert = only(studio)
        assert (alert.kind, alert.provider, alert.message) == (Trouble.BUDGET_LOW, "backup", "90 %")
        assert slots_of(alert) == ["slot-003", "slot-004"]
        studio.spend("slot-003", "0.97")
        assert only(studio).kind is Trouble.BUDGET_SPENT

    def test_a_provider_that_nobody_asks_needs_no_money(self, studio: Studio) -> None:
        self.limit_provider(studio, "0")
        assert studio.service.active() == []

    def test_a_slot_whose_steps_are_free_needs_none_either(self, studio: Studio) -> None:
        studio.set_up("slot-003", LOCAL, policy=Policy(daily_budget_usd=0))
        assert studio.service.active() == []

    def test_that_a_call_was_refused_for_it_is_not_told_beside_it(self, studio: Studio) -> None:
        self.limit(studio, "slot-003", 1)
        studio.spend("slot-003", "1")
        studio.note("backup", FaultKind.LIMIT_REACHED, slot_id="slot-003")
        assert only(studio).kind is Trouble.BUDGET_SPENT

    def test_but_that_another_ones_quota_is_used_up_is(self, studio: Studio) -> None:
        self.limit_provider(studio, "1")
        studio.set_up("slot-003", BACKUP, RIVAL)
        studio.spend("slot-003", "1")
        studio.note("rival", FaultKind.LIMIT_REACHED, slot_id="slot-003")
        assert studio.told() == [("backup", "budget_spent"), ("rival", "limit_reached")]


class TestPasswords:
    def refuse(self, studio: Studio, slot_id: str, times: int) -> None:
        for _ in range(times):
            studio.stores.request_log.refused(slot_id, "invalid_password", {})

    def test_one_that_is_wrong_again_and_again_is_told_with_the_slot(self, studio: Studio) -> None:
        self.refuse(studio, "slot-003", 2)
        assert studio.service.active() == []
        self.refuse(studio, "slot-003", 1)
        alert = only(studio)
        assert (alert.kind, alert.severity) == (Trouble.WRONG_PASSWORD, Severity.WARNING)
        assert slots_of(alert) == ["slot-003"]

    def test_links_that_lead_to_no_slot_are_nobodys_booth(self, studio: Studio) -> None:
        self.refuse(studio, "slot-099", 5)
        assert studio.service.active() == []

    def test_it_is_over_when_it_has_been_quiet_for_a_while(self, studio: Studio) -> None:
        self.refuse(studio, "slot-003", 3)
        studio.database.pass_time(601)
        studio.stores.heartbeats.beat("worker-1", "worker")
        assert studio.service.active() == []


def test_what_costs_photos_now_comes_first(studio: Studio) -> None:
    studio.media.left = Room(4 * GB, 100 * GB)
    studio.set_up("slot-003", BACKUP)
    studio.note("backup", FaultKind.KEY_REFUSED)
    studio.database.pass_time(60)
    assert [alert.kind for alert in studio.service.active()] == [
        Trouble.NO_WORKER,
        FaultKind.KEY_REFUSED,
        Trouble.DISK_LOW,
    ]
