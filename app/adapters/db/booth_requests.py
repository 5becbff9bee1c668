"""What booths really sent, as it is kept."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, text

from app.adapters.db.connection import Database, at_most
from app.adapters.db.expiry import forget
from app.adapters.db.schema import booth_request
from app.domain.booth_request import KEPT_PER_SLOT, BoothRequest, SentPart

_NOTE_SECONDS = 1.0  # a process that ends waits for what is still to be written
_KEPT = timedelta(days=30)
_COLUMNS = ("slot_id", "job_id", "status", "code", "at")

# The row that is added is not seen by the rest of its statement: one fewer of the older ones stays.
_NOTE = text("""
WITH home AS (
    SELECT coalesce((SELECT id FROM slot WHERE id = :slot_id), '') AS slot_id
), gone AS (
    DELETE FROM booth_request WHERE id IN (
        SELECT id FROM booth_request JOIN home USING (slot_id) ORDER BY id DESC OFFSET :kept - 1
        FOR UPDATE OF booth_request SKIP LOCKED)
)
INSERT INTO booth_request (slot_id, job_id, status, code, detail)
SELECT slot_id, :job_id, :status, :code, CAST(:detail AS jsonb) FROM home
RETURNING id
""")


class PostgresBoothRequests:
    """Implements ports.BoothRequests and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, request: BoothRequest) -> None:
        detail = {name: value for name, value in asdict(request).items() if name not in _COLUMNS}
        parameters = {
            "slot_id": request.slot_id,
            "job_id": request.job_id,
            "status": request.status,
            "code": request.code,
            "detail": json.dumps(detail),
            "kept": KEPT_PER_SLOT,
        }
        with at_most(_NOTE_SECONDS):
            self._database.run(_NOTE, parameters)

    def latest(self, slot_id: str) -> list[BoothRequest]:
        newest = select(booth_request).where(booth_request.c.slot_id == slot_id).order_by(booth_request.c.id.desc())
        return [_request(row) for row in self._database.run(newest.limit(KEPT_PER_SLOT))]

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, booth_request, booth_request.c.at < func.now() - _KEPT, limit)


def _request(row: Row[Any]) -> BoothRequest:
    detail = dict(row.detail)
    return BoothRequest(
        slot_id=row.slot_id,
        status=row.status,
        code=row.code,
        job_id=row.job_id,
        at=row.at,
        query=_pairs(detail.pop("query")),
        headers=_pairs(detail.pop("headers")),
        parts=[SentPart(**part) for part in detail.pop("parts")],
        **detail,
    )


def _pairs(found: list[list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in found]
