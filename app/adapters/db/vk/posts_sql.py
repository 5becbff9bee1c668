"""All SQL of posts on their way to a wall. Nothing else writes `system_post`, `system_post_photo` and `past_post`.

One conditional UPDATE decides each race. `attempt` is the fence: it grows with every taking, and who publishes names
the one that it took. No lock is held while somebody talks to VK, but `taken_until` keeps others away: from a post that
is being published, from one that rests before it is tried again, and from one that is being looked for.

A post that was announced (`attempted_at`) is never taken for publishing again by itself: only looked for on the wall.
"""

from sqlalchemy import text

_ROW = """
    post.*, now() AS read_at,
    coalesce((SELECT jsonb_agg(to_jsonb(photo) ORDER BY position) FROM system_post_photo AS photo
              WHERE photo.post_id = post.id), '[]'::jsonb) AS photos
"""
_IS_FREE = "coalesce({row}.taken_until <= now(), true)"

# To be published: it waits, or who published it died before anything could have come to the wall.
_WAITS = f"""(
    {{row}}.status = 'pending_publication'
    OR ({{row}}.status = 'publishing' AND {{row}}.attempted_at IS NULL AND {_IS_FREE})
)"""
_IS_LATE = "{row}.publication_date <= now() - make_interval(mins => :late_minutes)"
_HELD = "post.id = :id AND post.attempt = :attempt"

ADD = text("""
INSERT INTO system_post AS post (id, community_id, text, publication_date, status, created_by, updated_by)
VALUES (:id, :community_id, :text, :publication_date, :status, :created_by, :updated_by)
ON CONFLICT (id) DO NOTHING RETURNING id
""")

# Only after ADD it is sure that nobody is moving the post of this id into the history: ADD has waited for that.
DROP_IF_OVER = text("""
DELETE FROM system_post USING past_post WHERE system_post.id = :id AND past_post.id = :id RETURNING system_post.id
""")

ADD_PHOTO = text("""
INSERT INTO system_post_photo (post_id, position, path, mime_type, size_bytes, width, height, job_id, attachment)
VALUES (:post_id, :position, :path, :mime_type, :size_bytes, :width, :height, :job_id, :attachment)
""")

FORGET_PHOTOS = text("DELETE FROM system_post_photo WHERE post_id = :id")

GET = text(f"SELECT {_ROW} FROM system_post AS post WHERE id = :id")

OF_COMMUNITY = text(f"""
SELECT {_ROW} FROM system_post AS post
WHERE (CAST(:community_id AS uuid) IS NULL OR community_id = :community_id)
  AND (CAST(:start AS timestamptz) IS NULL OR publication_date >= :start)
  AND (CAST(:end AS timestamptz) IS NULL OR publication_date < :end)
ORDER BY publication_date, id
""")

# A tried post keeps `attempted_at` and what was sent: before it is published again somebody must look for it.
EDIT = text("""
UPDATE system_post SET
    text = :text, publication_date = :publication_date, status = :status, error = CAST(:error AS jsonb),
    updated_by = :updated_by, version = version + 1, tries = 0, taken_until = NULL
WHERE id = :id AND version = :expected_version AND status <> 'publishing'
RETURNING id
""")

# Late posts of a community that publishes them without asking come one at a time, the oldest first, and not sooner than
# a while after the last one that appeared: a tracker that slept floods nobody's wall. Whoever looks at the same moment
# sees the same oldest one, which only one of them can lock. How often whoever published it died is kept in `error`.
TAKE_DUE = text(f"""
WITH due AS (
    SELECT post.id FROM system_post AS post JOIN community ON community.id = post.community_id
    WHERE {_WAITS.format(row="post")} AND post.publication_date <= now() AND {_IS_FREE.format(row="post")}
      AND (NOT {_IS_LATE.format(row="post")} OR late_policy = 'ask' OR NOT EXISTS (
          SELECT FROM system_post AS other
          WHERE other.community_id = post.community_id AND other.id <> post.id
            AND ((other.status = 'publishing' AND NOT {_WAITS.format(row="other")})
                 OR ({_WAITS.format(row="other")} AND {_IS_LATE.format(row="other")}
                     AND (other.publication_date, other.id) < (post.publication_date, post.id)))
      ) AND NOT EXISTS (
          SELECT FROM past_post AS past
          WHERE past.community_id = post.community_id AND past.outcome = 'published'
            AND past.ended_at > now() - make_interval(secs => :spacing_seconds)
      ))
    ORDER BY post.publication_date, post.id LIMIT :limit FOR UPDATE OF post SKIP LOCKED
), taken AS (
    UPDATE system_post AS post
    SET status = 'publishing', attempt = attempt + 1, tries = tries + 1,
        taken_until = now() + make_interval(secs => :hold_seconds),
        error = CASE WHEN status = 'publishing' THEN jsonb_build_object(
            'code', 'interrupted', 'times', coalesce(CAST(error ->> 'times' AS integer), 0) + 1) ELSE error END
    FROM due WHERE post.id = due.id
    RETURNING {_ROW}
)
SELECT * FROM taken ORDER BY publication_date, id
""")

