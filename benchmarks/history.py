"""A long past for a benchmark: finished jobs with their story and counters, as if booths had sent them."""

from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

SLOTS, DAYS, RESULT_HOURS, REFUSED = 15, 90, 72, 20_000
_AT_ONCE = 4
"""Connections that have counted, each in rows of its own."""

# The newest succeeded and are still kept; of the others four of a hundred failed.
_JOBS = """
INSERT INTO job (id, slot_id, source, status, is_finalized, failure_reason, failure_code, failure_detail, settings,
    booth_fields, booth, provider, model, operation, payload_mime_type, payload_size_bytes, payload_sha256, attempt,
    result_file_path, result_mime_type, result_size_bytes, result_checksum, result_width, result_height,
    result_expires_at, created_at, started_at, finalized_at, expires_at, cost_usd)
SELECT id, 'slot-' || lpad((n % :slots + 1)::text, 3, '0'), CASE WHEN n % 500 = 0 THEN 'test' ELSE 'ingest' END,
    'finalized', true, failure, code, CASE WHEN code IS NULL THEN NULL ELSE jsonb_build_object('code', code) END,
    '{"steps": [{"provider": "gemini", "operation": "image_edit", "settings": {}}], "output": {}}',
    jsonb_build_object('name', booth), booth, provider, model, 'image_edit', 'image/jpeg', 2000000, repeat('0', 64), 1,
    CASE WHEN n <= :results THEN 'results/' || id || '.jpg' END,
    CASE WHEN failure IS NULL THEN 'image/jpeg' END, CASE WHEN failure IS NULL THEN 400000 END,
    CASE WHEN failure IS NULL THEN repeat('f', 64) END, CASE WHEN failure IS NULL THEN 2048 END,
    CASE WHEN failure IS NULL THEN 1365 END, CASE WHEN n <= :results THEN now() + interval '24 hours' END,
    at, at + interval '10 ms', at + took, at + interval '48 seconds', 0.039
FROM (
    SELECT n, gen_random_uuid() AS id, 'BOOTH-' || n % 7 AS booth,
        CASE n % 3 WHEN 0 THEN 'local' ELSE 'gemini' END AS provider,
        CASE n % 3 WHEN 0 THEN '' ELSE 'gemini-2.5-flash-image' END AS model,
        CASE WHEN n <= :results THEN NULL WHEN n % 100 < 1 THEN 'timeout' WHEN n % 100 < 4 THEN 'provider_error' END
            AS failure,
        CASE WHEN n <= :results OR n % 100 >= 4 THEN NULL WHEN n % 100 = 0 THEN 'timeout' ELSE 'content_blocked' END
            AS code,
        CASE WHEN n <= :results THEN now() - n * (interval '1 hour' * :hours / :results)
             ELSE now() - interval '1 hour' * :hours - (n - :results) * (interval '1 day' * :days / :jobs) END AS at,
        interval '1 ms' * (800 + n::bigint * 7919 % 30000) AS took
    FROM generate_series(1, :jobs) AS n
) AS past
"""

_CALLS = """
INSERT INTO processing_log (job_id, slot_id, at, event, duration_ms, detail, attempt_id)
SELECT id, slot_id, finalized_at, 'attempt', extract(epoch FROM finalized_at - started_at) * 1000,
    jsonb_build_object('provider', provider, 'model', model, 'operation', operation, 'cost_usd', '0.039'),
    gen_random_uuid()
FROM job
"""

_REFUSALS = """
INSERT INTO processing_log (slot_id, at, event, detail)
SELECT 'slot-' || lpad((n % :slots + 1)::text, 3, '0'), now() - n * (interval '1 day' * :days / :refused), 'refused',
    '{"reason": "invalid_password", "client": "192.168.1.20"}'
FROM generate_series(1, :refused) AS n
"""

_COUNT = """
SELECT count(count_photo(finalized_at, slot_id, source, coalesce(failure_reason, 'success'),
           coalesce(failure_code, ''), provider, model, booth,
           (extract(epoch FROM finalized_at - created_at) * 1000)::bigint)),
       count(count_call(finalized_at, slot_id, source, provider, model, '', cost_usd,
           (extract(epoch FROM finalized_at - started_at) * 1000)::bigint))
FROM job WHERE mod(extract(epoch FROM created_at)::bigint, :parts) = :part
"""

_SHORT_STEPS = "DELETE FROM {} WHERE step_minutes = 5 AND starts_at < now() - interval '2 days'"


def live_through(url: str, jobs: int, results: int) -> UUID:
    """Fill a new database with `jobs` of the last 90 days, of which `results` still have a picture; returns a job."""
    engine = create_engine(url, poolclass=NullPool)
    amounts = {"jobs": jobs, "results": results, "slots": SLOTS, "days": DAYS, "hours": RESULT_HOURS}
    with engine.begin() as connection:
        connection.execute(text(_JOBS), amounts)
        connection.execute(text(_CALLS))
        connection.execute(text(_REFUSALS), {**amounts, "refused": REFUSED})
    for part in range(_AT_ONCE):
        with engine.begin() as connection:
            connection.execute(text(_COUNT), {"parts": _AT_ONCE, "part": part})
    with engine.begin() as connection:
        for table in ("photo_stats", "call_stats"):
            connection.execute(text(_SHORT_STEPS.format(table)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        newest = "SELECT id FROM job WHERE source = 'test' AND slot_id = 'slot-001' ORDER BY created_at DESC LIMIT 1"
        found: UUID = connection.execute(text(newest)).scalar_one()
    return found
