"""What is to be copied to the studio's own storage."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError

from app.adapters.db import copies_sql as sql
from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import result_copy
from app.ports.copies import CopyOrder, CopyTally

_KEPT = timedelta(days=30)


class PostgresCopyLedger:
    """Implements ports.CopyLedger and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, hold_seconds: float) -> CopyOrder | None:
        rows = self._database.run(sql.TAKE, {"hold_seconds": hold_seconds})
        return CopyOrder(rows[0].job_id, rows[0].attempts, rows[0].name) if rows else None

    def name(self, order: CopyOrder, name: str) -> bool:
        try:
            return bool(self._database.run(sql.NAME, {**_held(order), "name": name}))
        except IntegrityError:
            return False

    def copied(self, order: CopyOrder) -> None:
        self._database.run(sql.COPIED, {"job_id": order.job_id})

    def failed(self, order: CopyOrder, error: str, retry_seconds: float) -> None:
        self._database.run(sql.FAILED, {**_held(order), "error": error, "retry_seconds": retry_seconds})

    def close(self) -> int:
        return len(self._database.run(sql.CLOSE))

    def tally(self, slot_id: str | None = None) -> Mapping[str, CopyTally]:
        return {
            row.slot_id: CopyTally(
                copied=row.copied,
                waiting=row.waiting,
                withheld=row.withheld,
                lost=row.lost,
                oldest_waiting_at=row.oldest_waiting_at,
                error=row.error,
            )
            for row in self._database.run(sql.TALLY, {"slot_id": slot_id})
        }

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, result_copy, result_copy.c.created_at < func.now() - _KEPT, limit)


def _held(order: CopyOrder) -> dict[str, Any]:
    return {"job_id": order.job_id, "attempts": order.attempts}
