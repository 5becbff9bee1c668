"""What administrators learn of providers: the contract of ports.ProviderGate, held by PostgreSQL and by the twin."""

import pytest

from app.domain.errors import FaultKind
from app.domain.reactions import BREAKER_FAILURES, BREAKER_SECONDS
from app.ports.providers import ProviderGate
from tests.adapters.gate_calls import (
    ASK,
    OTHER_MODEL,
    OTHER_PROVIDER,
    OTHER_SLOT,
    Stores,
    broken,
    fail,
    fault,
    let_in,
    only_alert,
    succeed,
)


class TestAlerts:
    def test_what_administrators_must_mend_is_told_at_once(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.KEY_REFUSED, "The key was refused."))
        alert = only_alert(gate)
        assert (alert.provider, alert.model, alert.kind) == ("gemini", "", FaultKind.KEY_REFUSED)
        assert alert.message == "The key was refused."
        assert alert.open_until is not None
        assert (alert.open_until - alert.since).total_seconds() == pytest.approx(60, abs=5)

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
        assert (other.since - same.since).total_seconds() == pytest.approx(60, abs=5)

    def test_what_is_only_noted_pauses_nothing(self, gate: ProviderGate) -> None:
        for _ in range(BREAKER_FAILURES + 1):
            gate.note(ASK, fault(FaultKind.UNREACHABLE))
        gate.note(ASK, fault(FaultKind.KEY_REFUSED))
        gate.note(OTHER_MODEL, fault(FaultKind.PAUSED))
        assert {(alert.model, alert.open_until) for alert in gate.alerts()} == {("flash", None), ("", None)}
        let_in(gate)

    def test_it_does_not_hide_why_a_breaker_is_open(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED), fault(FaultKind.FORBIDDEN_ADDRESS))
        gate.note(ASK, fault(FaultKind.UNREACHABLE))
        assert only_alert(gate).kind is FaultKind.QUOTA_EXHAUSTED

    def test_a_success_clears_the_models_and_the_providers(self, gate: ProviderGate) -> None:
        gate.note(ASK, fault(FaultKind.FORBIDDEN_ADDRESS))
        gate.note(ASK, fault(FaultKind.KEY_REFUSED))
        gate.note(OTHER_MODEL, fault(FaultKind.FORBIDDEN_ADDRESS))
        succeed(gate, OTHER_SLOT)
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


@pytest.mark.parametrize("kind", [FaultKind.BAD_ARGUMENT, FaultKind.NOT_CONFIGURED, FaultKind.LIMIT_REACHED])
class TestAlertsOfOneSlot:
    """Its own settings and limits are to blame: what others achieve says nothing about them."""

    def test_they_name_it(self, gate: ProviderGate, kind: FaultKind) -> None:
        gate.note(ASK, fault(kind))
        gate.note(OTHER_SLOT, fault(kind))
        found = {(alert.provider, alert.model, alert.slot_id, alert.kind) for alert in gate.alerts()}
        assert found == {("gemini", "flash", "slot-001", kind), ("gemini", "flash", "slot-002", kind)}

    def test_they_pause_nobody(self, gate: ProviderGate, kind: FaultKind) -> None:
        fail(gate, *[fault(kind)] * (BREAKER_FAILURES + 1))
        assert only_alert(gate).open_until is None
        let_in(gate)

    def test_only_its_own_success_with_the_same_model_clears_them(self, gate: ProviderGate, kind: FaultKind) -> None:
        fail(gate, fault(kind))
        for other in (OTHER_SLOT, OTHER_MODEL, OTHER_PROVIDER):
            succeed(gate, other)
        assert only_alert(gate).slot_id == "slot-001"
        succeed(gate)
        assert gate.alerts() == []

    def test_they_stand_beside_what_concerns_all(self, gate: ProviderGate, kind: FaultKind) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED), fault(kind))
        assert [alert.kind for alert in gate.alerts()] == [FaultKind.QUOTA_EXHAUSTED, kind]

    def test_a_probe_that_ends_with_one_lets_the_next_try(
        self, gate: ProviderGate, stores: Stores, kind: FaultKind
    ) -> None:
        broken(gate)
        stores.pass_time(BREAKER_SECONDS + 1)
        fail(gate, fault(kind))
        assert let_in(gate, OTHER_SLOT).is_probe

    def test_a_new_key_mends_only_that_it_was_missing(self, gate: ProviderGate, kind: FaultKind) -> None:
        gate.note(ASK, fault(kind))
        gate.reopen("gemini")
        assert bool(gate.alerts()) is (kind is not FaultKind.NOT_CONFIGURED)
