"""What the first-run guide goes by, from the rows in memory."""

from app.domain.booth import booth_name
from app.domain.booth_request import BoothRequest
from app.domain.guide import LastRequest, Progress
from app.domain.job import Source
from app.ports.guide import GUIDE_HIDDEN_KEY, GUIDE_OVER_KEY
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase


class MemoryProgressReader:
    """Implements ports.ProgressReader."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def read(self) -> Progress:
        with self._database.transaction():
            good = [row for row in self._database.table("job").values() if row.is_finalized and not row.failure]
            return Progress(
                slot_was_changed=any(slot.version > 1 for slot in self._database.table("slot").values()),
                photo_came_out=bool(good),
                last_request=self._last_request(),
                is_hidden=self._says(GUIDE_HIDDEN_KEY),
                is_over=self._says(GUIDE_OVER_KEY) or any(_is_a_booths(row) for row in good),
            )

    def _last_request(self) -> LastRequest | None:
        kept: dict[int, BoothRequest] = self._database.table("booth_request")
        newest = kept[max(kept)] if kept else None
        return LastRequest(newest.slot_id, newest.status, newest.code) if newest else None

    def _says(self, key: str) -> bool:
        setting = self._database.table("app_settings").get(key)
        return bool(setting and setting.value)


def _is_a_booths(row: JobRow) -> bool:
    return row.new.source is Source.INGEST and booth_name(row.new.booth_fields) != ""
