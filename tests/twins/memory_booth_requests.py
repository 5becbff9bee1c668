"""What booths really sent, in memory."""

import itertools
from dataclasses import replace
from datetime import timedelta

from app.domain.booth_request import KEPT_PER_SLOT, BoothRequest
from tests.twins.memory_database import MemoryDatabase

_KEPT = timedelta(days=30)


class MemoryBoothRequests:
    """Implements ports.BoothRequests and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._ids = itertools.count(1)

    def note(self, request: BoothRequest) -> None:
        with self._database.transaction():
            slot_id = request.slot_id if request.slot_id in self._database.table("slot") else ""
            self._rows[next(self._ids)] = replace(request, slot_id=slot_id, at=self._database.now())
            for number in self._newest_first(slot_id)[KEPT_PER_SLOT:]:
                del self._rows[number]

    def latest(self, slot_id: str) -> list[BoothRequest]:
        with self._database.transaction():
            return [self._rows[number] for number in self._newest_first(slot_id)]

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            kept_since = self._database.now() - _KEPT
            return self._database.forget("booth_request", lambda row: row.at is not None and row.at < kept_since, limit)

    @property
    def _rows(self) -> dict[int, BoothRequest]:
        return self._database.table("booth_request")

    def _newest_first(self, slot_id: str) -> list[int]:
        return sorted((number for number, row in self._rows.items() if row.slot_id == slot_id), reverse=True)
