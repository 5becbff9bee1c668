"""The ledger of purges, heartbeats and refused requests, in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.errors import DatabaseUnavailable
from app.ports import Purge
from tests.twins.memory_database import MemoryDatabase

_LEASE = timedelta(seconds=600)
_ALIVE = timedelta(seconds=15)


class MemoryPurgeLedger:
    """Implements ports.PurgeLedger."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def request(self, author: str | None) -> Purge:
        with self._database.transaction():
            waiting = [purge for purge in self._open() if purge.started_at is None]
            purge = Purge(len(self._purges) + 1, author, self._database.now(), None, None, None)
            return waiting[0] if waiting else self._keep(purge)

    def start(self) -> Purge | None:
        with self._database.transaction():
            now = self._database.now()
            due = self._open()
            if not due or any(purge.started_at and purge.started_at + _LEASE > now for purge in due):
                return None
            return self._keep(replace(due[0], started_at=now))

    def finish(self, purge_id: int, counts: Mapping[str, int]) -> None:
        with self._database.transaction():
            self._keep(replace(self._purges[purge_id], finished_at=self._database.now(), counts=dict(counts)))

    def get(self, purge_id: int) -> Purge | None:
        with self._database.transaction():
            return self._purges.get(purge_id)

    @property
    def _purges(self) -> dict[int, Purge]:
        return self._database.table("purge_run")

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
    """Implements ports.RequestLog.

    Tests read `entries`: slot, reason and detail of each refusal; and set `unavailable` to make every call fail.
    """

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self.entries: list[tuple[str, str, dict[str, Any]]] = []
        self.unavailable = False

    def refused(self, slot_id: str, reason: str, detail: Mapping[str, Any]) -> None:
        if self.unavailable:
            raise DatabaseUnavailable("memory: made unavailable by the test")
        with self._database.transaction():
            self.entries.append((slot_id, reason, dict(detail)))
