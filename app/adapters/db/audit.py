"""Who changed what, as it is kept."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, insert, select, true

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import audit_log
from app.ports.audit import Change

_KEPT = timedelta(days=400)


class PostgresAuditLog:
    """Implements ports.AuditLog and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, username: str | None, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        plain = json.loads(json.dumps(dict(detail or {})))
        values = {"username": username, "action": action, "subject": subject, "detail": plain}
        self._database.run(insert(audit_log).values(values).returning(audit_log.c.id))

    def search(
        self, *, subject: str | None = None, username: str | None = None, page: int, page_size: int
    ) -> tuple[list[Change], int]:
        conditions = {audit_log.c.subject: subject, audit_log.c.username: username}
        wanted = and_(true(), *(column == value for column, value in conditions.items() if value is not None))
        newest = select(audit_log).where(wanted).order_by(audit_log.c.id.desc())
        query = newest.limit(page_size).offset((page - 1) * page_size)
        with self._database.transaction() as session:
            total = session.scalar(select(func.count()).select_from(audit_log).where(wanted)) or 0
            rows = session.execute(query).all()
        return [Change(row.at, row.username, row.action, row.subject, row.detail) for row in rows], total

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, audit_log, audit_log.c.at < func.now() - _KEPT, limit)
