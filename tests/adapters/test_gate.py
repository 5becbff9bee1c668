"""Breakers, quotas and budgets: the contract of ports.ProviderGate, held by PostgreSQL and by the twin in memory."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.domain.catalogue import Quota
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.domain.limits import Admission, Ask, ProviderAlert, Verdict
from app.domain.reactions import BREAKER_FAILURES, BREAKER_SECONDS, LONGEST_PAUSE_SECONDS
from app.ports.providers import ProviderGate
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.waiting import until

Stores = MemoryStores | PostgresStores
ASK = Ask("gemini", "flash", "slot-001", Decimal("0.04"))
OTHER_MODEL = replace(ASK, model="pro")
OTHER_PROVIDER = replace(ASK, provider="openai")
OTHER_SLOT = replace(ASK, slot_id="slot-002")
FREE = Decimal(0)


@pytest.fixture
def gate(stores: Stores) -> ProviderGate:
    return stores.gate


def fault(kind: FaultKind, message: str = "It went wrong.", retry_after: float | None = None) -> ProviderFault:
    return ProviderFault(kind, message, permanent=True, retry_after=retry_after)


def let_in(gate: ProviderGate, ask: Ask = ASK, *, probe: bool = False) -> Admission:
    admission = gate.admit(ask, probe=probe)
    assert admission.verdict is Verdict.ADMITTED
    return admission


def fail(gate: ProviderGate, *faults: ProviderFault, ask: Ask = ASK) -> None:
    """Calls that were all let in before the first of them failed."""
    admissions = [let_in(gate, ask) for _ in faults]
    for admission, one in zip(admissions, faults, strict=True):
        gate.settle(ask, admission, cost_usd=FREE, fault=one)


def succeed(gate: ProviderGate, ask: Ask = ASK, admission: Admission | None = None) -> None:
    gate.settle(ask, admission or let_in(gate, ask), cost_usd=ask.price_usd, fault=None)


def broken(gate: ProviderGate, ask: Ask = ASK) -> None:
    """The model's breaker is opened by counting."""
    fail(gate, *[fault(FaultKind.OVERLOADED)] * BREAKER_FAILURES, ask=ask)


def verdicts(gate: ProviderGate, ask: Ask, calls: int) -> list[Verdict]:
    return [gate.admit(ask).verdict for _ in range(calls)]


def only_alert(gate: ProviderGate) -> ProviderAlert:
    [alert] = gate.alerts()
    return alert


def seconds_to_midnight(zone: str) -> float:
    now = datetime.now(ZoneInfo(zone))
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight.astimezone(UTC) - now).total_seconds()


def early_in_a_minute() -> None:
    until(lambda: datetime.now(UTC).second < 55, what="some of the minute is left")


class TestQuotas:
    def test_a_minute_takes_what_it_may_and_the_next_begins_anew(self, gate: ProviderGate, stores: Stores) -> None:
        limited = replace(ASK, quota=Quota(per_minute=2))
        early_in_a_minute()
        assert verdicts(gate, limited, 2) == [Verdict.ADMITTED] * 2
        refusal = gate.admit(limited)
        assert refusal.verdict is Verdict.QUOTA_USED
        assert refusal.retry_after is not None
        assert 0 < refusal.retry_after <= 60
        stores.pass_time(60)
        assert verdicts(gate, limited, 3) == [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.QUOTA_USED]

    @pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata"])
    def test_a_day_ends_at_the_midnight_of_the_provider(
        self, gate: ProviderGate, stores: Stores, zone: str
    ) -> None:
        limited = replace(ASK, quota=Quota(per_day=1, day_zone=zone))
        let_in(gate, limited)
        refusal = gate.admit(limited)
        assert refusal.verdict is Verdict.QUOTA_USED
        assert refusal.retry_after == pytest.approx(seconds_to_midnight(zone), abs=5)
        stores.pass_time(26 * 3600)
        let_in(gate, limited)

    def test_a_providers_models_share_its_quota_and_others_do_not(self, gate: ProviderGate) -> None:
        quota = Quota(per_day=1)
        let_in(gate, replace(ASK, quota=quota))
        assert gate.admit(replace(OTHER_MODEL, quota=quota)).verdict is Verdict.QUOTA_USED
        let_in(gate, replace(OTHER_PROVIDER, quota=quota))

    def test_what_is_refused_for_another_reason_is_not_counted(self, gate: ProviderGate) -> None:
        limited = replace(ASK, quota=Quota(per_day=BREAKER_FAILURES + 1))
        broken(gate, limited)
        assert verdicts(gate, limited, 3) == [Verdict.PAUSED] * 3
        gate.reopen("gemini")
        assert verdicts(gate, limited, 2) == [Verdict.ADMITTED, Verdict.QUOTA_USED]


