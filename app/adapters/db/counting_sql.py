"""Parts of statements that count: photos as they end, calls of providers as they are logged.

They stand in the statement that writes what they count, so that the counters can neither miss nor repeat anything.
Rows are written in the order of their keys: two statements that count the same can then not block each other for ever.
"""

from sqlalchemy import text

from app.adapters.db.histograms import packed
from app.domain.periods import COARSE_STEP, FINE_STEP

_STEPS = f"(VALUES ({FINE_STEP.seconds // 60}), ({COARSE_STEP.seconds // 60})) AS step (minutes)"
# A connection ends one photo at a time: it never waits for itself, and only as many rows are made as work at once.
_SHARD = "pg_backend_pid() % 32"
_EPOCH = "TIMESTAMPTZ '2000-01-01 00:00+00'"


def _starts_at(moment: str) -> str:
    return f"date_bin(make_interval(mins => step.minutes), {moment}, {_EPOCH})"


_PHOTO_KEYS = "step_minutes, starts_at, slot_id, epoch, source, outcome, reason, provider, model, booth, shard"
_ADD_PHOTOS = f"""ON CONFLICT ({_PHOTO_KEYS}) DO UPDATE
    SET photos = kept.photos + excluded.photos, duration_ms = kept.duration_ms + excluded.duration_ms,
        durations = kept.durations + excluded.durations"""

_PHOTO = f"""{_starts_at("done.finalized_at")}, done.slot_id, done.stats_epoch, done.source,
           coalesce(done.failure_reason, 'success'), coalesce(done.failure_code, ''),
           done.provider, done.model, done.booth, {_SHARD}"""
_TOOK = "CAST(extract(epoch FROM done.finalized_at - done.created_at) * 1000 AS bigint)"

# What `held` and `done` must say of a job beside its own columns.
STATS_EPOCH = "(SELECT stats_epoch FROM slot WHERE slot.id = job.slot_id) AS stats_epoch"

# Of `done`, one row of the job table as it is after its end: to group a single row takes longer than all the rest.
PHOTO = f"""INSERT INTO photo_stats AS kept ({_PHOTO_KEYS}, photos, duration_ms, durations)
    SELECT step.minutes, {_PHOTO}, 1, {_TOOK}, {packed(_TOOK)}
    FROM done CROSS JOIN {_STEPS} ORDER BY 1
    {_ADD_PHOTOS}"""

# Of `done`, any number of them.
PHOTOS = f"""INSERT INTO photo_stats AS kept ({_PHOTO_KEYS}, photos, duration_ms, durations)
    SELECT step.minutes, {_PHOTO}, count(*), sum({_TOOK}), sum({packed(_TOOK)})
    FROM done CROSS JOIN {_STEPS}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    {_ADD_PHOTOS}"""

# A link that leads to no slot counts for none.
LOG_REFUSAL = text(f"""
WITH refused AS (
    INSERT INTO processing_log (slot_id, event, detail) VALUES (:slot_id, 'refused', CAST(:detail AS jsonb))
    RETURNING id, slot_id, at, detail
), counted AS (
    INSERT INTO photo_stats AS kept ({_PHOTO_KEYS}, photos, duration_ms, durations)
    SELECT step.minutes, {_starts_at("refused.at")}, coalesce(slot.id, ''), coalesce(slot.stats_epoch, 0), 'ingest',
           'refused', refused.detail ->> 'reason', '', '', '', {_SHARD},
           1, 0, 0
    FROM refused LEFT JOIN slot ON slot.id = refused.slot_id CROSS JOIN {_STEPS}
    ORDER BY 1
    {_ADD_PHOTOS}
    RETURNING 1
)
SELECT count(*) FROM counted
""")

_CALL_KEYS = "step_minutes, starts_at, slot_id, epoch, source, provider, model, fault, shard"

# Of `logged`, rows of the log that have just been written, and `held`, the one job that they belong to.
CALLS = f"""INSERT INTO call_stats AS kept ({_CALL_KEYS}, calls, cost_usd, duration_ms, durations)
    SELECT step.minutes, {_starts_at("statement_timestamp()")}, held.slot_id, held.stats_epoch, held.source,
           made.provider, made.model, made.fault, {_SHARD},
           made.calls, made.cost_usd, made.duration_ms, made.durations
    FROM held CROSS JOIN {_STEPS} CROSS JOIN (
        SELECT detail ->> 'provider' AS provider, coalesce(detail ->> 'model', '') AS model,
               coalesce(detail ->> 'fault', '') AS fault, count(*) AS calls,
               sum(coalesce(CAST(detail ->> 'cost_usd' AS numeric), 0)) AS cost_usd,
               sum(coalesce(duration_ms, 0)) AS duration_ms, sum({packed("coalesce(duration_ms, 0)")}) AS durations
        FROM logged WHERE event = 'attempt' GROUP BY 1, 2, 3) AS made
    ORDER BY step.minutes, made.provider, made.model, made.fault
    ON CONFLICT ({_CALL_KEYS}) DO UPDATE
    SET calls = kept.calls + excluded.calls, cost_usd = kept.cost_usd + excluded.cost_usd,
        duration_ms = kept.duration_ms + excluded.duration_ms, durations = kept.durations + excluded.durations"""
