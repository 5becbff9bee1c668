"""All SQL of uploads to albums. Who uploads holds no lock meanwhile, but a time until which nobody else does."""

from sqlalchemy import text

from app.domain.vk.filling import AGREEING, AWAITED_HOURS
from app.domain.zones import TIME_ZONE_DEFAULT

# Cyrillic letters have no other case in a database whose locale is C.
_AGREEING = ", ".join(f"'{word}'" for answer in AGREEING for word in sorted({answer, answer.upper(), answer.title()}))
_WANTED = "done.settings -> 'publishing'"
_FIELD = f"lower(btrim({_WANTED} ->> 'consent_field', ' {{}}'))"

# A part of the statement that finishes a photo, its row being `done`, so that no photo is without its order. The lock
# keeps a community that is being removed from failing it. A while passes before the first try: photos gather meanwhile.
TO_BE_PUBLISHED = f"""
    INSERT INTO album_upload (job_id, community_id, album_key, slot_id, next_try_at)
    SELECT done.id, community.id, album.key, done.slot_id, statement_timestamp() + interval '20 seconds'
    FROM done
    JOIN community ON community.id = CAST({_WANTED} ->> 'community' AS uuid)
    CROSS JOIN LATERAL (SELECT CASE {_WANTED} ->> 'album'
        WHEN 'day' THEN 'day:' || to_char(statement_timestamp() AT TIME ZONE coalesce(
            (SELECT value #>> '{{}}' FROM app_settings WHERE key = 'time_zone'), '{TIME_ZONE_DEFAULT}'), 'YYYY-MM-DD')
        WHEN 'event' THEN 'event:' || (
            SELECT id FROM event
            WHERE starts_at <= statement_timestamp() AND ends_at > statement_timestamp()
              AND (slot_ids = '{{}}' OR done.slot_id = ANY(slot_ids))
            ORDER BY starts_at DESC, id LIMIT 1)
        END AS key) AS album
    WHERE done.source <> 'test' AND album.key IS NOT NULL AND (
        {_WANTED} ->> 'consent_field' IS NULL
        OR (SELECT bool_and(lower(btrim(said.value)) IN ({_AGREEING}))
            FROM jsonb_each_text(done.booth_fields) AS said (name, value)
            WHERE lower(btrim(said.name, ' {{}}')) = {_FIELD}))
    FOR KEY SHARE OF community
"""

_WAITS = "vk_photo_id IS NULL AND given_up_at IS NULL"
_IS_SHOWN = "(job.hidden_at IS NULL AND job.deleted_at IS NULL)"
_IS_AWAITED = f"{_IS_SHOWN} AND upload.created_at > statement_timestamp() - interval '{AWAITED_HOURS} hours'"
_IS_OVER = f"""(job.result_file_path IS NULL
    OR (job.result_expires_at <= statement_timestamp() AND NOT ({_IS_AWAITED})))"""

# Of a row of `job`: its file is yet to come to an album.
AWAITED = f"""EXISTS (
        SELECT FROM album_upload AS upload WHERE upload.job_id = job.id AND {_WAITS} AND {_IS_AWAITED})"""

_CAN_BE_SENT = f"({_IS_SHOWN} AND NOT {_IS_OVER})"
_IS_TAKEN = "coalesce(taken_until > statement_timestamp(), false)"
_OF_BATCH = "upload.community_id = :community_id AND album_key = :album_key"
_HELD = f"""{_OF_BATCH} AND {_WAITS}
  AND (job_id, attempts) IN (SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[])))"""

ORDER = text("""
INSERT INTO album_upload (job_id, community_id, album_key, slot_id)
SELECT photo.job_id, community.id, :album_key, photo.slot_id
FROM community, unnest(CAST(:ids AS uuid[]), CAST(:slot_ids AS text[])) AS photo (job_id, slot_id)
WHERE community.id = :community_id
FOR KEY SHARE OF community
ON CONFLICT (job_id, community_id, album_key) DO UPDATE
SET given_up_at = NULL, error = '', created_at = statement_timestamp(), next_try_at = statement_timestamp()
WHERE album_upload.given_up_at IS NOT NULL
RETURNING job_id
""")

# The lock makes takers see one another. Of what was announced all goes together, whatever has become of the photos.
TAKE = text(f"""
SELECT pg_advisory_xact_lock(7060806);
WITH engaged AS (
    SELECT community_id FROM album_upload
    WHERE {_WAITS} AND ({_IS_TAKEN} OR (announced_at IS NOT NULL AND next_try_at > statement_timestamp()))
), due AS (
    SELECT upload.community_id, album_key, announced_at
    FROM album_upload AS upload LEFT JOIN job ON job.id = upload.job_id
    WHERE {_WAITS} AND next_try_at <= statement_timestamp()
      AND upload.community_id NOT IN (SELECT community_id FROM engaged)
      AND upload.community_id <> ALL(CAST(:resting AS uuid[]))
      AND (announced_at IS NOT NULL OR {_CAN_BE_SENT})
    ORDER BY announced_at IS NULL, next_try_at LIMIT 1
), chosen AS (
    SELECT upload.job_id, upload.community_id, album_key, job.finalized_at, job.result_width, job.result_height,
           job.result_file_path, job.result_checksum
    FROM album_upload AS upload JOIN due USING (community_id, album_key) LEFT JOIN job ON job.id = upload.job_id
    WHERE {_WAITS} AND upload.announced_at IS NOT DISTINCT FROM due.announced_at
      AND (due.announced_at IS NOT NULL
           OR {_CAN_BE_SENT} AND (attempts = 0 OR next_try_at <= statement_timestamp()))
    ORDER BY job.finalized_at, upload.job_id LIMIT :limit
), taken AS (
    UPDATE album_upload AS upload
    SET attempts = attempts + 1, taken_until = statement_timestamp() + make_interval(secs => :hold_seconds)
    FROM chosen
    WHERE (upload.job_id, upload.community_id, upload.album_key)
        = (chosen.job_id, chosen.community_id, chosen.album_key)
    RETURNING upload.job_id, upload.community_id, upload.album_key, attempts, announced_at, finalized_at,
              coalesce(result_width, 1) AS width, coalesce(result_height, 1) AS height,
              coalesce(result_file_path, '') AS path, coalesce(result_checksum, '') AS checksum
)
SELECT * FROM taken ORDER BY finalized_at, job_id
""")

