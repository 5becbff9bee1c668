"""All SQL of copies. Who copies a photo holds no lock meanwhile, but the time at which it is due again."""

from sqlalchemy import text

_WAITS = "copied_at IS NULL AND given_up_at IS NULL"
_IS_OVER = "(job.result_file_path IS NULL OR job.result_expires_at <= statement_timestamp())"
_IS_SHOWN = "(job.hidden_at IS NULL AND job.deleted_at IS NULL)"
_HELD = f"job_id = :job_id AND attempts = :attempts AND {_WAITS}"

TAKE = text(f"""
WITH due AS (
    SELECT job_id FROM result_copy AS copy JOIN job ON job.id = copy.job_id
    WHERE {_WAITS} AND next_try_at <= statement_timestamp() AND {_IS_SHOWN} AND NOT {_IS_OVER}
    ORDER BY next_try_at LIMIT 1 FOR UPDATE OF copy SKIP LOCKED
)
UPDATE result_copy AS copy
SET attempts = attempts + 1, next_try_at = statement_timestamp() + make_interval(secs => :hold_seconds)
FROM due WHERE copy.job_id = due.job_id
RETURNING copy.job_id, attempts, name
""")

# The index of names refuses one that is another's.
NAME = text(f"UPDATE result_copy SET name = :name WHERE {_HELD} RETURNING job_id")

# Without the fence: whoever wrote it, it is there.
COPIED = text("""
UPDATE result_copy SET copied_at = statement_timestamp(), given_up_at = NULL, error = ''
WHERE job_id = :job_id AND copied_at IS NULL
""")

FAILED = text(f"""
UPDATE result_copy
SET error = :error, next_try_at = statement_timestamp() + make_interval(secs => :retry_seconds)
WHERE {_HELD}
""")

CLOSE = text(f"""
WITH over AS (
    SELECT copy.job_id, coalesce({_IS_SHOWN}, true) AS is_lost
    FROM result_copy AS copy LEFT JOIN job ON job.id = copy.job_id
    WHERE {_WAITS} AND (job.id IS NULL OR {_IS_OVER})
    FOR UPDATE OF copy SKIP LOCKED
), withdrawn AS (
    DELETE FROM result_copy AS copy USING over WHERE copy.job_id = over.job_id AND NOT is_lost
)
UPDATE result_copy AS copy SET given_up_at = statement_timestamp()
FROM over WHERE copy.job_id = over.job_id AND is_lost
RETURNING copy.job_id
""")

# All that is withdrawn is little, and has an index; what is to be copied is not looked up among the jobs.
TALLY = text(f"""
SELECT slot_id, count(copied_at) AS copied, count(given_up_at) AS lost,
       count(*) FILTER (WHERE is_withheld) AS withheld, count(*) FILTER (WHERE NOT is_withheld) AS waiting,
       min(created_at) FILTER (WHERE NOT is_withheld) AS oldest_waiting_at,
       coalesce(max(error) FILTER (WHERE NOT is_withheld), '') AS error
FROM (SELECT *, CASE WHEN {_WAITS} THEN job_id IN (
          SELECT id FROM job WHERE hidden_at IS NOT NULL OR deleted_at IS NOT NULL) END AS is_withheld
      FROM result_copy
      WHERE slot_id = ANY(SELECT id FROM slot WHERE CAST(:slot_id AS text) IS NULL OR id = :slot_id)
        AND created_at > now() - interval '7 days') AS copies
GROUP BY slot_id
""")
