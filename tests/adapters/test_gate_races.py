"""Workers that ask at the same moment: no limit is ever passed, and one probe is one probe."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.adapters.db.connection import Database
from app.adapters.db.gate import PostgresGate
from app.adapters.db.schema import usage_window
from app.domain.catalogue import Quota
from app.domain.errors import FaultKind, ProviderFault
from app.domain.limits import Ask
from app.domain.reactions import BREAKER_FAILURES, BREAKER_SECONDS
from app.ports.providers import ProviderGate
from tests.adapters.gate_calls import ASK, Stores, broken, early_in_a_minute, fault, let_in
from tests.support.postgres_stores import PostgresStores

T = TypeVar("T")
WORKERS = 8
HANG = fault(FaultKind.HANG)


def at_once(call: Callable[[], T], calls_each: int = 1) -> list[T]:
    """What eight workers that begin together get, each asking so often."""
    start = Barrier(WORKERS)

    def work(_: int) -> list[T]:
        start.wait()
        return [call() for _ in range(calls_each)]

    with ThreadPoolExecutor(WORKERS) as workers:
        return [answer for answers in workers.map(work, range(WORKERS)) for answer in answers]


def number_admitted(gate: ProviderGate, ask: Ask, calls_each: int) -> int:
    return sum(admission.is_admitted for admission in at_once(lambda: gate.admit(ask), calls_each))


def test_a_minutes_quota_is_used_up_exactly(gate: ProviderGate) -> None:
    early_in_a_minute()
    assert number_admitted(gate, replace(ASK, quota=Quota(per_minute=20)), calls_each=5) == 20


@pytest.fixture(scope="module")
def two_processes(shared_postgres: PostgresStores) -> Iterator[tuple[PostgresGate, PostgresGate]]:
    """The gate as two workers' processes have it, each with connections of its own."""
    url = shared_postgres.database.engine.url.render_as_string(hide_password=False)
    another = Database(url, pool_size=WORKERS, application_name="tests")
    yield shared_postgres.gate, PostgresGate(another)
    another.close()


@given(
    per_day=st.integers(0, 40),
    price=st.sampled_from(["0.039", "0.134", "0.000001"]),
    provider_calls=st.integers(0, 40),
    slot_calls=st.integers(0, 40),
)
@settings(max_examples=15)
def test_as_many_are_let_in_as_the_tightest_limit_allows(
    two_processes: tuple[PostgresGate, PostgresGate], per_day: int, price: str, provider_calls: int, slot_calls: int
) -> None:
    ask = Ask(
        provider=str(uuid4()),
        model="flash",
        slot_id=str(uuid4()),
        price_usd=Decimal(price),
        quota=Quota(per_day=per_day),
        provider_budget_usd=Decimal(price) * provider_calls,
        slot_budget_usd=Decimal(price) * slot_calls,
    )
    admissions = at_once(lambda: [gate.admit(ask).is_admitted for gate in two_processes], calls_each=2)
    assert sum(map(sum, admissions)) == min(per_day, provider_calls, slot_calls, WORKERS * 4)


def test_two_providers_at_once_do_not_overspend_one_slots_budget(gate: ProviderGate) -> None:
    one = replace(ASK, slot_budget_usd=ASK.price_usd * 7)
    both = at_once(lambda: [gate.admit(ask).is_admitted for ask in (one, replace(one, provider="openai"))])
    assert sum(map(sum, both)) == 7


@pytest.mark.parametrize("probe", [True, False])
def test_one_call_finds_out_however_many_ask(gate: ProviderGate, stores: Stores, probe: bool) -> None:
    broken(gate)
    if not probe:
        stores.pass_time(BREAKER_SECONDS + 1)
    for _ in range(5):
        [found] = [a for a in at_once(lambda: gate.admit(ASK, probe=probe)) if a.is_admitted]
        assert found.is_probe
        gate.settle(ASK, found, cost_usd=Decimal(0), fault=ProviderFault(FaultKind.NO_IMAGE, "None.", permanent=False))


def test_no_fault_is_lost_in_the_count(gate: ProviderGate) -> None:
    for asked in range(1, BREAKER_FAILURES * 3):
        ask = replace(ASK, model=f"model-{asked}")
        with ThreadPoolExecutor(WORKERS) as workers:
            settled = [workers.submit(gate.settle, ask, None, cost_usd=Decimal(0), fault=HANG) for _ in range(asked)]
        assert all(future.result() is None for future in settled)
        assert gate.admit(ask).is_admitted is (asked < BREAKER_FAILURES)


def test_money_adds_up_to_the_last_millionth(shared_postgres: PostgresStores) -> None:
    shared_postgres.reset()
    gate, cost = shared_postgres.gate, Decimal("0.038971")

    def call() -> None:
        for end in (None, HANG, fault(FaultKind.KEY_REFUSED)):
            admission = gate.admit(ASK)
            if admission.is_admitted:
                gate.settle(ASK, admission, cost_usd=cost, fault=end)
                gate.reopen(ASK.provider)

    at_once(call, calls_each=5)
    spent = select(usage_window.c.scope, usage_window.c.amount).where(usage_window.c.measure == "usd_day")
    calls = select(func.sum(usage_window.c.amount)).where(usage_window.c.measure == "calls_day")
    with shared_postgres.transaction() as session:
        made = session.scalar(calls)
        assert made is not None
        assert {row.scope: row.amount for row in session.execute(spent)} == {
            "provider:gemini": made * cost,
            "slot:slot-001": made * cost,
        }
    let_in(gate)
