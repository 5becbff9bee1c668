"""Breakers, quota windows and budgets that hold for all workers together."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import Row, TextClause, func

from app.adapters.db import gate_sql as sql
from app.adapters.db.connection import Database, at_most
from app.adapters.db.expiry import forget
from app.adapters.db.schema import provider_state, usage_window
from app.domain.errors import FaultKind, ProviderFault
from app.domain.limits import Admission, Ask, ProviderAlert, Verdict
from app.domain.reactions import BREAKER_FAILURES, BREAKER_SECONDS, REACTIONS, pause_after

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 1.0  # a shot is worth more than its limits: without an answer it goes on
_PROBE_LEASE_SECONDS = 10.0  # how long a probe that is never settled keeps others waiting
_KEPT = timedelta(days=40)
_PROBING = {
    "probe_seconds": json.dumps({kind.value: r.probe_seconds for kind, r in REACTIONS.items() if r.probe_seconds}),
    "probe_lease_seconds": _PROBE_LEASE_SECONDS,
}
_ONLY_NOTED = {"counts": 0, "pause_seconds": None, "is_probe": False, "reserved_at": None, "difference_usd": 0}


class PostgresGate:
    """Implements ports.ProviderGate and ports.ExpiringRows. Answers within a second, or raises DatabaseUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def admit(self, ask: Ask, *, probe: bool = False) -> Admission:
        [row] = self._run(sql.ADMIT, {**_asked(ask, probe=probe), **_PROBING})
        if row.refused_as is None:
            return Admission(Verdict.ADMITTED, reserved_at=row.now, is_probe=row.is_probe)
        verdict = Verdict(row.refused_as)
        if verdict is not Verdict.PAUSED:
            log.warning("limit_reached", limit=verdict.value, slot_id=ask.slot_id, **_names(ask.provider, ask.model))
        return Admission(verdict, retry_after=row.retry_after)

    def would_admit(self, ask: Ask) -> bool:
        [row] = self._run(sql.WOULD_ADMIT, {**_asked(ask, probe=False), **_PROBING})
        return bool(row.would_pass)

    def settle(self, ask: Ask, admission: Admission | None, *, cost_usd: Decimal, fault: ProviderFault | None) -> None:
        money = {
            "reserved_at": admission.reserved_at if admission else None,
            "difference_usd": cost_usd - (ask.price_usd if admission else 0),
        }
        if fault:
            self._fail(ask, fault, money, is_probe=admission is not None and admission.is_probe)
        else:
            closed = self._run(sql.SUCCEED, {**_scopes(ask), "model": ask.model, **money})
            _log_closed(ask.provider, closed)

    def note(self, ask: Ask, fault: ProviderFault) -> None:
        if REACTIONS[fault.kind].alerts:
            self._run(sql.FAIL, {**_held_against(ask, fault), **_ONLY_NOTED})

    def reopen(self, provider: str) -> None:
        rows = self._run(sql.REOPEN, {"provider": provider})
        _log_closed(provider, [row for row in rows if row.open_until])

    def alerts(self) -> list[ProviderAlert]:
        return [_alert(row) for row in self._run(sql.ALERTS, {})]

    def forget_expired(self, limit: int) -> int:
        oldest = func.now() - _KEPT
        state = provider_state.c
        is_over = (state.alert_since < oldest) & ((state.open_until < func.now()) | state.open_until.is_(None))
        windows = forget(self._database, usage_window, usage_window.c.starts_at < oldest, limit)
        return windows + forget(self._database, provider_state, is_over, limit - windows)

    def _fail(self, ask: Ask, fault: ProviderFault, money: Mapping[str, Any], *, is_probe: bool) -> None:
        parameters = {
            **_held_against(ask, fault),
            **money,
            "counts": int(REACTIONS[fault.kind].counts),
            "pause_seconds": pause_after(fault),
            "is_probe": is_probe,
        }
        [row] = self._run(sql.FAIL, parameters)
        if row.opens:
            names = _names(ask.provider, parameters["held_model"])
            log.warning("breaker_opened", fault=fault.kind.value, seconds=round(row.seconds), **names)

    def _run(self, statement: TextClause, parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        with at_most(_PATIENCE_SECONDS):
            return self._database.run(statement, parameters)


def _scopes(ask: Ask) -> dict[str, Any]:
    return {
        "provider": ask.provider,
        "provider_scope": f"provider:{ask.provider}",
        "slot_id": ask.slot_id,
        "slot_scope": f"slot:{ask.slot_id}",
    }


def _asked(ask: Ask, *, probe: bool) -> dict[str, Any]:
    return {
        **_scopes(ask),
        "model": ask.model,
        "probe": probe,
        "price_usd": ask.price_usd,
        "per_minute": ask.quota.per_minute,
        "per_day": ask.quota.per_day,
        "day_zone": ask.quota.day_zone,
        "provider_budget_usd": ask.provider_budget_usd,
        "slot_budget_usd": ask.slot_budget_usd,
    }


def _held_against(ask: Ask, fault: ProviderFault) -> dict[str, Any]:
    reaction = REACTIONS[fault.kind]
    return {
        **_scopes(ask),
        **_PROBING,
        "model": ask.model,
        "held_model": "" if reaction.whole_provider else ask.model,
        "held_slot": ask.slot_id if reaction.of_slot else "",
        "kind": fault.kind.value,
        "message": fault.message,
        "alerts": reaction.alerts,
        "kinds_probe_seconds": reaction.probe_seconds,
        "breaker_failures": BREAKER_FAILURES,
        "breaker_seconds": BREAKER_SECONDS,
    }


def _log_closed(provider: str, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        log.info("breaker_closed", **_names(provider, row.model))


def _names(provider: str, model: str) -> dict[str, str]:
    return {"provider": provider, "model": model}


def _alert(row: Row[Any]) -> ProviderAlert:
    kind = FaultKind(row.alert_kind)
    return ProviderAlert(row.provider, row.model, row.slot_id, kind, row.alert_message, row.alert_since, row.open_until)