HOLD = text(f"""
UPDATE system_post AS post SET taken_until = now() + make_interval(secs => :hold_seconds)
WHERE {_HELD} AND status = 'publishing' RETURNING id
""")

ATTACH = text(f"""
UPDATE system_post_photo AS photo SET attachment = :attachment FROM system_post AS post
WHERE {_HELD} AND status = 'publishing' AND photo.post_id = post.id AND photo.position = :position RETURNING post.id
""")

# Committed before wall.post is called. Until its call has ended, or must have, nobody looks for it.
ANNOUNCE = text(f"""
UPDATE system_post AS post
SET attempted_at = now(), vk_clock_at = :vk_clock_at, sent_text = :sent_text, vk_post_id = NULL, error = NULL,
    sent_attachments = ARRAY(SELECT attachment FROM system_post_photo AS photo
                             WHERE photo.post_id = post.id AND attachment IS NOT NULL ORDER BY position),
    taken_until = now() + make_interval(secs => :call_seconds)
WHERE {_HELD} AND status = 'publishing' RETURNING id
""")

# Also after somebody has given it up: VK has it.
SENT = text(f"""
UPDATE system_post AS post SET vk_post_id = :vk_post_id, taken_until = NULL
WHERE {_HELD} AND attempted_at IS NOT NULL RETURNING id
""")

# A refusal undoes the announcement: what is known of earlier attempts is what was known when the post was taken. An id
# that came meanwhile stays: it is of the attempt that is ended here, and VK has it.
END = text(f"""
UPDATE system_post AS post
SET status = :status, error = CAST(:error AS jsonb), attempted_at = :attempted_at, vk_clock_at = :vk_clock_at,
    vk_post_id = coalesce(vk_post_id, CAST(:vk_post_id AS bigint)), sent_text = :sent_text,
    sent_attachments = CAST(:sent_attachments AS text[]),
    taken_until = now() + make_interval(secs => :pause_seconds)
WHERE {_HELD} AND status = 'publishing' RETURNING id
""")

# One that may have failed is looked for less often, and as long as it can be among the latest of a wall.
UNVERIFIED = text(f"""
WITH unseen AS (
    SELECT id FROM system_post AS post
    WHERE attempted_at IS NOT NULL AND {_IS_FREE.format(row="post")}
      AND (status = 'publishing' OR (status = 'possible_error' AND attempted_at > now() - interval '1 day'))
    ORDER BY attempted_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE system_post AS post
    SET taken_until = now() + make_interval(
        secs => :hold_seconds * CASE status WHEN 'possible_error' THEN 10 ELSE 1 END)
    FROM unseen WHERE post.id = unseen.id
    RETURNING {_ROW}
)
SELECT * FROM taken ORDER BY attempted_at, id
""")

# A post of the wall is one of ours: the index of the history lets no second one in, and that one stays where it is.
FINISH = text("""
WITH over AS (
    SELECT * FROM system_post
    WHERE id = :id AND (status <> 'publishing' OR (:outcome = 'published' AND NOT :by_hand)) FOR UPDATE
), ended AS (
    INSERT INTO past_post (id, community_id, outcome, text, photos, publication_date, vk_post_id, created_by, detail,
                           job_ids)
    SELECT id, community_id, :outcome, coalesce(sent_text, text),
           (SELECT count(*) FROM system_post_photo WHERE post_id = over.id), publication_date,
           CAST(:vk_post_id AS bigint), created_by, CAST(:detail AS jsonb),
           ARRAY(SELECT job_id FROM system_post_photo WHERE post_id = over.id AND job_id IS NOT NULL ORDER BY position)
    FROM over
    ON CONFLICT (community_id, vk_post_id) WHERE vk_post_id IS NOT NULL DO NOTHING
    RETURNING id
)
DELETE FROM system_post USING ended WHERE system_post.id = ended.id RETURNING system_post.id
""")

HISTORY = text("""
SELECT * FROM past_post WHERE CAST(:community_id AS uuid) IS NULL OR community_id = :community_id
ORDER BY ended_at DESC, id LIMIT :limit OFFSET :offset
""")

COUNT_HISTORY = text("""
SELECT count(*) FROM past_post WHERE CAST(:community_id AS uuid) IS NULL OR community_id = :community_id
""")

PAST = text("SELECT * FROM past_post WHERE id = :id")

# Photos that people took out of sight; one whose time is over, or whose job is forgotten, is none of them.
IS_WITHDRAWN = text("""
SELECT FROM system_post_photo AS photo JOIN job ON job.id = photo.job_id
WHERE photo.post_id = :id AND (job.hidden_at IS NOT NULL OR job.deleted_at IS NOT NULL) LIMIT 1
""")

MEDIA_IN_USE = text("SELECT path FROM system_post_photo WHERE post_id = ANY(CAST(:ids AS uuid[]))")
