"""What the cleanup takes of jobs: payloads, results, and in the end the jobs themselves.

Each statement leaves a row that somebody holds to the next call: whoever is first with the row decides.
"""

from sqlalchemy import text

from app.adapters.db.vk.filling_sql import AWAITED

# An original stays as long as its result is shown, whose file may stay longer: albums wait for it. What a booth was to
# get inline goes even then.
_IS_KEPT = """(result_file_path IS NOT NULL AND settings @> '{"keeping": {"originals": true}}')"""

FORGET_PAYLOADS = text(f"""
WITH unread AS (
    SELECT id FROM job
    WHERE payload_path IS NOT NULL AND result_inline_base64 IS NOT NULL AND expires_at < now() AND is_finalized
      AND {_IS_KEPT} AND result_expires_at > now()
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
), cleared AS (
    UPDATE job SET result_inline_base64 = NULL FROM unread WHERE job.id = unread.id
), due AS (
    SELECT id, payload_path FROM job
    WHERE payload_path IS NOT NULL AND expires_at < now() AND is_finalized AND NOT {_IS_KEPT}
    ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
), outlived AS (
    SELECT id, payload_path FROM job
    WHERE payload_path IS NOT NULL AND result_file_path IS NOT NULL AND result_expires_at <= now()
    ORDER BY result_expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
), gone AS (
    SELECT * FROM due UNION SELECT * FROM outlived LIMIT :limit
)
UPDATE job SET payload_path = NULL, result_inline_base64 = NULL
FROM gone WHERE job.id = gone.id
RETURNING gone.payload_path, job.payload_size_bytes
""")

FORGET_RESULTS = text(f"""
WITH expired AS (
    SELECT id, result_file_path FROM job
    WHERE result_file_path IS NOT NULL AND result_expires_at <= now() AND NOT {AWAITED}
    ORDER BY result_expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
), deleted AS (
    SELECT id, result_file_path FROM job
    WHERE result_file_path IS NOT NULL AND deleted_at <= now() - make_interval(secs => :undo_seconds)
    ORDER BY deleted_at LIMIT :limit FOR UPDATE SKIP LOCKED
), gone AS (
    SELECT * FROM expired UNION SELECT * FROM deleted LIMIT :limit
)
UPDATE job SET result_file_path = NULL
FROM gone WHERE job.id = gone.id
RETURNING job.id, gone.result_file_path, job.result_size_bytes
""")

FORGET_JOBS = text("""
WITH over AS (
    SELECT id FROM job
    WHERE is_finalized AND created_at < now() - make_interval(secs => :kept_seconds)
      AND payload_path IS NULL AND result_file_path IS NULL
    ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM job USING over WHERE job.id = over.id RETURNING job.id
), unlogged AS (
    DELETE FROM processing_log USING over WHERE processing_log.job_id = over.id
)
SELECT count(*) FROM gone
""")
