"""What the first-run guide goes by, in one statement."""

from sqlalchemy import text

from app.adapters.db.connection import Database
from app.domain.guide import LastRequest, Progress
from app.ports.guide import GUIDE_HIDDEN_KEY, GUIDE_OVER_KEY

# Each part ends at the first row it finds, and looks through few where it finds none: photos without a booth's name
# are not in the index that leads to those with one, and the counters are far fewer than the photos.
_PROGRESS = text("""
SELECT EXISTS (SELECT FROM slot WHERE version > 1) AS slot_was_changed,
       EXISTS (SELECT FROM photo_stats WHERE outcome = 'success') AS photo_came_out,
       EXISTS (SELECT FROM app_settings WHERE key = :hidden AND value = 'true') AS is_hidden,
       EXISTS (SELECT FROM app_settings WHERE key = :over AND value = 'true')
           OR EXISTS (SELECT FROM job WHERE booth <> '' AND source = 'ingest' AND result_checksum IS NOT NULL)
           AS is_over,
       newest.slot_id, newest.status, newest.code
FROM (VALUES (1)) AS house LEFT JOIN LATERAL (
    SELECT slot_id, status, code FROM booth_request ORDER BY id DESC LIMIT 1) AS newest ON true
""")


class PostgresProgressReader:
    """Implements ports.ProgressReader."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Progress:
        [row] = self._database.run(_PROGRESS, {"hidden": GUIDE_HIDDEN_KEY, "over": GUIDE_OVER_KEY})
        return Progress(
            slot_was_changed=row.slot_was_changed,
            photo_came_out=row.photo_came_out,
            last_request=None if row.status is None else LastRequest(row.slot_id, row.status, row.code),
            is_hidden=row.is_hidden,
            is_over=row.is_over,
        )