class TestBudgets:
    def test_a_provider_never_gets_more_than_its_budget(self, gate: ProviderGate, stores: Stores) -> None:
        limited = replace(ASK, provider_budget_usd=Decimal("0.10"))
        assert verdicts(gate, limited, 2) == [Verdict.ADMITTED] * 2
        refusal = gate.admit(replace(limited, model="pro", slot_id="slot-002"))
        assert refusal.verdict is Verdict.PROVIDER_BUDGET_SPENT
        assert refusal.retry_after == pytest.approx(seconds_to_midnight("UTC"), abs=5)
        stores.pass_time(24 * 3600)
        let_in(gate, limited)

    def test_a_slots_budget_counts_what_it_spends_at_all_providers(self, gate: ProviderGate) -> None:
        let_in(gate, replace(ASK, slot_budget_usd=Decimal("0.07")))
        assert gate.admit(replace(OTHER_PROVIDER, slot_budget_usd=Decimal("0.07"))).verdict is Verdict.SLOT_BUDGET_SPENT
        let_in(gate, replace(OTHER_SLOT, slot_budget_usd=Decimal("0.07")))

    def test_what_the_slot_may_not_spend_is_not_taken_from_the_provider(self, gate: ProviderGate) -> None:
        for _ in range(3):
            assert gate.admit(replace(ASK, slot_budget_usd=FREE)).verdict is Verdict.SLOT_BUDGET_SPENT
        let_in(gate, replace(ASK, provider_budget_usd=Decimal("0.04")))

    def test_what_a_call_did_not_cost_is_given_back(self, gate: ProviderGate) -> None:
        limited = replace(ASK, provider_budget_usd=Decimal("0.04"), slot_budget_usd=Decimal("0.04"))
        for _ in range(3):
            fail(gate, fault(FaultKind.NO_IMAGE), ask=limited)
        succeed(gate, limited)
        assert gate.admit(limited).verdict is Verdict.PROVIDER_BUDGET_SPENT

    def test_what_a_call_cost_more_counts_too(self, gate: ProviderGate) -> None:
        limited = replace(ASK, slot_budget_usd=Decimal("0.12"))
        gate.settle(limited, let_in(gate, limited), cost_usd=Decimal("0.09"), fault=None)
        assert gate.admit(limited).verdict is Verdict.SLOT_BUDGET_SPENT

    def test_a_call_without_a_price_needs_no_budget(self, gate: ProviderGate) -> None:
        let_in(gate, replace(ASK, price_usd=FREE, slot_budget_usd=FREE, provider_budget_usd=FREE))

    def test_a_call_that_could_not_ask_has_spent_all_the_same(self, gate: ProviderGate) -> None:
        gate.settle(ASK, None, cost_usd=Decimal("0.04"), fault=None)
        assert gate.admit(replace(ASK, slot_budget_usd=Decimal("0.07"))).verdict is Verdict.SLOT_BUDGET_SPENT

    def test_a_call_over_midnight_is_corrected_on_the_day_that_paid_for_it(self, gate: ProviderGate) -> None:
        limited = replace(ASK, provider_budget_usd=Decimal("0.04"))
        admission = let_in(gate, limited)
        assert admission.reserved_at is not None
        yesterday = replace(admission, reserved_at=admission.reserved_at - timedelta(days=1))
        gate.settle(limited, yesterday, cost_usd=FREE, fault=fault(FaultKind.HANG))
        assert gate.admit(limited).verdict is Verdict.PROVIDER_BUDGET_SPENT


