"""Parts of statements that count: photos as they end, calls of providers as they are logged.

They stand in the statement that writes what they count, so that the counters can neither miss nor repeat anything.
Rows are written in the order of their keys: two statements that count the same can then not block each other for ever.
"""

from sqlalchemy import text

from app.adapters.db.histograms import packed
from app.domain.periods import COARSE_STEP, FINE_STEP

_SHARDS = 4
_STEPS = f"(VALUES ({FINE_STEP.seconds // 60}), ({COARSE_STEP.seconds // 60})) AS step (minutes)"
_EPOCH = "TIMESTAMPTZ '2000-01-01 00:00+00'"


def _starts_at(moment: str) -> str:
    return f"date_bin(make_interval(mins => step.minutes), {moment}, {_EPOCH})"


_PHOTO_KEYS = "step_minutes, starts_at, slot_id, epoch, source, outcome, reason, provider, model, booth, shard"
_ADD_PHOTOS = f"""ON CONFLICT ({_PHOTO_KEYS}) DO UPDATE
    SET photos = kept.photos + excluded.photos, duration_ms = kept.duration_ms + excluded.duration_ms,
        durations = kept.durations + excluded.durations"""

# Of `done`, rows of the job table as they are after their end.
PHOTOS = f"""INSERT INTO photo_stats AS kept ({_PHOTO_KEYS}, photos, duration_ms, durations)
    SELECT step.minutes, {_starts_at("done.finalized_at")}, done.slot_id, slot.stats_epoch, done.source,
           coalesce(done.failure_reason, 'success'), coalesce(done.failure_code, ''),
           done.provider, done.model, done.booth, get_byte(uuid_send(done.id), 15) % {_SHARDS},
           count(*), sum(took.ms), sum({packed("took.ms")})
    FROM done JOIN slot ON slot.id = done.slot_id CROSS JOIN {_STEPS} CROSS JOIN LATERAL (
        SELECT CAST(extract(epoch FROM done.finalized_at - done.created_at) * 1000 AS bigint) AS ms) AS took
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    {_ADD_PHOTOS}"""

# A link that leads to no slot counts for none.
LOG_REFUSAL = text(f"""
WITH refused AS (
    INSERT INTO processing_log (slot_id, event, detail) VALUES (:slot_id, 'refused', CAST(:detail AS jsonb))
    RETURNING id, slot_id, at, detail
), counted AS (
    INSERT INTO photo_stats AS kept ({_PHOTO_KEYS}, photos, duration_ms, durations)
    SELECT step.minutes, {_starts_at("refused.at")}, coalesce(slot.id, ''), coalesce(slot.stats_epoch, 0), 'ingest',
           'refused', refused.detail ->> 'reason', '', '', '', refused.id % {_SHARDS},
           1, 0, 0
    FROM refused LEFT JOIN slot ON slot.id = refused.slot_id CROSS JOIN {_STEPS}
    ORDER BY 1
    {_ADD_PHOTOS}
    RETURNING 1
)
SELECT count(*) FROM counted
""")

_CALL_KEYS = "step_minutes, starts_at, slot_id, epoch, source, provider, model, fault, shard"

# Of `logged`, rows of the log that have just been written, and `held`, the jobs they belong to.
CALLS = f"""INSERT INTO call_stats AS kept ({_CALL_KEYS}, calls, cost_usd, duration_ms, durations)
    SELECT step.minutes, {_starts_at("logged.at")}, held.slot_id, slot.stats_epoch, held.source,
           logged.detail ->> 'provider', coalesce(logged.detail ->> 'model', ''),
           coalesce(logged.detail ->> 'fault', ''), get_byte(uuid_send(held.id), 15) % {_SHARDS},
           count(*), sum(coalesce(CAST(logged.detail ->> 'cost_usd' AS numeric), 0)), sum(took.ms),
           sum({packed("took.ms")})
    FROM logged JOIN held ON held.id = logged.job_id JOIN slot ON slot.id = held.slot_id CROSS JOIN {_STEPS}
         CROSS JOIN LATERAL (SELECT coalesce(logged.duration_ms, 0) AS ms) AS took
    WHERE logged.event = 'attempt'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ON CONFLICT ({_CALL_KEYS}) DO UPDATE
    SET calls = kept.calls + excluded.calls, cost_usd = kept.cost_usd + excluded.cost_usd,
        duration_ms = kept.duration_ms + excluded.duration_ms, durations = kept.durations + excluded.durations"""
