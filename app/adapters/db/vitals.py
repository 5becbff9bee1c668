"""How the installation is, read in one statement."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from app.adapters.db.connection import Database
from app.domain.copies import OVERDUE_SECONDS
from app.ports.alerts import CopyTrouble, Vitals

# Each part is a look into an index: the newest purge, the day's few budgets, two or three steps of the counters, the
# copies that are due or were lost.
_VITALS = text("""
SELECT now() AS now,
       (SELECT max(seen_at) FROM process_heartbeat WHERE role = 'worker') AS worker_seen_at,
       (SELECT min(created_at) FROM job WHERE status = 'pending') AS waiting_since,
       (SELECT max(started_at) FROM job WHERE created_at > now() - interval '3 minutes') AS claimed_at,
       (SELECT finished_at FROM purge_run WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1) AS purged_at,
       (SELECT jsonb_object_agg(scope, CAST(amount AS text)) FROM usage_window
        WHERE measure = 'usd_day' AND starts_at = date_trunc('day', now(), 'UTC')) AS spent_usd,
       (SELECT jsonb_object_agg(slot_id, number) FROM (
            SELECT slot_id, sum(photos) AS number FROM photo_stats
            WHERE step_minutes = 5 AND starts_at > now() - interval '10 minutes' AND outcome = 'refused'
              AND reason IN ('invalid_password', 'too_many_attempts')
            GROUP BY slot_id) AS refused) AS wrong_passwords,
       (SELECT jsonb_object_agg(slot_id, trouble) FROM (
            SELECT slot_id, jsonb_build_object('since', min(created_at), 'error', max(error)) AS trouble
            FROM result_copy
            WHERE copied_at IS NULL AND given_up_at IS NULL
              AND created_at < now() - make_interval(secs => :overdue_seconds)
              AND job_id NOT IN (SELECT id FROM job WHERE hidden_at IS NOT NULL OR deleted_at IS NOT NULL)
            GROUP BY slot_id) AS overdue) AS overdue_copies,
       (SELECT jsonb_object_agg(slot_id, trouble) FROM (
            SELECT slot_id, jsonb_build_object('since', min(given_up_at), 'error', max(error)) AS trouble
            FROM result_copy WHERE given_up_at > now() - interval '24 hours'
            GROUP BY slot_id) AS lost) AS lost_copies
""")


class PostgresMonitor:
    """Implements ports.Monitor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def vitals(self) -> Vitals:
        [row] = self._database.run(_VITALS, {"overdue_seconds": OVERDUE_SECONDS})
        return Vitals(
            now=row.now,
            worker_seen_at=row.worker_seen_at,
            waiting_since=row.waiting_since,
            claimed_at=row.claimed_at,
            purged_at=row.purged_at,
            spent_usd={scope: Decimal(amount) for scope, amount in (row.spent_usd or {}).items()},
            wrong_passwords=row.wrong_passwords or {},
            overdue_copies=_troubles(row.overdue_copies),
            lost_copies=_troubles(row.lost_copies),
        )


def _troubles(found: Mapping[str, Mapping[str, Any]] | None) -> dict[str, CopyTrouble]:
    return {
        slot_id: CopyTrouble(datetime.fromisoformat(told["since"]), told["error"])
        for slot_id, told in (found or {}).items()
    }