class TestBreakers:
    def test_five_counted_faults_in_a_row_pause_the_model(self, gate: ProviderGate) -> None:
        kinds = (FaultKind.HANG, FaultKind.OVERLOADED, FaultKind.CONNECTION_LOST, FaultKind.INVALID_OUTPUT)
        fail(gate, *map(fault, kinds))
        fail(gate, fault(FaultKind.HANG))
        refusal = gate.admit(ASK)
        assert refusal.verdict is Verdict.PAUSED
        assert refusal.retry_after == pytest.approx(BREAKER_SECONDS, abs=2)
        let_in(gate, OTHER_MODEL)

    def test_a_success_between_them_begins_the_row_anew(self, gate: ProviderGate) -> None:
        for _ in range(3):
            fail(gate, *[fault(FaultKind.HANG)] * (BREAKER_FAILURES - 1))
            succeed(gate)

    def test_faults_that_say_nothing_of_its_health_neither_count_nor_end_the_row(self, gate: ProviderGate) -> None:
        fail(gate, *[fault(FaultKind.NO_IMAGE)] * BREAKER_FAILURES)
        fail(gate, *[fault(FaultKind.HANG)] * (BREAKER_FAILURES - 1), fault(FaultKind.CONTENT_BLOCKED))
        fail(gate, fault(FaultKind.HANG))
        assert gate.admit(ASK).verdict is Verdict.PAUSED

    @pytest.mark.parametrize(
        ("one", "seconds"),
        [
            (fault(FaultKind.KEY_REFUSED), 60),
            (fault(FaultKind.MODEL_GONE), 60),
            (fault(FaultKind.QUOTA_EXHAUSTED), 3600),
            (fault(FaultKind.QUOTA_EXHAUSTED, retry_after=7200), 7200),
            (fault(FaultKind.QUOTA_EXHAUSTED, retry_after=1e9), LONGEST_PAUSE_SECONDS),
        ],
    )
    def test_some_faults_pause_at_once(self, gate: ProviderGate, one: ProviderFault, seconds: float) -> None:
        fail(gate, one)
        assert gate.admit(ASK).retry_after == pytest.approx(seconds, abs=2)

    def test_a_refused_key_pauses_all_models_of_the_provider_and_nobody_else(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.KEY_REFUSED))
        assert gate.admit(OTHER_MODEL).verdict is Verdict.PAUSED
        let_in(gate, OTHER_PROVIDER)

    def test_a_short_pause_does_not_end_a_long_one(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED), *[fault(FaultKind.HANG)] * BREAKER_FAILURES)
        assert gate.admit(ASK).retry_after == pytest.approx(3600, abs=2)
        assert only_alert(gate).kind is FaultKind.QUOTA_EXHAUSTED

    def test_a_success_that_was_on_its_way_closes_it(self, gate: ProviderGate) -> None:
        admission = let_in(gate)
        broken(gate)
        succeed(gate, admission=admission)
        assert verdicts(gate, ASK, 3) == [Verdict.ADMITTED] * 3

    def test_an_administrators_change_closes_all_of_the_provider(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.MODEL_GONE), fault(FaultKind.KEY_REFUSED))
        fail(gate, fault(FaultKind.KEY_REFUSED), ask=OTHER_PROVIDER)
        gate.reopen("gemini")
        assert [alert.provider for alert in gate.alerts()] == ["openai"]
        let_in(gate)


class TestHalfOpenBreakers:
    """The pause is over, and one call finds out."""

    @pytest.fixture(autouse=True)
    def _half_open(self, gate: ProviderGate, stores: Stores) -> None:
        broken(gate)
        stores.pass_time(BREAKER_SECONDS + 1)

    def test_one_call_is_let_in_and_others_wait_for_it(self, gate: ProviderGate) -> None:
        admission, refusal = let_in(gate), gate.admit(ASK)
        assert admission.is_probe
        assert refusal.verdict is Verdict.PAUSED
        assert refusal.retry_after == pytest.approx(10, abs=2)

    def test_its_success_lets_all_in(self, gate: ProviderGate) -> None:
        succeed(gate)
        assert verdicts(gate, ASK, 3) == [Verdict.ADMITTED] * 3
        assert not let_in(gate).is_probe

    def test_its_failure_is_one_more_pause(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.HANG))
        assert gate.admit(ASK).retry_after == pytest.approx(BREAKER_SECONDS, abs=2)

    @pytest.mark.parametrize("kind", [FaultKind.NO_IMAGE, FaultKind.CANCELLED, FaultKind.BAD_ARGUMENT])
    def test_one_that_found_nothing_out_lets_the_next_try(self, gate: ProviderGate, kind: FaultKind) -> None:
        fail(gate, fault(kind))
        assert verdicts(gate, ASK, 2) == [Verdict.ADMITTED, Verdict.PAUSED]

    def test_one_that_never_ended_is_waited_for_no_longer_than_ten_seconds(
        self, gate: ProviderGate, stores: Stores
    ) -> None:
        let_in(gate)
        stores.pass_time(9)
        assert gate.admit(ASK).verdict is Verdict.PAUSED
        stores.pass_time(1.1)
        let_in(gate)

    def test_a_fault_of_a_call_that_was_on_its_way_does_not_let_a_second_in(self, gate: ProviderGate) -> None:
        let_in(gate)
        gate.settle(ASK, Admission(Verdict.ADMITTED), cost_usd=FREE, fault=fault(FaultKind.NO_IMAGE))
        gate.settle(ASK, Admission(Verdict.ADMITTED), cost_usd=FREE, fault=fault(FaultKind.HANG))
        assert gate.admit(ASK, probe=True).verdict is Verdict.PAUSED

    def test_a_fault_of_the_provider_leaves_the_model_for_the_next_to_find_out(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.KEY_REFUSED))
        succeed(gate, admission=let_in(gate, probe=True))
        assert gate.alerts() == []


