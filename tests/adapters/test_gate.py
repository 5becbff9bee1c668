"""Quotas and budgets: the contract of ports.ProviderGate, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from app.domain.catalogue import Quota
from app.domain.errors import FaultKind
from app.domain.limits import Verdict
from app.domain.reactions import BREAKER_FAILURES
from app.ports.providers import ProviderGate
from tests.adapters.gate_calls import (
    ASK,
    FREE,
    OTHER_MODEL,
    OTHER_PROVIDER,
    OTHER_SLOT,
    Stores,
    broken,
    early_in_a_minute,
    fail,
    fault,
    let_in,
    seconds_to_midnight,
    succeed,
    verdicts,
)
from tests.support.postgres_stores import PostgresStores


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
    def test_a_day_ends_at_the_midnight_of_the_provider(self, gate: ProviderGate, stores: Stores, zone: str) -> None:
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
