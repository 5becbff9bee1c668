"""Functions that add one photo, or one call of a provider, to its counters; app.adapters.db.counting_sql calls them.

Their plans are kept by each connection: planned anew with every statement, counting would take as long as all else
that ends a photo. Whoever works at once counts in rows of its own (`shard`): nobody waits for its own connection.
"""

from typing import Any

from sqlalchemy import Connection, event

from app.adapters.db.schema.base import metadata

# Its bounds are those of app.domain.statistics; see app.adapters.db.histograms.
DURATION_HISTOGRAM = """
CREATE FUNCTION duration_histogram(took_ms bigint) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CAST('1e' || 12 * width_bucket(took_ms, CAST('{250,500,1000,2000,3000,5000,7500,10000,15000,20000,25000,30000,\
35000,40000,45000,48000,50000,55000,60000}' AS bigint[])) AS numeric)
"""

# A slot that is none counts as the empty one; what was never taken in took no time.
COUNT_PHOTO = """
CREATE FUNCTION count_photo(
    ended_at timestamptz, its_slot text, its_source text, its_outcome text, its_reason text, its_provider text,
    its_model text, its_booth text, took_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photo_stats AS kept (step_minutes, starts_at, slot_id, epoch, source, outcome, reason, provider, model,
                                     booth, shard, photos, duration_ms, durations)
    SELECT minutes, date_bin(make_interval(mins => minutes), ended_at, TIMESTAMPTZ '2000-01-01 00:00+00'),
           coalesce(slot.id, ''), coalesce(slot.stats_epoch, 0), its_source, its_outcome, its_reason, its_provider,
           its_model, its_booth, mod(pg_backend_pid(), 8), 1, coalesce(took_ms, 0),
           coalesce(duration_histogram(took_ms), 0)
    FROM (VALUES (5), (60)) AS step (minutes) LEFT JOIN slot ON slot.id = its_slot ORDER BY minutes
    ON CONFLICT ON CONSTRAINT pk_photo_stats DO UPDATE
    SET photos = kept.photos + excluded.photos, duration_ms = kept.duration_ms + excluded.duration_ms,
        durations = kept.durations + excluded.durations;
END $$
"""

COUNT_CALL = """
CREATE FUNCTION count_call(
    called_at timestamptz, its_slot text, its_source text, its_provider text, its_model text, its_fault text,
    its_cost numeric, took_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO call_stats AS kept (step_minutes, starts_at, slot_id, epoch, source, provider, model, fault, shard,
                                    calls, cost_usd, duration_ms, durations)
    SELECT minutes, date_bin(make_interval(mins => minutes), called_at, TIMESTAMPTZ '2000-01-01 00:00+00'),
           slot.id, slot.stats_epoch, its_source, its_provider, its_model, its_fault, mod(pg_backend_pid(), 8),
           1, its_cost, took_ms, duration_histogram(took_ms)
    FROM (VALUES (5), (60)) AS step (minutes) JOIN slot ON slot.id = its_slot ORDER BY minutes
    ON CONFLICT ON CONSTRAINT pk_call_stats DO UPDATE
    SET calls = kept.calls + excluded.calls, cost_usd = kept.cost_usd + excluded.cost_usd,
        duration_ms = kept.duration_ms + excluded.duration_ms, durations = kept.durations + excluded.durations;
END $$
"""


@event.listens_for(metadata, "after_create")
def _create_functions(_metadata: object, connection: Connection, **_options: Any) -> None:
    for function in (DURATION_HISTOGRAM, COUNT_PHOTO, COUNT_CALL):
        connection.exec_driver_sql(function.strip())
