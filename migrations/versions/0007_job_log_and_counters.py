"""indexes of the job log; failure codes and counters of what ended before there were any

Photos are taken meanwhile: indexes are built concurrently, jobs are changed a few at a time. Both may be begun anew.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_job_created_at": "job (created_at DESC, id DESC) INCLUDE (source, status, failure_reason)",
    "ix_job_slot_created_at": (
        "job (slot_id, created_at DESC, id DESC) INCLUDE (source, status, failure_reason, booth)"
    ),
    "ix_job_booth_created_at": (
        "job (booth, created_at DESC, id DESC) INCLUDE (slot_id, source, status, failure_reason) WHERE booth <> ''"
    ),
    "ix_job_failure_created_at": (
        "job (created_at DESC, id DESC) INCLUDE (failure_reason, failure_code, slot_id, source, booth)"
        " WHERE failure_reason IS NOT NULL"
    ),
    "ix_job_tried_created_at": (
        "job (created_at DESC, id DESC) INCLUDE (source, slot_id, status, failure_reason, failure_code, booth)"
        " WHERE source <> 'ingest'"
    ),
    "ix_processing_log_refused": ("processing_log (at DESC, id DESC) INCLUDE (slot_id, detail) WHERE job_id IS NULL"),
    "ix_processing_log_refused_reason": (
        "processing_log ((detail ->> 'reason'), at DESC, id DESC) INCLUDE (slot_id, detail) WHERE job_id IS NULL"
    ),
}
_INDEXES_BEFORE = {
    "ix_job_created_at": "job (created_at DESC)",
    "ix_job_slot_created_at": "job (slot_id, created_at DESC)",
    "ix_processing_log_refused": "processing_log (at) WHERE job_id IS NULL",
}

# Found once, changed and committed a few thousand at a time: no booth waits for longer than one of these takes.
_NAME_FAILURES = """
DO $$
DECLARE batch uuid[];
BEGIN
    FOR batch IN
        SELECT array_agg(id) FROM (
            SELECT id, row_number() OVER (ORDER BY created_at) / 5000 AS number FROM job
            WHERE failure_reason IS NOT NULL AND failure_code IS NULL) AS failed
        GROUP BY number
    LOOP
        UPDATE job SET failure_code = coalesce(failure_detail ->> 'fault', failure_detail ->> 'code', failure_reason)
        WHERE id = ANY(batch);
        COMMIT;
    END LOOP;
END $$
"""

# Steps of an hour, and of five minutes where those are still kept.
_STEPS = """(VALUES (60, TIMESTAMPTZ '-infinity'), (5, date_trunc('hour', now()) - INTERVAL '48 hours'))
    AS step (minutes, since)"""
_START = "date_bin(make_interval(mins => minutes), {}, TIMESTAMPTZ '2000-01-01 00:00+00')"

_COUNT_PHOTOS = f"""
INSERT INTO photo_stats (step_minutes, starts_at, slot_id, epoch, source, outcome, reason, provider, model, booth,
                         shard, photos, duration_ms, durations)
SELECT minutes, {_START.format("finalized_at")}, slot_id, 0, source, coalesce(failure_reason, 'success'),
       coalesce(failure_code, failure_detail ->> 'fault', failure_detail ->> 'code', failure_reason, ''),
       provider, model, booth, 0, count(*), sum(ms), sum(duration_histogram(ms))
FROM {_STEPS} JOIN job ON finalized_at >= since,
     LATERAL (SELECT CAST(extract(epoch FROM finalized_at - created_at) * 1000 AS bigint) AS ms) AS took
WHERE is_finalized GROUP BY 1, 2, 3, 5, 6, 7, 8, 9, 10
"""
_COUNT_REFUSALS = f"""
INSERT INTO photo_stats (step_minutes, starts_at, slot_id, epoch, source, outcome, reason, provider, model, booth,
                         shard, photos, duration_ms, durations)
SELECT minutes, {_START.format("at")}, coalesce(slot.id, ''), 0, 'ingest', 'refused', coalesce(detail ->> 'reason', ''),
       '', '', '', 0, count(*), 0, 0
FROM {_STEPS} JOIN processing_log AS log ON at >= since LEFT JOIN slot ON slot.id = log.slot_id
WHERE job_id IS NULL AND event = 'refused' GROUP BY 1, 2, 3, 7
"""
_COUNT_CALLS = f"""
INSERT INTO call_stats (step_minutes, starts_at, slot_id, epoch, source, provider, model, fault, shard,
                        calls, cost_usd, duration_ms, durations)
SELECT minutes, {_START.format("at")}, job.slot_id, 0, source, detail ->> 'provider', coalesce(detail ->> 'model', ''),
       coalesce(detail ->> 'fault', ''), 0, count(*), sum(coalesce(CAST(detail ->> 'cost_usd' AS numeric), 0)),
       sum(ms), sum(duration_histogram(ms))
FROM {_STEPS} JOIN processing_log AS log ON at >= since JOIN job ON job.id = log.job_id,
     LATERAL (SELECT coalesce(duration_ms, 0) AS ms) AS took
WHERE event = 'attempt' AND detail ->> 'provider' IS NOT NULL GROUP BY 1, 2, 3, 5, 6, 7, 8
"""


def upgrade() -> None:
    with _beside_the_others():
        op.execute(_NAME_FAILURES.strip())
        _build(_INDEXES)
        op.execute(_NAME_FAILURES.strip())  # those that old processes ended meanwhile
    for count in (_COUNT_PHOTOS, _COUNT_REFUSALS, _COUNT_CALLS):
        op.execute(count)


def downgrade() -> None:
    with _beside_the_others():
        _build(_INDEXES_BEFORE)
        for name in _INDEXES.keys() - _INDEXES_BEFORE.keys():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute("TRUNCATE photo_stats, call_stats")


@contextmanager
def _beside_the_others() -> Iterator[None]:
    """Without a transaction. Nobody waits for the locks of such statements, and so they may wait for the others."""
    with op.get_context().autocommit_block():
        usual = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
        op.execute("SET lock_timeout = '5min'")
        yield
        op.execute(f"SET lock_timeout = '{usual}'")


def _build(indexes: Mapping[str, str]) -> None:
    """Each stands before the one of its name goes; what an earlier try has left half-built goes first."""
    for name, definition in indexes.items():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}_new")
        op.execute(f"CREATE INDEX CONCURRENTLY {name}_new ON {definition}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"ALTER INDEX {name}_new RENAME TO {name}")
