"""Parts of statements that count: photos as they end, calls of providers as they are logged.

They stand in the statement that writes what they count, so that the counters can neither miss nor repeat anything.
Whatever is counted together is counted in the order of its keys, and photos before calls: two statements that count the
same can then not block each other for ever.
"""

from sqlalchemy import text

# Of each row of `done`, the job table as it is after the end.
COUNT_PHOTO = """count_photo(done.finalized_at, done.slot_id, done.source, coalesce(done.failure_reason, 'success'),
        coalesce(done.failure_code, ''), done.provider, done.model, done.booth,
        CAST(extract(epoch FROM done.finalized_at - done.created_at) * 1000 AS bigint))"""

# Of all of `done`, which have one outcome and one time.
COUNT_PHOTOS = f"""SELECT count(*), count({COUNT_PHOTO})
FROM (SELECT * FROM done ORDER BY slot_id, source, failure_code, provider, model, booth) AS done"""

# Of `logged`, rows of the log that have just been written, and `held`, the one job that they belong to.
COUNT_CALLS = """(
    SELECT count(count_call(statement_timestamp(), held.slot_id, held.source, provider, model, fault, cost_usd, ms))
    FROM held CROSS JOIN (
        SELECT detail ->> 'provider' AS provider, coalesce(detail ->> 'model', '') AS model,
               coalesce(detail ->> 'fault', '') AS fault, coalesce(duration_ms, 0) AS ms,
               coalesce(CAST(detail ->> 'cost_usd' AS numeric), 0) AS cost_usd
        FROM logged WHERE event = 'attempt' ORDER BY 1, 2, 3) AS made)"""

# A link that leads to no slot counts for none. Whoever knocks on and on is counted, and written down once a minute.
LOG_REFUSAL = text("""
WITH refused AS (
    INSERT INTO processing_log (slot_id, event, detail)
    SELECT CAST(:slot_id AS text), 'refused', CAST(:detail AS jsonb)
    WHERE NOT (CAST(:once_a_minute AS boolean) AND EXISTS (
        SELECT FROM processing_log
        WHERE job_id IS NULL AND detail ->> 'reason' = CAST(:reason AS text) AND at > now() - interval '1 minute'
          AND slot_id = CAST(:slot_id AS text) AND detail -> 'network' = CAST(:detail AS jsonb) -> 'network'))
)
SELECT count_photo(now(), CAST(:slot_id AS text), 'ingest', 'refused', CAST(:reason AS text), '', '', '', NULL)
""")
