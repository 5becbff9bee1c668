"""Asking beforehand whether a call would be let through: ports.ProviderGate, held by PostgreSQL and by the twin."""

from dataclasses import replace

import pytest

from app.domain.catalogue import Quota
from app.domain.errors import FaultKind
from app.domain.limits import Ask, Verdict
from app.domain.reactions import BREAKER_SECONDS
from app.ports.providers import ProviderGate
from tests.adapters.gate_calls import ASK, FREE, OTHER_MODEL, Stores, broken, fail, fault, let_in, verdicts


@pytest.mark.parametrize(
    "limited",
    [
        replace(ASK, quota=Quota(per_day=2)),
        replace(ASK, provider_budget_usd=ASK.price_usd * 2),
        replace(ASK, slot_budget_usd=ASK.price_usd * 2),
    ],
    ids=["quota", "provider's budget", "slot's budget"],
)
def test_a_question_uses_nothing_up(gate: ProviderGate, limited: Ask) -> None:
    for _ in range(2):
        assert all(gate.would_admit(limited) for _ in range(3))
        let_in(gate, limited)
    assert not gate.would_admit(limited)
    assert gate.would_admit(replace(limited, price_usd=FREE)) is (limited.quota.per_day is None)
    assert gate.would_admit(ASK)


def test_it_is_no_probe(gate: ProviderGate, stores: Stores) -> None:
    broken(gate)
    assert not gate.would_admit(ASK)
    assert gate.would_admit(OTHER_MODEL)
    stores.pass_time(BREAKER_SECONDS + 1)
    assert all(gate.would_admit(ASK) for _ in range(3))
    assert verdicts(gate, ASK, 2) == [Verdict.ADMITTED, Verdict.PAUSED]
    assert not gate.would_admit(ASK), "somebody is finding out"


def test_a_pause_of_the_provider_counts_for_each_model(gate: ProviderGate) -> None:
    fail(gate, fault(FaultKind.ACCOUNT_EMPTY))
    assert not gate.would_admit(OTHER_MODEL)