class TestProbes:
    def test_through_a_closed_breaker_it_is_a_call_like_others(self, gate: ProviderGate) -> None:
        assert not let_in(gate, probe=True).is_probe
        assert not let_in(gate, probe=True).is_probe

    def test_one_at_a_time_goes_through_an_open_one(self, gate: ProviderGate) -> None:
        broken(gate)
        probe = let_in(gate, probe=True)
        assert probe.is_probe
        assert gate.admit(ASK, probe=True).retry_after == pytest.approx(10, abs=2)
        gate.settle(ASK, probe, cost_usd=FREE, fault=fault(FaultKind.OVERLOADED))
        assert gate.admit(ASK).verdict is Verdict.PAUSED
        succeed(gate, admission=let_in(gate, probe=True))
        let_in(gate)

    def test_an_exhausted_quota_is_tried_once_a_minute(self, gate: ProviderGate, stores: Stores) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED))
        assert gate.admit(ASK, probe=True).retry_after == pytest.approx(60, abs=2)
        stores.pass_time(61)
        probe = let_in(gate, probe=True)
        gate.settle(ASK, probe, cost_usd=FREE, fault=fault(FaultKind.NO_IMAGE))
        assert gate.admit(ASK, probe=True).retry_after == pytest.approx(60, abs=2)
        stores.pass_time(61)
        succeed(gate, admission=let_in(gate, probe=True))
        let_in(gate)

    def test_a_quota_that_is_reset_soon_is_not_waited_for_longer(self, gate: ProviderGate, stores: Stores) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED, retry_after=20))
        stores.pass_time(21)
        let_in(gate)

    def test_it_passes_no_limit(self, gate: ProviderGate) -> None:
        limited = replace(ASK, quota=Quota(per_day=BREAKER_FAILURES))
        broken(gate, limited)
        assert gate.admit(limited, probe=True).verdict is Verdict.QUOTA_USED
        assert let_in(gate, probe=True).is_probe, "what a limit refused was no probe"

    def test_it_goes_through_the_models_and_the_providers_at_once(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.MODEL_GONE), fault(FaultKind.KEY_REFUSED))
        probe = let_in(gate, probe=True)
        assert gate.admit(OTHER_MODEL, probe=True).verdict is Verdict.PAUSED
        succeed(gate, admission=probe)
        assert verdicts(gate, ASK, 2) == [Verdict.ADMITTED] * 2


