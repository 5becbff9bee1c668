"""Calls as the chain makes them, for tests of the gate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain.errors import FaultKind, ProviderFault
from app.domain.limits import Admission, Ask, ProviderAlert, Verdict
from app.domain.reactions import BREAKER_FAILURES
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
