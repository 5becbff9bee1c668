"""What keeps the house in order: the ledger of purges, heartbeats of processes, refused requests."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, text

from app.adapters.db.connection import Database, at_most
from app.adapters.db.counting_sql import LOG_REFUSAL
from app.adapters.db.expiry import forget
from app.adapters.db.schema import processing_log, purge_run
from app.ports.upkeep import Purge

PURGE_LEASE_SECONDS = 30
_PURGES_KEPT = timedelta(days=30)
_REFUSALS_KEPT = timedelta(days=90)
_ALIVE_SECONDS = 15
_REFUSAL_SECONDS = 1.0  # a refused booth waits for its answer, and need not for the log
_LOCK_PURGE = text("SELECT pg_advisory_xact_lock(7060802)")

_REQUEST = text("""
WITH waiting AS (SELECT * FROM purge_run WHERE finished_at IS NULL AND started_at IS NULL ORDER BY id LIMIT 1),
     added AS (INSERT INTO purge_run (requested_by)
               SELECT :author WHERE NOT EXISTS (SELECT FROM waiting) RETURNING *)
SELECT * FROM waiting UNION ALL SELECT * FROM added
""")

_START = text("""
UPDATE purge_run
SET started_at = now(), lease_until = now() + make_interval(secs => :lease), attempt = attempt + 1
WHERE id = (SELECT id FROM purge_run WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until < now())
            ORDER BY id LIMIT 1)
  AND NOT EXISTS (SELECT FROM purge_run WHERE finished_at IS NULL AND lease_until > now())
RETURNING *
""")

_RENEW = text("""
UPDATE purge_run SET lease_until = now() + make_interval(secs => :lease)
WHERE id = :id AND attempt = :attempt AND started_at IS NOT NULL AND finished_at IS NULL
RETURNING id
""")

_RELEASE = text("""
UPDATE purge_run SET started_at = NULL, lease_until = NULL
WHERE id = :id AND attempt = :attempt AND finished_at IS NULL
""")

_FINISH = text("""
UPDATE purge_run SET finished_at = now(), counts = CAST(:counts AS jsonb)
WHERE id = :id AND attempt = :attempt AND started_at IS NOT NULL AND finished_at IS NULL
RETURNING id
""")

_BEAT = text("""
WITH gone AS (DELETE FROM process_heartbeat WHERE seen_at < now() - interval '1 hour')
INSERT INTO process_heartbeat (process_id, role, seen_at) VALUES (:process_id, :role, now())
ON CONFLICT (process_id) DO UPDATE SET seen_at = excluded.seen_at
""")

_ALIVE = text("""
SELECT EXISTS (SELECT FROM process_heartbeat
               WHERE role = :role AND seen_at > now() - make_interval(secs => :seconds))
""")


class PostgresPurgeLedger:
    """Implements ports.PurgeLedger and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(self, author: str | None) -> Purge:
        with self._database.transaction() as session:
            session.execute(_LOCK_PURGE)
            return _purge(session.execute(_REQUEST, {"author": author}).one())

    def start(self) -> Purge | None:
        with self._database.transaction() as session:
            session.execute(_LOCK_PURGE)
            row = session.execute(_START, {"lease": PURGE_LEASE_SECONDS}).first()
        return _purge(row) if row else None

    def renew(self, purge: Purge) -> bool:
        return bool(self._database.run(_RENEW, {**_held(purge), "lease": PURGE_LEASE_SECONDS}))

    def release(self, purge: Purge) -> None:
        self._database.run(_RELEASE, _held(purge))

    def finish(self, purge: Purge, counts: Mapping[str, int]) -> bool:
        return bool(self._database.run(_FINISH, {**_held(purge), "counts": json.dumps(dict(counts))}))

    def get(self, purge_id: int) -> Purge | None:
        with self._database.transaction() as session:
            row = session.execute(select(purge_run).where(purge_run.c.id == purge_id)).first()
        return _purge(row) if row else None

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, purge_run, purge_run.c.finished_at < func.now() - _PURGES_KEPT, limit)


class PostgresHeartbeats:
    """Implements ports.Heartbeats."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, process_id: str, role: str) -> None:
        with self._database.transaction() as session:
            session.execute(_BEAT, {"process_id": process_id, "role": role})

    def alive(self, role: str) -> bool:
        with self._database.transaction() as session:
            return bool(session.scalar(_ALIVE, {"role": role, "seconds": _ALIVE_SECONDS}))

    def check(self) -> None:
        with self._database.transaction() as session:
            session.execute(text("SELECT 1"))


class PostgresRequestLog:
    """Implements ports.RequestLog and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refused(self, slot_id: str, reason: str, detail: Mapping[str, Any], *, once_a_minute: bool = False) -> None:
        told = {"slot_id": slot_id, "reason": reason, "detail": json.dumps({"reason": reason, **detail})}
        with at_most(_REFUSAL_SECONDS):
            self._database.run(LOG_REFUSAL, {**told, "once_a_minute": once_a_minute})

    def forget_expired(self, limit: int) -> int:
        over = processing_log.c.job_id.is_(None) & (processing_log.c.at < func.now() - _REFUSALS_KEPT)
        return forget(self._database, processing_log, over, limit)


def _held(purge: Purge) -> dict[str, int]:
    return {"id": purge.id, "attempt": purge.attempt}


def _purge(row: Row[Any]) -> Purge:
    return Purge(row.id, row.requested_by, row.requested_at, row.started_at, row.finished_at, row.counts, row.attempt)