SENDABLE = text(f"""
SELECT upload.job_id FROM album_upload AS upload JOIN job ON job.id = upload.job_id
WHERE {_OF_BATCH} AND upload.job_id = ANY(CAST(:ids AS uuid[])) AND {_CAN_BE_SENT}
""")

ANNOUNCE = text(f"""
UPDATE album_upload AS upload
SET announced_at = statement_timestamp(), taken_until = statement_timestamp() + make_interval(secs => :hold_seconds)
WHERE {_HELD} RETURNING job_id, announced_at
""")

# Without the fence: whoever sent them, they are there.
SENT = text(f"""
UPDATE album_upload AS upload
SET vk_photo_id = photo.id, announced_at = coalesce(announced_at, statement_timestamp()), taken_until = NULL,
    given_up_at = NULL, error = ''
FROM unnest(CAST(:ids AS uuid[]), CAST(:photo_ids AS bigint[])) AS photo (job_id, id)
WHERE {_OF_BATCH} AND upload.job_id = photo.job_id AND vk_photo_id IS NULL
""")

FAILED = text(f"""
UPDATE album_upload AS upload
SET error = :error, next_try_at = statement_timestamp() + make_interval(secs => :retry_seconds), taken_until = NULL,
    announced_at = CASE WHEN :is_unknown THEN announced_at END
WHERE {_HELD}
""")

GIVE_UP = text(f"""
UPDATE album_upload AS upload
SET error = :error, given_up_at = statement_timestamp(), taken_until = NULL, announced_at = NULL WHERE {_HELD}
""")

CLOSE = text(f"""
WITH over AS (
    SELECT upload.job_id, upload.community_id, album_key, coalesce({_IS_SHOWN}, true) AS is_lost
    FROM album_upload AS upload LEFT JOIN job ON job.id = upload.job_id
    WHERE {_WAITS} AND NOT {_IS_TAKEN} AND (job.id IS NULL OR {_IS_OVER})
    FOR UPDATE OF upload SKIP LOCKED
), withdrawn AS (
    DELETE FROM album_upload AS upload USING over
    WHERE (upload.job_id, upload.community_id, upload.album_key) = (over.job_id, over.community_id, over.album_key)
      AND NOT is_lost
)
UPDATE album_upload AS upload SET given_up_at = statement_timestamp()
FROM over
WHERE (upload.job_id, upload.community_id, upload.album_key) = (over.job_id, over.community_id, over.album_key)
  AND is_lost
RETURNING upload.job_id
""")

KNOWN = text("""
SELECT vk_photo_id FROM album_upload
WHERE created_at > now() - interval '8 days'
  AND community_id = :community_id AND vk_photo_id = ANY(CAST(:ids AS bigint[]))
""")

TALLY = text(f"""
SELECT count(vk_photo_id) AS sent, count(given_up_at) AS lost,
       count(*) FILTER (WHERE is_withheld) AS withheld, count(*) FILTER (WHERE NOT is_withheld) AS waiting,
       min(created_at) FILTER (WHERE NOT is_withheld) AS oldest_waiting_at,
       coalesce(max(error) FILTER (WHERE NOT is_withheld), '') AS error
FROM (SELECT *, CASE WHEN {_WAITS} THEN job_id IN (
          SELECT id FROM job WHERE hidden_at IS NOT NULL OR deleted_at IS NOT NULL) END AS is_withheld
      FROM album_upload
      WHERE slot_id = :slot_id AND greatest(created_at, given_up_at) > now() - interval '7 days') AS uploads
""")

IN_ALBUMS = text("""
SELECT community_id, vk_photo_id, given_up_at IS NOT NULL AS is_given_up, error,
       coalesce(announced_at, created_at) AS at
FROM album_upload WHERE job_id = :job_id ORDER BY created_at, album_key
""")

IN_POSTS = text("""
SELECT community_id, id AS post_id, CAST(NULL AS bigint) AS vk_post_id, publication_date AS at FROM system_post
WHERE id IN (SELECT post_id FROM system_post_photo WHERE job_id = :job_id)
UNION ALL
SELECT community_id, id, vk_post_id, publication_date FROM past_post
WHERE outcome = 'published' AND job_ids @> ARRAY[CAST(:job_id AS uuid)]
ORDER BY at, post_id
""")

CURRENT_ALBUM = text("""
SELECT part, album_id FROM filled_album
WHERE community_id = :community_id AND album_key = :album_key ORDER BY part DESC LIMIT 1
""")

REMEMBER_ALBUM = text("""
INSERT INTO filled_album (community_id, album_key, part, album_id)
SELECT id, :album_key, :part, :album_id FROM community WHERE id = :community_id
ON CONFLICT (community_id, album_key, part) DO UPDATE SET album_id = excluded.album_id
""")

TAKEN_ALBUMS = text("SELECT album_id FROM filled_album WHERE community_id = :community_id")
