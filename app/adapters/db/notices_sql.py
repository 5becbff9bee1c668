"""All SQL of alerts that are told outside. Who tells one holds no lock meanwhile, but a lease on its row."""

from sqlalchemy import text

_LASTING = "interval '30 seconds'"
_REMIND_AFTER = "interval '6 hours'"
_LEASE = "interval '30 seconds'"

# Processes that see an alert come or go at the same moment write in turn.
LOCK = text("SELECT pg_advisory_xact_lock(7060805)")

# What somebody is telling at this moment stays: its end must be told too.
OBSERVE = text("""
WITH active AS (
    SELECT channel, fingerprint, content
    FROM jsonb_each(CAST(:alerts AS jsonb)) AS alert (fingerprint, content)
         CROSS JOIN unnest(CAST(:channels AS text[])) AS channel
), gone AS (
    SELECT notice.channel, notice.fingerprint,
           notice.channel <> ALL (CAST(:channels AS text[]))
               OR (told_at IS NULL AND coalesce(taken_until < now(), true)) AS is_dropped
    FROM alert_notice AS notice LEFT JOIN active USING (channel, fingerprint) WHERE active.channel IS NULL
), dropped AS (
    DELETE FROM alert_notice AS notice USING gone
    WHERE is_dropped AND notice.channel = gone.channel AND notice.fingerprint = gone.fingerprint
), ended AS (
    UPDATE alert_notice AS notice SET ended_at = now() FROM gone
    WHERE NOT is_dropped AND notice.channel = gone.channel AND notice.fingerprint = gone.fingerprint
      AND told_at IS NOT NULL AND ended_at IS NULL
)
INSERT INTO alert_notice (channel, fingerprint, content) SELECT channel, fingerprint, content FROM active
ON CONFLICT (channel, fingerprint) DO UPDATE SET content = excluded.content, ended_at = NULL
""")

TAKE = text(f"""
WITH resting AS (
    SELECT coalesce(max(failures), 0) AS failures, coalesce(bool_or(next_try_at > now()), false) AS is_so
    FROM alert_channel WHERE channel = :channel
), due AS (
    SELECT fingerprint FROM alert_notice
    WHERE channel = :channel AND NOT (SELECT is_so FROM resting) AND coalesce(taken_until < now(), true)
      AND CASE WHEN ended_at IS NOT NULL THEN ended_at <= now() - {_LASTING}
               WHEN told_at IS NULL THEN raised_at <= now() - {_LASTING}
               ELSE told_at <= now() - {_REMIND_AFTER} END
    ORDER BY coalesce(ended_at, raised_at), fingerprint LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE alert_notice AS notice SET taken_until = now() + {_LEASE}, attempt = attempt + 1
FROM due, resting WHERE notice.channel = :channel AND notice.fingerprint = due.fingerprint
RETURNING notice.fingerprint, content, raised_at, attempt, failures, now() AS at,
          CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN told_at IS NULL THEN 'raised' ELSE 'reminded' END AS event
""")

_HELD = "channel = :channel AND fingerprint = :fingerprint AND attempt = :attempt"

# An alert that has come back while its end was being told begins anew.
TOLD = text(f"""
WITH ended AS (
    DELETE FROM alert_notice WHERE {_HELD} AND :event = 'ended' AND ended_at IS NOT NULL RETURNING channel
), kept AS (
    UPDATE alert_notice
    SET taken_until = NULL, told_at = CASE WHEN :event <> 'ended' THEN now() END,
        raised_at = CASE WHEN :event = 'ended' THEN now() ELSE raised_at END
    WHERE {_HELD} AND (:event <> 'ended' OR ended_at IS NULL) RETURNING channel
)
INSERT INTO alert_channel AS known (channel, told_at) SELECT channel, now() FROM (TABLE ended UNION TABLE kept) AS heard
ON CONFLICT (channel) DO UPDATE
SET told_at = now(), failures = 0, mishap = NULL, message = '', next_try_at = now(), is_stopped = false
""")

FAILED = text(f"""
WITH kept AS (
    UPDATE alert_notice SET taken_until = NULL WHERE {_HELD} RETURNING channel
)
INSERT INTO alert_channel AS known (channel, failed_at, mishap, message, failures, next_try_at, is_stopped)
SELECT channel, now(), :mishap, :message, 1, now() + make_interval(secs => :pause_seconds), :is_hopeless FROM kept
ON CONFLICT (channel) DO UPDATE
SET failed_at = now(), mishap = excluded.mishap, message = excluded.message, failures = known.failures + 1,
    next_try_at = excluded.next_try_at, is_stopped = excluded.is_stopped
""")

WORKS = text("""
INSERT INTO alert_channel (channel, told_at) VALUES (:channel, now())
ON CONFLICT (channel) DO UPDATE
SET told_at = now(), failures = 0, mishap = NULL, message = '', next_try_at = now(), is_stopped = false
""")

# One after the other, for whatever locks both begins with the notices.
FORGET_NOTICES = text("DELETE FROM alert_notice WHERE channel = :channel")
FORGET_CHANNEL = text("DELETE FROM alert_channel WHERE channel = :channel")
