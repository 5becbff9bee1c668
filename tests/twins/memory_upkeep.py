"""The ledger of purges, heartbeats and refused requests, in memory."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.errors import DatabaseUnavailable
from app.ports.upkeep import Purge
from tests.twins.memory_database import MemoryDatabase
from tests.twins.memory_statistics import count_refusal

_LEASE = timedelta(seconds=30)
_PURGES_KEPT = timedelta(days=30)
_REFUSALS_KEPT = timedelta(days=90)
_ALIVE = timedelta(seconds=15)

_Refusal = tuple[str, str, dict[str, Any]]


class MemoryPurgeLedger:
    """Implements ports.PurgeLedger and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._ids = itertools.count(1)

    def request(self, author: str | None) -> Purge:
        with self._database.transaction():
            waiting = [purge for purge in self._open() if purge.started_at is None]
            return waiting[0] if waiting else self._keep(self._asked(author))

    def start(self) -> Purge | None:
        with self._database.transaction():
            now = self._database.now()
            due = self._open()
            if not due or any(purge.started_at and self._leases[purge.id] > now for purge in due):
                return None
            self._leases[due[0].id] = now + _LEASE
            return self._keep(replace(due[0], started_at=now, attempt=due[0].attempt + 1))

    def renew(self, purge: Purge) -> bool:
        with self._database.transaction():
            if is_held := self._is_held(purge):
                self._leases[purge.id] = self._database.now() + _LEASE
            return is_held

    def release(self, purge: Purge) -> None:
        with self._database.transaction():
            if self._is_held(purge):
                self._keep(replace(purge, started_at=None))

    def finish(self, purge: Purge, counts: Mapping[str, int]) -> bool:
        with self._database.transaction():
            if is_held := self._is_held(purge):
                self._keep(replace(purge, finished_at=self._database.now(), counts=dict(counts)))
            return is_held

    def get(self, purge_id: int) -> Purge | None:
        with self._database.transaction():
            return self._purges.get(purge_id)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - _PURGES_KEPT
            return self._database.forget(
                "purge_run", lambda purge: purge.finished_at is not None and purge.finished_at < kept_since, limit
            )

    @property
    def _purges(self) -> dict[int, Purge]:
        return self._database.table("purge_run")

    @property
    def _leases(self) -> dict[int, datetime]:
        return self._database.table("purge_lease")

    def _asked(self, author: str | None) -> Purge:
        return Purge(next(self._ids), author, self._database.now(), None, None, None, attempt=0)

    def _is_held(self, purge: Purge) -> bool:
        kept = self._purges[purge.id]
        return kept.attempt == purge.attempt and kept.started_at is not None and kept.finished_at is None

    def _open(self) -> list[Purge]:
        return [purge for purge in self._purges.values() if purge.finished_at is None]

    def _keep(self, purge: Purge) -> Purge:
        self._purges[purge.id] = purge
        return purge


class MemoryHeartbeats:
    """Implements ports.Heartbeats."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def beat(self, process_id: str, role: str) -> None:
        with self._database.transaction():
            self._seen[process_id] = (role, self._database.now())

    def alive(self, role: str) -> bool:
        with self._database.transaction():
            limit = self._database.now() - _ALIVE
            return any(seen_role == role and at > limit for seen_role, at in self._seen.values())

    def check(self) -> None:
        with self._database.transaction():
            pass

    @property
    def _seen(self) -> dict[str, tuple[str, datetime]]:
        return self._database.table("process_heartbeat")


class MemoryRequestLog:
    """Implements ports.RequestLog and ports.ExpiringRows.

    Tests read `entries`: slot, reason and detail of each refusal; and set `unavailable` to make every call fail.
    """

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._ids = itertools.count(1)
        self.unavailable = False

    @property
    def entries(self) -> list[_Refusal]:
        with self._database.transaction():
            return [refusal for _, refusal in self._database.table("refusal").values()]

    def refused(self, slot_id: str, reason: str, detail: Mapping[str, Any], *, once_a_minute: bool = False) -> None:
        if self.unavailable:
            raise DatabaseUnavailable("memory: made unavailable by the test")
        with self._database.transaction():
            if not (once_a_minute and self._was_just_written(slot_id, reason, detail)):
                refusal = (slot_id, reason, dict(detail))
                self._database.table("refusal")[next(self._ids)] = (self._database.now(), refusal)
            count_refusal(self._database, slot_id, reason)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - _REFUSALS_KEPT
            return self._database.forget("refusal", lambda row: row[0] < kept_since, limit)

    def _was_just_written(self, slot_id: str, reason: str, detail: Mapping[str, Any]) -> bool:
        since, wanted = self._database.now() - timedelta(minutes=1), (slot_id, reason, detail.get("network"))
        rows = self._database.table("refusal").values()
        return any(at > since and wanted == (slot, why, told.get("network")) for at, (slot, why, told) in rows)
