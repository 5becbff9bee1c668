"""All SQL of refreshes. A row is due while its wishes outnumber what is done; who reads from VK holds a lease on it."""

from sqlalchemy import text

# Sorted, so that two events that wish for the same never wait for one another in a ring. Of a community that somebody
# removes at this moment nothing is wished.
_WISHES = """
    SELECT community.id, wished.kind, wished.album_id, 1
    FROM community CROSS JOIN unnest(CAST(:kinds AS text[]), CAST(:album_ids AS bigint[])) AS wished (kind, album_id)
    WHERE community.id = :community_id {only_if}
    ORDER BY wished.kind, wished.album_id FOR KEY SHARE OF community
"""

# The first wish of several tells since when they wait.
_INSERT = """
INSERT INTO community_refresh AS known (community_id, kind, album_id, wanted) {wishes}
ON CONFLICT (community_id, kind, album_id) DO UPDATE
SET wanted = known.wanted + 1, wished_at = CASE WHEN known.wanted > known.done THEN known.wished_at ELSE now() END
"""

WISH = text(_INSERT.format(wishes=_WISHES.format(only_if="")))

RECEIVE = text(f"""
WITH received AS (
    INSERT INTO callback_event (group_id, event_id, type) VALUES (:group_id, :event_id, :type)
    ON CONFLICT (group_id, event_id) DO NOTHING RETURNING event_id
), wished AS ({_INSERT.format(wishes=_WISHES.format(only_if="AND EXISTS (SELECT FROM received)"))})
SELECT event_id FROM received
""")

_IS_FREE = "next_try_at <= now() AND coalesce(taken_until <= now(), true)"

_TAKE = """
WITH due AS (
    SELECT community_id, kind, album_id FROM community_refresh
    WHERE {is_due} AND {is_free} ORDER BY {order}, kind, album_id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE community_refresh AS task SET taken_until = now() + make_interval(secs => :hold_seconds), attempts = attempts + 1
FROM due WHERE (task.community_id, task.kind, task.album_id) = (due.community_id, due.kind, due.album_id)
RETURNING task.community_id, task.kind, task.album_id, wanted, attempts, wanted > done AS is_wished, wished_at
"""

TAKE = text(_TAKE.format(is_due="wanted > done", is_free=_IS_FREE, order="wished_at"))

# What nobody ever wished for has no row yet.
PREPARE = text("""
INSERT INTO community_refresh (community_id, kind)
SELECT community.id, kind FROM community CROSS JOIN unnest(CAST(:kinds AS text[])) AS kind
WHERE NOT EXISTS (
    SELECT FROM community_refresh AS known
    WHERE known.community_id = community.id AND known.kind = kind.kind AND known.album_id = 0
)
ORDER BY community.id, kind FOR KEY SHARE OF community
ON CONFLICT DO NOTHING
""")

TAKE_STALE = text(
    _TAKE.format(
        is_due="wanted = done AND kind = ANY(CAST(:kinds AS text[])) AND album_id = 0"
        " AND coalesce(refreshed_at <= now() - make_interval(secs => :older_seconds), true)",
        is_free=_IS_FREE,
        order="refreshed_at NULLS FIRST",
    )
)

PENDING = text("SELECT DISTINCT community_id FROM community_refresh WHERE wanted > done AND next_try_at <= now()")

_ROW = "community_id = :community_id AND kind = :kind AND album_id = :album_id"

# Whoever was replaced has read what was wished all the same, but the lease is another's.
DONE = text(f"""
UPDATE community_refresh
SET done = greatest(done, :wanted), refreshed_at = now(), next_try_at = now(), error = '',
    taken_until = CASE WHEN attempts <> :attempts THEN taken_until END,
    attempts = CASE WHEN attempts <> :attempts THEN attempts ELSE 0 END
WHERE {_ROW}
""")

FAILED = text(f"""
UPDATE community_refresh
SET taken_until = NULL, next_try_at = now() + make_interval(secs => :retry_seconds), error = :error
WHERE {_ROW} AND attempts = :attempts
""")
