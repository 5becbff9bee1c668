"""All SQL of the gate: breakers in provider_state, calls and money in usage_window.

What writes takes its provider's lock first, and what reads a slot's budget then that slot's: in this order always, in
the same message and so in the same transaction. Workers that ask about the same at once pass one by one, nobody decides
on what another is just changing, and no lock is held over a round trip. Times are those of `clock_timestamp()`, after
that wait.
"""

from sqlalchemy import text

# All waits together are given up by the server before the gate's own patience ends: a call that nobody waited for is
# not counted afterwards. `now()` is when the message came.
_BOUNDED = """SELECT set_config('lock_timeout', CAST(CAST(
    greatest(1, 900 - 1000 * extract(epoch FROM clock_timestamp() - now())) AS integer) AS text), true);"""

_LOCK_PROVIDER = f"{_BOUNDED} SELECT pg_advisory_xact_lock(7060803, hashtext(:provider)); {_BOUNDED}"

# Providers that ask for one slot at once must not overspend its budget together. What is only added to a sum needs no
# lock but that of its row.
_LOCK_BUDGET = f"""SELECT pg_advisory_xact_lock(7060804, hashtext(:slot_id))
WHERE CAST(:slot_budget_usd AS numeric) IS NOT NULL; {_BOUNDED}"""

# The kind that opened a breaker is the kind of its alert; how often it may be probed depends on it.
_PROBE_SECONDS = "coalesce(CAST(CAST(:probe_seconds AS jsonb) ->> alert_kind AS float8), 0)"

# `until` is when the breaker lets the asking call pass: once its time is over it waits for how one call ends, as it
# does for probes before.
_REFUSAL = f"""WITH clock AS (
    SELECT clock_timestamp() AS now
), breaker AS (
    SELECT model, {_PROBE_SECONDS} AS probe_seconds,
           CASE WHEN open_until > now AND NOT :probe THEN open_until ELSE coalesce(next_probe_at, now) END AS until
    FROM provider_state, clock
    WHERE provider = :provider AND model IN (:model, '') AND slot_id = '' AND open_until IS NOT NULL
), usage AS (
    SELECT asked.*, coalesce(known.amount, 0) AS used
    FROM clock, LATERAL (VALUES
        (1, 'quota_used', :provider_scope, 'calls_minute', 1, CAST(:per_minute AS numeric),
         date_trunc('minute', now), date_trunc('minute', now) + interval '1 minute'),
        (2, 'quota_used', :provider_scope, 'calls_day', 1, CAST(:per_day AS numeric),
         date_trunc('day', now, :day_zone),
         (date_trunc('day', now AT TIME ZONE :day_zone) + interval '1 day') AT TIME ZONE :day_zone),
        (3, 'provider_budget_spent', :provider_scope, 'usd_day', :price_usd, CAST(:provider_budget_usd AS numeric),
         date_trunc('day', now, 'UTC'), date_trunc('day', now, 'UTC') + interval '1 day'),
        (4, 'slot_budget_spent', :slot_scope, 'usd_day', :price_usd, CAST(:slot_budget_usd AS numeric),
         date_trunc('day', now, 'UTC'), date_trunc('day', now, 'UTC') + interval '1 day')
    ) AS asked (rank, verdict, scope, measure, wanted, most, starts_at, ends_at)
    LEFT JOIN usage_window AS known USING (scope, measure, starts_at)
), refusal AS (
    SELECT 0 AS rank, 'paused' AS verdict, until FROM breaker, clock WHERE until > now
    UNION ALL
    SELECT rank, verdict, ends_at FROM usage WHERE wanted > 0 AND used + wanted > most
)"""

# Nothing is counted and no probe begun unless every limit lets the call pass.
ADMIT = text(f"""
{_LOCK_PROVIDER}
{_LOCK_BUDGET}
{_REFUSAL}, probing AS (
    UPDATE provider_state AS state
    SET next_probe_at = now + make_interval(secs => greatest(probe_seconds, :probe_lease_seconds))
    FROM breaker, clock
    WHERE state.provider = :provider AND state.model = breaker.model AND slot_id = ''
      AND NOT EXISTS (SELECT FROM refusal)
), counted AS (
    INSERT INTO usage_window (scope, measure, starts_at, amount)
    SELECT scope, measure, starts_at, wanted FROM usage WHERE wanted > 0 AND NOT EXISTS (SELECT FROM refusal)
    ON CONFLICT (scope, measure, starts_at) DO UPDATE SET amount = usage_window.amount + excluded.amount
)
SELECT now,
       (SELECT verdict FROM refusal ORDER BY rank LIMIT 1) AS refused_as,
       (SELECT extract(epoch FROM max(until) - now)::float8 FROM refusal) AS retry_after,
       EXISTS (SELECT FROM breaker) AS is_probe
FROM clock
""")

