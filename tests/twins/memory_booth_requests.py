"""What booths really sent, in memory."""

from dataclasses import replace

from app.domain.booth_request import KEPT_PER_SLOT, BoothRequest
from tests.twins.memory_database import MemoryDatabase


class MemoryBoothRequests:
    """Implements ports.BoothRequests."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def note(self, request: BoothRequest) -> None:
        with self._database.transaction():
            slot_id = request.slot_id if request.slot_id in self._database.table("slot") else ""
            kept = self._database.table("booth_request")
            added = replace(request, slot_id=slot_id, at=self._database.now())
            kept[slot_id] = [added, *kept.get(slot_id, [])][:KEPT_PER_SLOT]

    def latest(self, slot_id: str) -> list[BoothRequest]:
        with self._database.transaction():
            return list(self._database.table("booth_request").get(slot_id, []))