class TestAlerts:
    def test_what_administrators_must_mend_is_told_at_once(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.KEY_REFUSED, "The key was refused."))
        alert = only_alert(gate)
        assert (alert.provider, alert.model, alert.kind) == ("gemini", "", FaultKind.KEY_REFUSED)
        assert alert.message == "The key was refused."
        assert alert.open_until is not None
        assert (alert.open_until - alert.since).total_seconds() == pytest.approx(60, abs=1)

    def test_a_breaker_opened_by_counting_names_the_last_fault(self, gate: ProviderGate) -> None:
        fail(gate, *[fault(FaultKind.HANG)] * (BREAKER_FAILURES - 1))
        assert gate.alerts() == []
        fail(gate, fault(FaultKind.OVERLOADED, "The model is overloaded."))
        alert = only_alert(gate)
        assert (alert.model, alert.kind, alert.message) == ("flash", FaultKind.OVERLOADED, "The model is overloaded.")

    def test_it_is_as_old_as_its_kind(self, gate: ProviderGate, stores: Stores) -> None:
        gate.note(ASK, fault(FaultKind.NOT_CONFIGURED, "first"))
        stores.pass_time(60)
        gate.note(ASK, fault(FaultKind.NOT_CONFIGURED, "second"))
        same = only_alert(gate)
        gate.note(ASK, fault(FaultKind.BAD_ARGUMENT))
        other = only_alert(gate)
        assert same.message == "second"
        assert (other.since - same.since).total_seconds() == pytest.approx(60, abs=2)

    def test_what_is_only_noted_pauses_nothing(self, gate: ProviderGate) -> None:
        for _ in range(BREAKER_FAILURES + 1):
            gate.note(ASK, fault(FaultKind.UNREACHABLE))
        gate.note(ASK, fault(FaultKind.KEY_REFUSED))
        gate.note(OTHER_MODEL, fault(FaultKind.PAUSED))
        assert {(alert.model, alert.open_until) for alert in gate.alerts()} == {("flash", None), ("", None)}
        let_in(gate)

    def test_it_does_not_hide_why_a_breaker_is_open(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED), fault(FaultKind.BAD_ARGUMENT))
        gate.note(ASK, fault(FaultKind.LIMIT_REACHED))
        assert only_alert(gate).kind is FaultKind.QUOTA_EXHAUSTED

    def test_a_success_clears_the_models_and_the_providers(self, gate: ProviderGate) -> None:
        gate.note(ASK, fault(FaultKind.BAD_ARGUMENT))
        gate.note(ASK, fault(FaultKind.KEY_REFUSED))
        gate.note(OTHER_MODEL, fault(FaultKind.BAD_ARGUMENT))
        succeed(gate)
        assert only_alert(gate).model == "pro"

    def test_what_stops_work_comes_first_then_what_is_new(self, gate: ProviderGate, stores: Stores) -> None:
        fail(gate, fault(FaultKind.KEY_REFUSED))
        gate.note(ASK, fault(FaultKind.BAD_ARGUMENT))
        stores.pass_time(1)
        gate.note(OTHER_MODEL, fault(FaultKind.BAD_ARGUMENT))
        assert [alert.model for alert in gate.alerts()] == ["", "pro", "flash"]

    def test_it_stays_when_the_pause_is_over(self, gate: ProviderGate, stores: Stores) -> None:
        broken(gate)
        stores.pass_time(BREAKER_SECONDS + 1)
        assert only_alert(gate).open_until is None


def test_what_is_forty_days_old_is_forgotten(stores: Stores) -> None:
    fail(stores.gate, fault(FaultKind.KEY_REFUSED))
    stores.pass_time(39 * 24 * 3600)
    assert stores.gate.forget_expired(100) == 0
    stores.gate.note(OTHER_PROVIDER, fault(FaultKind.NOT_CONFIGURED))
    let_in(stores.gate, OTHER_PROVIDER)
    stores.pass_time(2 * 24 * 3600)
    assert stores.gate.forget_expired(2) + stores.gate.forget_expired(100) == 5  # two calls', two money's, the alert
    assert [alert.provider for alert in stores.gate.alerts()] == ["openai"]


class TestPostgres:
    @pytest.fixture
    def stores(self, shared_postgres: PostgresStores) -> PostgresStores:
        shared_postgres.reset()
        return shared_postgres

    def test_openings_closings_and_limits_are_in_the_log(self, gate: ProviderGate) -> None:
        with capture_logs() as entries:
            broken(gate)
            succeed(gate, admission=let_in(gate, probe=True))
            gate.admit(replace(ASK, slot_budget_usd=FREE))
        names = {"provider": "gemini", "model": "flash"}
        assert entries == [
            {"event": "breaker_opened", "log_level": "warning", "fault": "overloaded", "seconds": 30, **names},
            {"event": "breaker_closed", "log_level": "info", **names},
            {
                "event": "limit_reached",
                "log_level": "warning",
                "limit": "slot_budget_spent",
                "slot_id": "slot-001",
                **names,
            },
        ]

    def test_nobody_waits_long_and_what_nobody_waited_for_is_not_counted(
        self, gate: ProviderGate, stores: PostgresStores
    ) -> None:
        limited = replace(ASK, quota=Quota(per_day=1))
        with stores.transaction() as session, ThreadPoolExecutor(1) as worker:
            session.execute(text("SELECT pg_advisory_xact_lock(7060803)"))
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable):
                worker.submit(gate.admit, limited).result()
            assert time.monotonic() - began < 2
        let_in(gate, limited)
