"""Breakers, quota windows and budgets in memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.domain.limits import Admission, Ask, ProviderAlert, Verdict
from app.domain.reactions import BREAKER_FAILURES, BREAKER_SECONDS, REACTIONS, pause_after
from tests.twins.memory_database import MemoryDatabase

_PROBE_LEASE_SECONDS = 10.0
_KEPT = timedelta(days=40)

_Key = tuple[str, str, str]
"""Provider, model and slot."""


@dataclass(frozen=True, slots=True)
class _State:
    """A row of provider_state; a breaker without `open_until` is closed."""

    failures: int = 0
    open_until: datetime | None = None
    next_probe_at: datetime | None = None
    alert: ProviderAlert | None = None

    @property
    def probe_seconds(self) -> float:
        return REACTIONS[self.alert.kind].probe_seconds if self.alert else 0.0

    def is_pausing(self, now: datetime) -> bool:
        return self.open_until is not None and self.open_until > now

    def passable_at(self, now: datetime, probe: bool) -> datetime:
        """Once its time is over, an open breaker waits for how one call ends, as it does for probes before."""
        return (self.open_until if self.is_pausing(now) and not probe else self.next_probe_at) or now

    def probed(self, now: datetime) -> "_State":
        seconds = max(self.probe_seconds, _PROBE_LEASE_SECONDS)
        return replace(self, next_probe_at=now + timedelta(seconds=seconds))

    def released(self) -> "_State":
        """After a probe that found nothing out: the next one may come when it would have without this one's lease."""
        unused = max(_PROBE_LEASE_SECONDS - self.probe_seconds, 0)
        return replace(self, next_probe_at=self.next_probe_at and self.next_probe_at - timedelta(seconds=unused))


class _Window(NamedTuple):
    verdict: Verdict
    scope: str
    measure: str
    starts_at: datetime
    ends_at: datetime
    amount: Decimal
    most: Decimal | int | None

    @property
    def key(self) -> tuple[str, str, datetime]:
        return self.scope, self.measure, self.starts_at


