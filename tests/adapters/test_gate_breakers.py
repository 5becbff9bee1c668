"""Breakers and their probes: the contract of ports.ProviderGate, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace

import pytest

from app.domain.catalogue import Quota
from app.domain.errors import FaultKind, ProviderFault
from app.domain.limits import Admission, Verdict
from app.domain.reactions import BREAKER_FAILURES, BREAKER_SECONDS, LONGEST_PAUSE_SECONDS
from app.ports.providers import ProviderGate
from tests.adapters.gate_calls import (
    ASK,
    FREE,
    OTHER_MODEL,
    OTHER_PROVIDER,
    Stores,
    broken,
    fail,
    fault,
    let_in,
    only_alert,
    succeed,
    verdicts,
)


class TestBreakers:
    def test_five_counted_faults_in_a_row_pause_the_model(self, gate: ProviderGate) -> None:
        kinds = (FaultKind.HANG, FaultKind.OVERLOADED, FaultKind.CONNECTION_LOST, FaultKind.INVALID_OUTPUT)
        fail(gate, *map(fault, kinds))
        fail(gate, fault(FaultKind.HANG))
        refusal = gate.admit(ASK)
        assert refusal.verdict is Verdict.PAUSED
        assert refusal.retry_after == pytest.approx(BREAKER_SECONDS, abs=5)
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
        assert gate.admit(ASK).retry_after == pytest.approx(seconds, abs=5)

    def test_a_refused_key_pauses_all_models_of_the_provider_and_nobody_else(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.KEY_REFUSED))
        assert gate.admit(OTHER_MODEL).verdict is Verdict.PAUSED
        let_in(gate, OTHER_PROVIDER)

    def test_a_short_pause_does_not_end_a_long_one(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED), *[fault(FaultKind.HANG)] * BREAKER_FAILURES)
        assert gate.admit(ASK).retry_after == pytest.approx(3600, abs=5)
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
        assert refusal.retry_after == pytest.approx(10, abs=5)

    def test_its_success_lets_all_in(self, gate: ProviderGate) -> None:
        succeed(gate)
        assert verdicts(gate, ASK, 3) == [Verdict.ADMITTED] * 3
        assert not let_in(gate).is_probe

    def test_its_failure_is_one_more_pause(self, gate: ProviderGate) -> None:
        fail(gate, fault(FaultKind.HANG))
        assert gate.admit(ASK).retry_after == pytest.approx(BREAKER_SECONDS, abs=5)

    @pytest.mark.parametrize("kind", [FaultKind.NO_IMAGE, FaultKind.CANCELLED, FaultKind.BAD_ARGUMENT])
    def test_one_that_found_nothing_out_lets_the_next_try(self, gate: ProviderGate, kind: FaultKind) -> None:
        fail(gate, fault(kind))
        assert verdicts(gate, ASK, 2) == [Verdict.ADMITTED, Verdict.PAUSED]

    def test_one_that_never_ended_is_waited_for_no_longer_than_ten_seconds(
        self, gate: ProviderGate, stores: Stores
    ) -> None:
        let_in(gate)
        stores.pass_time(5)
        assert gate.admit(ASK).verdict is Verdict.PAUSED
        stores.pass_time(5.1)
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
        assert gate.admit(ASK, probe=True).retry_after == pytest.approx(10, abs=5)
        gate.settle(ASK, probe, cost_usd=FREE, fault=fault(FaultKind.OVERLOADED))
        assert gate.admit(ASK).verdict is Verdict.PAUSED
        succeed(gate, admission=let_in(gate, probe=True))
        let_in(gate)

    def test_an_exhausted_quota_is_tried_once_a_minute(self, gate: ProviderGate, stores: Stores) -> None:
        fail(gate, fault(FaultKind.QUOTA_EXHAUSTED))
        assert gate.admit(ASK, probe=True).retry_after == pytest.approx(60, abs=5)
        stores.pass_time(61)
        probe = let_in(gate, probe=True)
        gate.settle(ASK, probe, cost_usd=FREE, fault=fault(FaultKind.NO_IMAGE))
        assert gate.admit(ASK, probe=True).retry_after == pytest.approx(60, abs=5)
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
