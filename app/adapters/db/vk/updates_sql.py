"""All SQL of updates. A reader has seen each community's changes up to some number."""

from sqlalchemy import text

MARK = text("""
INSERT INTO community_update AS known (community_id, number)
SELECT id, 1 FROM community WHERE id = :community_id FOR KEY SHARE
ON CONFLICT (community_id) DO UPDATE SET number = known.number + 1, updated_at = now()
""")

_UNSEEN = """
    SELECT changed.community_id, changed.number
    FROM community_update AS changed
         LEFT JOIN update_cursor AS own
                ON own.username = :username AND own.reader = '' AND own.community_id = changed.community_id
    WHERE changed.number > coalesce(own.seen, 0)
"""

UNSEEN = text(_UNSEEN)

# What two requests of one tab find at the same moment goes to one of them.
TAKE = text(f"""
INSERT INTO update_cursor AS known (username, reader, community_id, seen)
SELECT :username, :reader, community_id, number FROM ({_UNSEEN}) AS unseen
WHERE NOT EXISTS (
    SELECT FROM update_cursor AS tab
    WHERE tab.username = :username AND tab.reader = :reader AND tab.community_id = unseen.community_id
      AND tab.seen >= unseen.number
)
ORDER BY community_id
ON CONFLICT (username, reader, community_id) DO UPDATE SET seen = excluded.seen, at = now()
WHERE known.seen < excluded.seen
RETURNING community_id
""")

SEE = text("""
INSERT INTO update_cursor AS known (username, reader, community_id, seen)
SELECT :username, '', community_id, number FROM community_update WHERE community_id = :community_id
ON CONFLICT (username, reader, community_id) DO UPDATE SET seen = excluded.seen, at = now()
WHERE known.seen < excluded.seen
""")
