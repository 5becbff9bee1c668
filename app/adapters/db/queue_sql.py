"""All SQL that writes the job table, in the order of a job's life.

What galleries do to its photo is in photo_sql, what the cleanup takes of it in forgetting_sql.

`statement_timestamp()` decides every time: `now()` is the transaction's start and may lie before a lock wait.
The winner of each race is the statement whose WHERE clause still matched; its RETURNING says so. Each statement is
atomic by itself and needs no transaction around it.
"""

from sqlalchemy import text

from app.adapters.db.counting_sql import COUNT_CALLS, COUNT_PHOTO, COUNT_PHOTOS
from app.adapters.db.vk.filling_sql import TO_BE_PUBLISHED

_ENDED = """status = 'finalized', is_finalized = true, finalized_at = statement_timestamp(),
        lease_worker = NULL, lease_until = NULL"""
# The code is domain.job.Failure.code.
_FAILED = """failure_reason = :reason, failure_detail = CAST(:detail AS jsonb),
        failure_code = coalesce(CAST(:detail AS jsonb) ->> 'fault', CAST(:detail AS jsonb) ->> 'code', :reason)"""

# A statement whose answer was lost is sent again, and may still be running: the row's lock comes first, then what the
# log has already is left out, and only what is new is paid for.
_LOG_EVENTS = """INSERT INTO processing_log (job_id, slot_id, event, duration_ms, detail, attempt_id)
    SELECT held.id, slot_id, event, duration_ms, detail, attempt_id
    FROM held, jsonb_to_recordset(CAST(:events AS jsonb))
        AS e (event text, duration_ms integer, detail jsonb, attempt_id uuid)
    ON CONFLICT (attempt_id) WHERE attempt_id IS NOT NULL DO NOTHING
    RETURNING job_id, at, event, duration_ms, detail"""
_COST = "cost_usd + (SELECT coalesce(sum(CAST(detail ->> 'cost_usd' AS numeric)), 0) FROM logged)"

# Two statements in one message, and so in one transaction: the lock, under which concurrent requests cannot pass the
# limits together, is never held over a round trip. Then: count, insert, log, and wake a worker at commit.
ENQUEUE = text("""
SELECT pg_advisory_xact_lock(7060801);
WITH active AS (
    SELECT count(*) AS total, count(*) FILTER (WHERE slot_id = :slot_id) AS in_slot
    FROM job WHERE NOT is_finalized
), queued AS (
    INSERT INTO job (id, slot_id, source, settings, booth_fields, provider, operation,
                     payload_path, payload_mime_type, payload_size_bytes, payload_sha256, booth, created_at, expires_at)
    SELECT :id, :slot_id, :source, CAST(:settings AS jsonb), CAST(:booth_fields AS jsonb), :provider, :operation,
           :payload_path, :payload_mime_type, :payload_size_bytes, :payload_sha256, :booth,
           statement_timestamp() - make_interval(secs => :age_seconds),
           statement_timestamp() + make_interval(secs => :window_seconds - :age_seconds)
    FROM active
    WHERE total < :max_active AND (CAST(:slot_max AS integer) IS NULL OR in_slot < :slot_max)
    ON CONFLICT (id) DO NOTHING
    RETURNING id, slot_id, created_at, expires_at
), logged AS (
    INSERT INTO processing_log (job_id, slot_id, at, event, duration_ms)
    SELECT id, slot_id, statement_timestamp(), 'received', round(:age_seconds * 1000) FROM queued
), woken AS (
    SELECT pg_notify('photochanger_job', '') FROM queued
)
SELECT expires_at, extract(epoch FROM expires_at - statement_timestamp())::float8 AS seconds_left
FROM queued LEFT JOIN woken ON true
""")

# After an ENQUEUE that inserted nothing: the job of an earlier try, or the reason why there is none.
FIND_QUEUED = text("""
SELECT expires_at, extract(epoch FROM expires_at - statement_timestamp())::float8 AS seconds_left
FROM job WHERE id = :id
""")
COUNT_ACTIVE = text("SELECT count(*) FROM job WHERE NOT is_finalized")

