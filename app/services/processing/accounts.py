"""What each attempt is allowed and what it cost: the gate before it, the journal after it."""

import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import structlog

from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.domain.job import Attempt
from app.domain.limits import Admission, Ask, Verdict
from app.ports.providers import ProviderAnswer, ProviderGate
from app.services.processing.journal import Journal
from app.services.processing.plan import Move

log = structlog.get_logger(__name__)

_REFUSALS = {
    Verdict.PAUSED: (FaultKind.PAUSED, "The provider is paused after faults."),
    Verdict.QUOTA_USED: (FaultKind.LIMIT_REACHED, "The provider's quota is used up."),
    Verdict.PROVIDER_BUDGET_SPENT: (FaultKind.LIMIT_REACHED, "The provider's daily budget is spent."),
    Verdict.SLOT_BUDGET_SPENT: (FaultKind.LIMIT_REACHED, "The slot's daily budget is spent."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An attempt that was let through, to be closed by `succeed` or `fail`. `began` is on the monotonic clock.

    `admission` is None where there is no gate, or where it could not be asked. `owed_usd` is for the log only: the gate
    has heard of it from an earlier worker.
    """

    move: Move
    ask: Ask
    began: float
    admission: Admission | None = None
    owed_usd: Decimal = Decimal(0)


class Accounts:
    """Opens and closes the entries of one job's attempts. Providers without a network need no gate.

    The gate is asked for permission, never waited for: without a database a shot goes on.
    """

    def __init__(self, gate: ProviderGate, journal: Journal, price_cap_usd: float | None) -> None:
        self._gate = gate
        self._journal = journal
        self._price_cap = None if price_cap_usd is None else Decimal(str(price_cap_usd))

    def open(self, move: Move, ask: Ask, *, probe: bool) -> Entry:
        """Raises ProviderFault, PAUSED or LIMIT_REACHED, for an attempt that may not be made; it is in the journal."""
        began = time.monotonic()
        try:
            return Entry(move, ask, began, self._admission(move, ask, probe))
        except ProviderFault as fault:
            self.refuse(move, ask, fault)
            raise

    def refuse(self, move: Move, ask: Ask, fault: ProviderFault) -> None:
        """An attempt that was not let through, or could not even be asked for."""
        with suppress(DatabaseUnavailable):
            self._gate.note(ask, fault)
        self._write_down(Entry(move, ask, time.monotonic()), Decimal(0), fault, None)

    def succeed(self, entry: Entry, answer: ProviderAnswer) -> Attempt:
        price = entry.ask.price_usd
        cost = answer.cost_usd if price and answer.cost_usd is not None else price
        self._settle(entry, cost, None)
        return self._write_down(entry, cost, None, answer)

    def fail(self, entry: Entry, fault: ProviderFault) -> None:
        cost = entry.ask.price_usd if fault.may_have_cost else Decimal(0)
        self._settle(entry, cost, fault)
        self._write_down(entry, cost, fault, None)
        log.warning(
            "attempt_failed",
            provider=entry.ask.provider,
            model=entry.ask.model,
            fault=fault.kind.value,
            status=fault.status,
            message=fault.message,
        )

    def _admission(self, move: Move, ask: Ask, probe: bool) -> Admission | None:
        if self._price_cap is not None and self._journal.cost_usd + ask.price_usd > self._price_cap:
            raise ProviderFault(FaultKind.LIMIT_REACHED, "The photo's price cap is reached.", permanent=True)
        if not move.spec.is_remote:
            return None
        try:
            admission = self._gate.admit(ask, probe=probe)
        except DatabaseUnavailable as error:
            log.warning("gate_not_asked", error=str(error))
            return None
        if not admission.is_admitted:
            kind, message = _REFUSALS[admission.verdict]
            raise ProviderFault(kind, message, permanent=True)
        return admission

    def _settle(self, entry: Entry, cost_usd: Decimal, fault: ProviderFault | None) -> None:
        if not entry.move.spec.is_remote:
            return
        try:
            self._gate.settle(entry.ask, entry.admission, cost_usd=cost_usd, fault=fault)
        except DatabaseUnavailable as error:
            log.warning("gate_not_told", error=str(error))

    def _write_down(
        self, entry: Entry, cost_usd: Decimal, fault: ProviderFault | None, answer: ProviderAnswer | None
    ) -> Attempt:
        attempt = Attempt(
            provider=entry.ask.provider,
            operation=entry.move.operation.id,
            duration_ms=round((time.monotonic() - entry.began) * 1000),
            model=entry.ask.model,
            fault=fault.kind.value if fault else None,
            message=fault.message if fault else None,
            http_status=_status(entry.move, fault),
            request_id=answer.request_id if answer else (fault.request_id if fault else None),
            cost_usd=cost_usd + entry.owed_usd,
        )
        self._journal.add(attempt)
        return attempt


def _status(move: Move, fault: ProviderFault | None) -> int | None:
    """A picture that came over a network came with 200."""
    if fault is not None:
        return fault.status
    return 200 if move.spec.is_remote else None