class MemoryGate:
    """Implements ports.ProviderGate and ports.ExpiringRows. While tests set `is_away`, every call fails."""

    def __init__(self, database: MemoryDatabase | None = None) -> None:
        self._database = database or MemoryDatabase()
        self.is_away = False

    def admit(self, ask: Ask, *, probe: bool = False) -> Admission:
        with self._transaction() as now:
            if refusals := self._refusals(ask, now, probe):
                return Admission(refusals[0][0], (max(until for _, until in refusals) - now).total_seconds())
            open_states = self._open_states_of(ask)
            for key, state in open_states.items():
                self._states[key] = state.probed(now)
            for window in _windows(ask, now):
                self._used[window.key] = self._used.get(window.key, Decimal(0)) + window.amount
            return Admission(Verdict.ADMITTED, reserved_at=now, is_probe=bool(open_states))

    def would_admit(self, ask: Ask) -> bool:
        with self._transaction() as now:
            return not self._refusals(ask, now, probe=False)

    def settle(self, ask: Ask, admission: Admission | None, *, cost_usd: Decimal, fault: ProviderFault | None) -> None:
        with self._transaction() as now:
            self._correct(ask, admission, now, cost_usd)
            if fault is None:
                self._forget({*self._states_of(ask), (ask.provider, ask.model, ask.slot_id)})
                return
            if admission and admission.is_probe:
                self._states.update({key: state.released() for key, state in self._states_of(ask).items()})
            self._count(ask, fault, now, is_probe=bool(admission and admission.is_probe))

    def note(self, ask: Ask, fault: ProviderFault) -> None:
        with self._transaction() as now:
            key = _key(ask, fault)
            state = self._states.get(key, _State())
            if REACTIONS[fault.kind].alerts and not state.open_until:
                self._states[key] = replace(state, alert=_alert(key, state, fault, now))

    def reopen(self, provider: str) -> None:
        with self._transaction():
            self._forget(
                key
                for key, state in self._states.items()
                if key[0] == provider and (not key[2] or (state.alert and state.alert.kind is FaultKind.NOT_CONFIGURED))
            )

    def alerts(self) -> list[ProviderAlert]:
        with self._transaction() as now:
            alerts = [
                replace(state.alert, open_until=state.open_until if state.is_pausing(now) else None)
                for state in self._states.values()
                if state.alert
            ]
        newest_first = sorted(alerts, key=lambda alert: alert.since, reverse=True)
        return sorted(newest_first, key=lambda alert: alert.open_until is None)

    def forget_expired(self, limit: int) -> int:
        with self._transaction() as now:
            oldest = now - _KEPT
            windows = [key for key in self._used if key[2] < oldest][:limit]
            for window in windows:
                del self._used[window]
            return len(windows) + self._database.forget(
                "provider_state",
                lambda state: state.alert is not None and state.alert.since < oldest and not state.is_pausing(now),
                limit - len(windows),
            )

    @contextmanager
    def _transaction(self) -> Iterator[datetime]:
        if self.is_away:
            raise DatabaseUnavailable("memory: the gate was taken away by the test")
        with self._database.transaction():
            yield self._database.now()

    @property
    def _states(self) -> dict[_Key, _State]:
        return self._database.table("provider_state")

    @property
    def _used(self) -> dict[tuple[str, str, datetime], Decimal]:
        return self._database.table("usage_window")

    def _forget(self, keys: Iterable[_Key]) -> None:
        for key in [key for key in keys if key in self._states]:
            del self._states[key]

    def _states_of(self, ask: Ask) -> dict[_Key, _State]:
        """What is held against the model and against its provider."""
        keys = {(ask.provider, ask.model, ""), (ask.provider, "", "")}
        return {key: self._states[key] for key in keys if key in self._states}

    def _open_states_of(self, ask: Ask) -> dict[_Key, _State]:
        return {key: state for key, state in self._states_of(ask).items() if state.open_until}

    def _refusals(self, ask: Ask, now: datetime, probe: bool) -> list[tuple[Verdict, datetime]]:
        """Why the call may not pass now, and until when."""
        waits = [(Verdict.PAUSED, state.passable_at(now, probe)) for state in self._open_states_of(ask).values()]
        refusals = [(verdict, until) for verdict, until in waits if until > now]
        return refusals + [(window.verdict, window.ends_at) for window in _windows(ask, now) if self._is_full(window)]

    def _is_full(self, window: _Window) -> bool:
        used = self._used.get(window.key, Decimal(0))
        return window.most is not None and window.amount > 0 and used + window.amount > window.most

    def _correct(self, ask: Ask, admission: Admission | None, now: datetime, cost_usd: Decimal) -> None:
        reserved_at = (admission and admission.reserved_at) or now
        reserved = ask.price_usd if admission else Decimal(0)
        for window in _windows(ask, reserved_at)[2:]:
            self._used[window.key] = self._used.get(window.key, Decimal(0)) + cost_usd - reserved

    def _count(self, ask: Ask, fault: ProviderFault, now: datetime, *, is_probe: bool) -> None:
        key = _key(ask, fault)
        before = self._states.get(key, _State())
        counted = replace(before, failures=before.failures + REACTIONS[fault.kind].counts)
        seconds = pause_after(fault)
        if seconds is None and counted.failures >= BREAKER_FAILURES and REACTIONS[fault.kind].counts:
            seconds = BREAKER_SECONDS
        paused_until = now + timedelta(seconds=seconds) if seconds is not None else None
        if paused_until and paused_until >= (before.open_until or now):
            probe_at = min(now + timedelta(seconds=REACTIONS[fault.kind].probe_seconds), paused_until)
            if not is_probe:
                probe_at = max(before.next_probe_at or probe_at, probe_at)
            alert = _alert(key, before, fault, now)
            counted = replace(counted, open_until=paused_until, next_probe_at=probe_at, alert=alert)
        elif REACTIONS[fault.kind].alerts and not before.open_until:
            counted = replace(counted, alert=_alert(key, before, fault, now))
        if counted != _State():
            self._states[key] = counted


def _key(ask: Ask, fault: ProviderFault) -> _Key:
    reaction = REACTIONS[fault.kind]
    return ask.provider, "" if reaction.whole_provider else ask.model, ask.slot_id if reaction.of_slot else ""


def _alert(key: _Key, state: _State, fault: ProviderFault, now: datetime) -> ProviderAlert:
    since = state.alert.since if state.alert and state.alert.kind is fault.kind else now
    return ProviderAlert(*key, fault.kind, fault.message, since, None)


def _windows(ask: Ask, now: datetime) -> list[_Window]:
    """Calls of the minute and of the day, then money of the provider and of the slot."""
    minute = now.replace(second=0, microsecond=0)
    quota_day, day = _day(now, ask.quota.day_zone), _day(now, "UTC")
    provider, slot = f"provider:{ask.provider}", f"slot:{ask.slot_id}"
    next_minute, price, quota = minute + timedelta(minutes=1), ask.price_usd, ask.quota
    return [
        _Window(Verdict.QUOTA_USED, provider, "calls_minute", minute, next_minute, Decimal(1), quota.per_minute),
        _Window(Verdict.QUOTA_USED, provider, "calls_day", *quota_day, Decimal(1), quota.per_day),
        _Window(Verdict.PROVIDER_BUDGET_SPENT, provider, "usd_day", *day, price, ask.provider_budget_usd),
        _Window(Verdict.SLOT_BUDGET_SPENT, slot, "usd_day", *day, price, ask.slot_budget_usd),
    ]


def _day(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """When the day began and when it ends there; midnights are of the place, so a day may have 23 or 25 hours."""
    began = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return began.astimezone(UTC), (began + timedelta(days=1)).astimezone(UTC)