# FOR UPDATE lasts for this statement only; afterwards the lease holds the job.
CLAIM = text("""
WITH next AS (
    SELECT id FROM job
    WHERE status = 'pending' AND expires_at > now()
    ORDER BY expires_at
    FOR UPDATE SKIP LOCKED
    LIMIT :limit
)
UPDATE job
SET status = 'processing', attempt = attempt + 1, lease_worker = :worker,
    lease_until = statement_timestamp() + make_interval(secs => :lease_seconds),
    started_at = coalesce(started_at, statement_timestamp())
FROM next WHERE job.id = next.id
RETURNING job.id, slot_id, attempt, settings, booth_fields, payload_path, payload_mime_type, payload_size_bytes,
          payload_sha256, cost_usd, orders,
          ARRAY(SELECT detail ->> 'request_id' FROM processing_log
                WHERE orders <> '{}' AND job_id = job.id AND event = 'attempt' AND detail ->> 'request_id' IS NOT NULL
          ) AS logged_requests,
          extract(epoch FROM expires_at - created_at)::float8 AS window_seconds,
          extract(epoch FROM expires_at - statement_timestamp())::float8 AS seconds_left
""")

# Also takes back a job that a rescue made pending while this worker could not be heard: the same attempt means that
# nobody has claimed it since.
RENEW = text("""
UPDATE job SET status = 'processing', lease_worker = :worker,
               lease_until = statement_timestamp() + make_interval(secs => :lease_seconds)
WHERE NOT is_finalized AND (lease_worker = :worker OR lease_worker IS NULL)
  AND (id, attempt) IN (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[])))
RETURNING id
""")

# What queue providers have been asked for, step by step: the provider's reference, or null as long as nobody knows it.
# Fenced, so that a worker that lost the job never begins a second picture.
KEEP_REFERENCE = text("""
UPDATE job
SET orders = orders || jsonb_build_object(CAST(:step AS text), CAST(:reference AS text)),
    provider_job_reference = coalesce(:reference, provider_job_reference)
WHERE id = :id AND NOT is_finalized AND attempt = :attempt
RETURNING id
""")

FORGET_REFERENCE = text("""
UPDATE job SET orders = orders - CAST(:step AS text)
WHERE id = :id AND NOT is_finalized AND attempt = :attempt
""")

# Neither the fence nor the end matters: a call that came too late has cost all the same.
LOG_ATTEMPTS = text(f"""
WITH held AS (
    SELECT id, slot_id, source FROM job WHERE id = :id FOR UPDATE
), logged AS (
    {_LOG_EVENTS}
), paid AS (
    UPDATE job SET cost_usd = {_COST} FROM held WHERE job.id = held.id
)
SELECT {COUNT_CALLS}
""")

# The fence (attempt) stops a worker that was frozen while another took its job; the expiry stops an answer that the
# booth can no longer get, so that the deadline needs no database to be final. What is to be copied and
# published is ordered here, so that no photo is without its order.
FINALIZE_SUCCESS = text(f"""
WITH held AS (
    SELECT id, slot_id, source FROM job
    WHERE id = :id AND NOT is_finalized AND attempt = :attempt
      AND expires_at > statement_timestamp()
    FOR UPDATE
), logged AS (
    {_LOG_EVENTS}
), done AS (
    UPDATE job
    SET {_ENDED},
        provider = :provider, model = :model, operation = :operation, cost_usd = {_COST},
        result_file_path = :path, result_mime_type = :mime_type, result_size_bytes = :size_bytes,
        result_checksum = :checksum, result_width = :width, result_height = :height,
        result_inline_base64 = CASE WHEN job.source = 'ingest' THEN :inline_base64 END,
        result_expires_at = statement_timestamp() + make_interval(hours => coalesce(
            (SELECT CAST(value AS integer) FROM app_settings WHERE key = 'result_retention_hours'),
            :default_retention_hours))
    FROM held WHERE job.id = held.id
    RETURNING job.*
), to_be_copied AS (
    INSERT INTO result_copy (job_id, slot_id)
    SELECT id, slot_id FROM done WHERE source <> 'test' AND settings -> 'keeping' ->> 'copies' = 'true'
), to_be_published AS ({TO_BE_PUBLISHED})
SELECT id, {COUNT_PHOTO}, {COUNT_CALLS} FROM done
""")

# Whether an earlier FINALIZE_SUCCESS took effect though its answer was lost.
IS_MY_RESULT = text("SELECT true FROM job WHERE id = :id AND result_file_path = :path")

