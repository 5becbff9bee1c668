"""How the installation is, read in one statement."""

from decimal import Decimal

from sqlalchemy import text

from app.adapters.db.connection import Database
from app.ports.alerts import Vitals

# Each part is a look into an index: the newest purge, the day's few budgets, two or three steps of the counters.
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
            GROUP BY slot_id) AS refused) AS wrong_passwords
""")


class PostgresMonitor:
    """Implements ports.Monitor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def vitals(self) -> Vitals:
        [row] = self._database.run(_VITALS)
        return Vitals(
            now=row.now,
            worker_seen_at=row.worker_seen_at,
            waiting_since=row.waiting_since,
            claimed_at=row.claimed_at,
            purged_at=row.purged_at,
            spent_usd={scope: Decimal(amount) for scope, amount in (row.spent_usd or {}).items()},
            wrong_passwords=row.wrong_passwords or {},
        )
