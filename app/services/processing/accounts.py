"""What each attempt is allowed and what it cost: the gate before it, the journal after it."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
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
        self._lock = threading.Lock()
        self._open_usd = Decimal(0)

    def open(self, move: Move, ask: Ask, *, probe: bool, is_paid: bool) -> Entry:
        """Raises ProviderFault, PAUSED or LIMIT_REACHED, for an attempt that may not be made; it is in the journal.

        What only fetches a picture that is paid needs nobody's leave.
        """
        began = time.monotonic()
        try:
            self._reserve(ask.price_usd)
            return Entry(move, ask, began, None if is_paid else self._admission(move, ask, probe))
        except ProviderFault as fault:
            self._release(ask.price_usd)
            self.refuse(move, ask, fault)
            raise

    def could_open(self, ask: Ask, besides_usd: Decimal) -> bool:
        """Whether `open` would let such an attempt pass, after one that cost `besides_usd`."""
        if self._is_above_cap(ask.price_usd + besides_usd):
            return False
        try:
            return self._gate.would_admit(ask)
        except DatabaseUnavailable:
            return True

    def refuse(self, move: Move, ask: Ask, fault: ProviderFault) -> None:
        """An attempt that was not let through, or could not even be asked for."""
        with suppress(DatabaseUnavailable):
            self._gate.note(ask, fault)
        self._journal.add(_attempt(Entry(move, ask, time.monotonic()), Decimal(0), fault, None))

    def succeed(self, entry: Entry, answer: ProviderAnswer, finish_ms: int) -> Attempt:
        """The attempt, to be written together with the job's end; `settle` is for afterwards."""
        price = entry.ask.price_usd
        cost = answer.cost_usd if price and answer.cost_usd is not None else price
        attempt = replace(_attempt(entry, cost, None, answer), finish_ms=finish_ms)
        self._release(price)
        self._journal.hold(attempt)
        return attempt

    def fail(self, entry: Entry, fault: ProviderFault) -> None:
        cost = entry.ask.price_usd if fault.may_have_cost else Decimal(0)
        self._release(entry.ask.price_usd)
        self.settle(entry, cost, fault)
        self._journal.add(_attempt(entry, cost, fault, None))
        log.warning(
            "attempt_failed",
            provider=entry.ask.provider,
            model=entry.ask.model,
            fault=fault.kind.value,
            status=fault.status,
            message=fault.message,
        )

    def settle(self, entry: Entry, cost_usd: Decimal, fault: ProviderFault | None) -> None:
        """Tell the gate how the attempt ended."""
        if not entry.move.spec.is_remote:
            return
        try:
            self._gate.settle(entry.ask, entry.admission, cost_usd=cost_usd, fault=fault)
        except DatabaseUnavailable as error:
            log.warning("gate_not_told", error=str(error))

    def _reserve(self, price_usd: Decimal) -> None:
        with self._lock:
            is_above = self._is_above_cap(price_usd)
            self._open_usd += price_usd
        if is_above:
            raise ProviderFault(FaultKind.LIMIT_REACHED, "The photo's price cap is reached.", permanent=True)

    def _release(self, price_usd: Decimal) -> None:
        with self._lock:
            self._open_usd -= price_usd

    def _is_above_cap(self, price_usd: Decimal) -> bool:
        """Whether this attempt, those under way and those before would cost more than the photo may."""
        return self._price_cap is not None and self._journal.cost_usd + self._open_usd + price_usd > self._price_cap

    def _admission(self, move: Move, ask: Ask, probe: bool) -> Admission | None:
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


def _attempt(entry: Entry, cost_usd: Decimal, fault: ProviderFault | None, answer: ProviderAnswer | None) -> Attempt:
    return Attempt(
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


def _status(move: Move, fault: ProviderFault | None) -> int | None:
    """A picture that came over a network came with 200."""
    if fault is not None:
        return fault.status
    return 200 if move.spec.is_remote else None