WOULD_ADMIT = text(f"""
{_REFUSAL}
SELECT NOT EXISTS (SELECT FROM refusal) AS would_pass
""")

# On the day of the reservation: a call that ends after midnight takes nothing from the budget of the next day.
_CORRECTED = """corrected AS (
    INSERT INTO usage_window (scope, measure, starts_at, amount)
    SELECT scope, 'usd_day',
           date_trunc('day', coalesce(CAST(:reserved_at AS timestamptz), clock_timestamp()), 'UTC'), :difference_usd
    FROM unnest(ARRAY[:provider_scope, :slot_scope]) AS scope
    WHERE :difference_usd <> 0
    ON CONFLICT (scope, measure, starts_at) DO UPDATE SET amount = usage_window.amount + excluded.amount
)"""

SUCCEED = text(f"""
{_LOCK_PROVIDER}
WITH {_CORRECTED}, closed AS (
    DELETE FROM provider_state WHERE provider = :provider AND model IN (:model, '') AND slot_id IN ('', :slot_id)
    RETURNING model, open_until
)
SELECT model FROM closed WHERE open_until IS NOT NULL
""")

# `held_model` and `held_slot` name the row that the fault is held against. A fault that pauses for longer than what is
# known gives the breaker its reason; one that only alerts never hides the reason why a breaker is open. What a probe
# found out lets the next one come, when it would have without this one's lease.
FAIL = text(f"""
{_LOCK_PROVIDER}
WITH {_CORRECTED}, known AS (
    SELECT now, open_until, next_probe_at, alert_kind, alert_message, alert_since,
           coalesce(failures, 0) + :counts AS failures,
           now + make_interval(secs => CASE
               WHEN CAST(:pause_seconds AS float8) IS NOT NULL THEN :pause_seconds
               WHEN :counts > 0 AND coalesce(failures, 0) + :counts >= :breaker_failures THEN :breaker_seconds
           END) AS pause_until
    FROM clock_timestamp() AS now LEFT JOIN provider_state
        ON provider = :provider AND model = :held_model AND slot_id = :held_slot
), judged AS (
    SELECT *, coalesce(pause_until >= coalesce(open_until, pause_until), false) AS opens,
           next_probe_at - make_interval(secs => greatest(:probe_lease_seconds - {_PROBE_SECONDS}, 0)) AS released_at
    FROM known
), told AS (
    SELECT *, opens OR (:alerts AND open_until IS NULL) AS speaks,
           least(pause_until, now + make_interval(secs => :kinds_probe_seconds)) AS first_probe_at
    FROM judged
), kept AS (
    INSERT INTO provider_state (provider, model, slot_id, failures, open_until, next_probe_at,
                                alert_kind, alert_message, alert_since)
    SELECT :provider, :held_model, :held_slot, failures,
           CASE WHEN opens THEN pause_until ELSE open_until END,
           CASE WHEN opens AND :is_probe THEN first_probe_at
                WHEN opens THEN greatest(next_probe_at, first_probe_at)
                WHEN :is_probe THEN released_at
                ELSE next_probe_at END,
           CASE WHEN speaks THEN :kind ELSE alert_kind END,
           CASE WHEN speaks THEN :message ELSE alert_message END,
           CASE WHEN speaks AND alert_kind IS DISTINCT FROM :kind THEN now ELSE alert_since END
    FROM told WHERE failures > 0 OR speaks OR open_until IS NOT NULL OR alert_kind IS NOT NULL
    ON CONFLICT (provider, model, slot_id) DO UPDATE
    SET failures = excluded.failures, open_until = excluded.open_until, next_probe_at = excluded.next_probe_at,
        alert_kind = excluded.alert_kind, alert_message = excluded.alert_message, alert_since = excluded.alert_since
), released AS (
    UPDATE provider_state
    SET next_probe_at = next_probe_at - make_interval(secs => greatest(:probe_lease_seconds - {_PROBE_SECONDS}, 0))
    WHERE :is_probe AND provider = :provider AND model IN (:model, '') AND slot_id = ''
      AND (model, slot_id) <> (:held_model, :held_slot)
)
SELECT opens, extract(epoch FROM pause_until - now)::float8 AS seconds FROM told
""")

# What a slot's own settings are to blame for stays, unless that was only the missing key or address.
REOPEN = text(f"""
{_LOCK_PROVIDER}
DELETE FROM provider_state WHERE provider = :provider AND (slot_id = '' OR alert_kind = 'not_configured')
RETURNING model, open_until
""")

ALERTS = text("""
SELECT provider, model, slot_id, alert_kind, alert_message, alert_since,
       CASE WHEN open_until > now THEN open_until END AS open_until
FROM provider_state, clock_timestamp() AS now WHERE alert_kind IS NOT NULL
ORDER BY coalesce(open_until <= now, true), alert_since DESC
""")
