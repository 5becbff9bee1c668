"""Who changed what, in memory."""

import itertools
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.ports.audit import Change
from tests.twins.memory_database import MemoryDatabase

_KEPT = timedelta(days=400)


class MemoryAuditLog:
    """Implements ports.AuditLog and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._ids = itertools.count(1)

    def record(
        self, username: str | None, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        plain = json.loads(json.dumps(dict(detail or {})))
        with self._database.transaction():
            change = Change(self._database.now(), username, action, subject, plain)
            self._database.table("audit_log")[next(self._ids)] = change

    def search(
        self, *, subject: str | None = None, username: str | None = None, page: int, page_size: int
    ) -> tuple[list[Change], int]:
        with self._database.transaction():
            rows = list(reversed(self._database.table("audit_log").values()))
        found = [change for change in rows if subject in (None, change.subject) and username in (None, change.username)]
        return found[(page - 1) * page_size :][:page_size], len(found)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - _KEPT
            return self._database.forget("audit_log", lambda change: change.at < kept_since, limit)
