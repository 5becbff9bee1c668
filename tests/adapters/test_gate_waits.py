"""A database session that stalls in the middle of the gate holds up those who ask about the same, and them briefly."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from threading import Event

import pytest
from sqlalchemy import text

from app.adapters.db.gate import PostgresGate
from app.domain.catalogue import Quota
from app.domain.errors import DatabaseUnavailable, FaultKind
from app.domain.limits import Ask
from tests.adapters.gate_calls import ASK, FREE, OTHER_PROVIDER, OTHER_SLOT, fault, let_in
from tests.support.postgres_stores import PostgresStores

QUICK, PATIENCE = 0.5, 1.5
BUDGET = Decimal(1)
ELSEWHERE = replace(OTHER_PROVIDER, slot_id="slot-002")

Call = Callable[[PostgresGate], object]
CALLS: dict[str, Callable[[Ask], Call]] = {
    "admit": lambda ask: lambda gate: gate.admit(ask),
    "succeed": lambda ask: lambda gate: gate.settle(ask, None, cost_usd=ask.price_usd, fault=None),
    "fail": lambda ask: lambda gate: gate.settle(ask, None, cost_usd=FREE, fault=fault(FaultKind.HANG)),
    "note": lambda ask: lambda gate: gate.note(ask, fault(FaultKind.BAD_ARGUMENT)),
    "reopen": lambda ask: lambda gate: gate.reopen(ask.provider),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


class Stalled(Exception):
    """The session ends without a commit."""


@pytest.fixture
def stores(shared_postgres: PostgresStores) -> PostgresStores:
    shared_postgres.reset()
    return shared_postgres


@contextmanager
def stalled(stores: PostgresStores, *calls: Call) -> Iterator[Callable[[Call], float]]:
    """Inside the block these calls have done everything but commit; what is given makes another, and returns its time.

    It raises what the call raises.
    """
    with suppress(Stalled), ThreadPoolExecutor(1) as another, stores.transaction():
        for call in calls:
            call(stores.gate)

        def timed(other: Call) -> float:
            began = time.monotonic()
            another.submit(other, stores.gate).result()
            return time.monotonic() - began

        yield timed
        raise Stalled


@each_call
def test_other_providers_and_slots_do_not_notice(stores: PostgresStores, call: Callable[[Ask], Call]) -> None:
    ask = replace(ASK, slot_budget_usd=BUDGET)
    with stalled(stores, call(ask)) as timed:
        for other in CALLS.values():
            assert timed(other(replace(ELSEWHERE, slot_budget_usd=BUDGET))) < QUICK


@each_call
def test_those_who_ask_about_the_same_provider_give_up_within_a_second(
    stores: PostgresStores, call: Callable[[Ask], Call]
) -> None:
    with stalled(stores, call(ASK)) as timed:
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            timed(lambda gate: gate.admit(OTHER_SLOT))
        assert time.monotonic() - began < PATIENCE


def test_those_who_share_a_slots_budget_wait_for_each_other(stores: PostgresStores) -> None:
    with stalled(stores, lambda gate: gate.admit(replace(ASK, slot_budget_usd=BUDGET))) as timed:
        with pytest.raises(DatabaseUnavailable):
            timed(lambda gate: gate.admit(replace(OTHER_PROVIDER, slot_budget_usd=BUDGET)))
        assert timed(lambda gate: gate.admit(ELSEWHERE)) < QUICK


def test_one_wait_after_another_is_given_up_as_soon(stores: PostgresStores) -> None:
    """The provider is free again when most of the second is over, the slot's budget when nobody waits any more."""
    limited = replace(ASK, slot_budget_usd=BUDGET, quota=Quota(per_day=1))
    with stalled(stores, lambda gate: gate.admit(replace(OTHER_PROVIDER, slot_budget_usd=BUDGET))) as timed:
        held = Event()
        with ThreadPoolExecutor(1) as third:
            third.submit(_hold_briefly, stores, held)
            assert held.wait(5)
            with pytest.raises(DatabaseUnavailable):
                timed(lambda gate: gate.admit(limited))
    let_in(stores.gate, limited)


def _hold_briefly(stores: PostgresStores, held: Event) -> None:
    with suppress(Stalled), stores.transaction() as session:
        stores.gate.note(OTHER_SLOT, fault(FaultKind.BAD_ARGUMENT))
        held.set()
        session.execute(text("SELECT pg_sleep(0.7)"))
        raise Stalled


def test_what_nobody_waited_for_is_not_counted(stores: PostgresStores) -> None:
    limited = replace(ASK, quota=Quota(per_day=1))
    with stalled(stores, lambda gate: gate.admit(limited)) as timed, pytest.raises(DatabaseUnavailable):
        timed(lambda gate: gate.admit(limited))
    let_in(stores.gate, limited)


def test_a_question_waits_for_nobody(stores: PostgresStores) -> None:
    limited = replace(ASK, slot_budget_usd=ASK.price_usd)
    with stalled(stores, *(call(limited) for call in CALLS.values())) as timed:
        assert timed(lambda gate: gate.would_admit(limited)) < QUICK