FINALIZE_FAILURE = text(f"""
WITH held AS (
    SELECT id, slot_id, source FROM job
    WHERE id = :id AND NOT is_finalized AND attempt = :attempt
    FOR UPDATE
), logged AS (
    {_LOG_EVENTS}
), done AS (
    UPDATE job
    SET {_ENDED}, {_FAILED}, cost_usd = {_COST}
    FROM held WHERE job.id = held.id
    RETURNING job.*
)
SELECT id, {COUNT_PHOTO}, {COUNT_CALLS} FROM done
""")

# The waiting side (deadline, disconnect, shutdown) or an administrator ends a job, whoever holds it.
END = text(f"""
WITH held AS (
    SELECT id, slot_id FROM job WHERE id = :id AND NOT is_finalized FOR UPDATE
), logged AS (
    {_LOG_EVENTS}
), done AS (
    UPDATE job SET {_ENDED}, {_FAILED}
    FROM held WHERE job.id = held.id
    RETURNING job.*
)
SELECT *, {COUNT_PHOTO} FROM done
""")

HAND_BACK = text("""
WITH returned AS (
    UPDATE job SET status = 'pending', lease_worker = NULL, lease_until = NULL
    WHERE lease_worker = :worker
      AND (id, attempt) IN (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[])))
    RETURNING id, slot_id
), logged AS (
    INSERT INTO processing_log (job_id, slot_id, event) SELECT id, slot_id, 'handed_back' FROM returned
)
SELECT count(*), pg_notify('photochanger_job', '') FROM returned
""")

# The waiting request ends its job itself; a second later it is clear that none will.
TIME_OUT_OVERDUE = text(f"""
WITH done AS (
    UPDATE job
    SET {_ENDED}, failure_reason = 'timeout', failure_code = 'timeout'
    WHERE id IN (SELECT id FROM job WHERE NOT is_finalized AND expires_at < now() - interval '1 second'
                 FOR UPDATE SKIP LOCKED)
    RETURNING *
), logged AS (
    INSERT INTO processing_log (job_id, slot_id, event, detail)
    SELECT id, slot_id, 'finalized', jsonb_build_object('failure_reason', 'timeout', 'by', 'rescue') FROM done
)
{COUNT_PHOTOS}
""")

FAIL_KILLERS = text(f"""
WITH done AS (
    UPDATE job
    SET {_ENDED}, failure_reason = 'provider_error', failure_code = 'worker_lost',
        failure_detail = jsonb_build_object('code', 'worker_lost', 'attempts', attempt)
    WHERE id IN (SELECT id FROM job
                 WHERE NOT is_finalized AND lease_until < now() AND attempt >= :max_attempts
                 FOR UPDATE SKIP LOCKED)
    RETURNING *
), logged AS (
    INSERT INTO processing_log (job_id, slot_id, event, detail)
    SELECT id, slot_id, 'finalized', jsonb_build_object('failure_reason', 'provider_error', 'by', 'rescue') FROM done
)
{COUNT_PHOTOS}
""")

REQUEUE_LOST = text("""
WITH returned AS (
    UPDATE job SET status = 'pending', lease_worker = NULL, lease_until = NULL
    WHERE id IN (SELECT id FROM job WHERE NOT is_finalized AND lease_until < now() FOR UPDATE SKIP LOCKED)
    RETURNING id, slot_id
), logged AS (
    INSERT INTO processing_log (job_id, slot_id, event) SELECT id, slot_id, 'requeued' FROM returned
), woken AS (
    SELECT pg_notify('photochanger_job', '') FROM returned LIMIT 1
)
SELECT count(*) FROM returned LEFT JOIN woken ON true
""")

FINISHED = text("""
SELECT id, expires_at, failure_reason, failure_detail, result_file_path, result_mime_type, result_size_bytes,
       result_checksum, result_width, result_height, result_inline_base64
FROM job WHERE id = ANY(CAST(:ids AS uuid[])) AND is_finalized
""")

MARK_ANSWERED = text("""
WITH cleared AS (
    UPDATE job SET result_inline_base64 = NULL
    WHERE id = ANY(CAST(:ids AS uuid[])) AND result_inline_base64 IS NOT NULL
)
INSERT INTO processing_log (job_id, slot_id, event)
SELECT id, slot_id, 'answered' FROM job WHERE id = ANY(CAST(:ids AS uuid[]))
""")

REFERENCED = text("SELECT payload_path, result_file_path FROM job WHERE id = ANY(CAST(:ids AS uuid[]))")
