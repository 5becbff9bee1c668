"""How the installation is, read in one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from app.adapters.db.connection import Database
from app.domain.copies import OVERDUE_SECONDS
from app.domain.vk import filling
from app.domain.vk.community import LATE_MINUTES
from app.domain.vk.posts import LATE_SPACING, PostStatus
from app.ports.alerts import CopyTrouble, PostTrouble, UploadTrouble, Vitals

# Each part is a look into an index: the newest purge, the day's few budgets, two or three steps of the counters, the
# copies that are due or were lost, what is due to a wall or an album. Of posts there are only those that are not over.
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
            GROUP BY slot_id) AS lost) AS lost_copies,
       (SELECT max(seen_at) FROM process_heartbeat WHERE role = 'tracker') AS tracker_seen_at,
       least(
           (SELECT min(publication_date) FROM system_post
            WHERE status IN ('pending_publication', 'publishing') AND publication_date <= now()
              AND coalesce(taken_until <= now(), true)),
           (SELECT min(next_try_at) FROM community_refresh WHERE wanted > done AND next_try_at <= now()),
           (SELECT min(next_try_at) FROM album_upload
            WHERE vk_photo_id IS NULL AND given_up_at IS NULL AND next_try_at <= now())) AS tracker_awaited_since,
       (SELECT jsonb_agg(trouble) FROM (
            SELECT jsonb_build_object(
                'community', community.name, 'status', status, 'code', coalesce(error ->> 'code', ''),
                'since', min(coalesce(attempted_at, publication_date))) AS trouble
            FROM system_post JOIN community ON community.id = community_id
            WHERE status IN ('error', 'possible_error', 'late')
               OR (status = 'pending_publication'
                   AND publication_date <= now() - make_interval(mins => :late_minutes)
                   AND (error IS NOT NULL OR NOT EXISTS (
                       SELECT FROM system_post AS other
                       WHERE other.community_id = community.id AND other.status = 'publishing'
                         AND other.taken_until > now()
                   ) AND NOT EXISTS (
                       SELECT FROM past_post AS past
                       WHERE past.community_id = community.id AND past.outcome = 'published'
                         AND past.ended_at > now() - make_interval(secs => :turn_seconds))))
            GROUP BY community.name, status, error ->> 'code') AS failed) AS failed_posts,
       (SELECT jsonb_agg(trouble) FROM (
            SELECT jsonb_build_object(
                'community', community.name, 'code', error, 'since', min(upload.created_at),
                'slots', jsonb_agg(DISTINCT slot_id)) AS trouble
            FROM album_upload AS upload JOIN community ON community.id = community_id
            WHERE vk_photo_id IS NULL AND given_up_at IS NULL
              AND upload.created_at < now() - make_interval(
                  secs => CASE error WHEN '' THEN :untried_seconds ELSE :failing_seconds END)
              AND job_id NOT IN (SELECT id FROM job WHERE hidden_at IS NOT NULL OR deleted_at IS NOT NULL)
            GROUP BY community.name, error) AS overdue) AS overdue_uploads,
       (SELECT jsonb_agg(trouble) FROM (
            SELECT jsonb_build_object(
                'community', community.name, 'code', error, 'since', min(given_up_at),
                'slots', jsonb_agg(DISTINCT slot_id)) AS trouble
            FROM album_upload JOIN community ON community.id = community_id
            WHERE given_up_at > now() - interval '24 hours'
            GROUP BY community.name, error) AS lost) AS lost_uploads
""")


# A late post that waits for its turn gets it within a minute of the spacing's end.
_KNOWN = {
    "overdue_seconds": OVERDUE_SECONDS,
    "late_minutes": LATE_MINUTES,
    "turn_seconds": LATE_SPACING.total_seconds() + 60,
    "failing_seconds": filling.OVERDUE_SECONDS,
    "untried_seconds": filling.UNTRIED_SECONDS,
}


class PostgresMonitor:
    """Implements ports.Monitor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def vitals(self) -> Vitals:
        [row] = self._database.run(_VITALS, _KNOWN)
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
            tracker_seen_at=row.tracker_seen_at,
            tracker_awaited_since=row.tracker_awaited_since,
            failed_posts=_post_troubles(row.failed_posts),
            overdue_uploads=_upload_troubles(row.overdue_uploads),
            lost_uploads=_upload_troubles(row.lost_uploads),
        )


def _troubles(found: Mapping[str, Mapping[str, Any]] | None) -> dict[str, CopyTrouble]:
    return {
        slot_id: CopyTrouble(datetime.fromisoformat(told["since"]), told["error"])
        for slot_id, told in (found or {}).items()
    }


def _post_troubles(found: Sequence[Mapping[str, str]] | None) -> tuple[PostTrouble, ...]:
    troubles = (
        PostTrouble(told["community"], PostStatus(told["status"]), told["code"], datetime.fromisoformat(told["since"]))
        for told in found or ()
    )
    return tuple(sorted(troubles, key=lambda trouble: (trouble.community, trouble.code, trouble.status)))


def _upload_troubles(found: Sequence[Mapping[str, Any]] | None) -> tuple[UploadTrouble, ...]:
    troubles = (
        UploadTrouble(told["community"], told["code"], datetime.fromisoformat(told["since"]), tuple(told["slots"]))
        for told in found or ()
    )
    return tuple(sorted(troubles, key=lambda trouble: (trouble.community, trouble.code)))
