"""What booths really sent."""

from typing import Protocol

from app.domain.booth_request import BoothRequest


class BoothRequests(Protocol):
    """The newest KEPT_PER_SLOT requests of each slot, and as many of those that led to none, for 30 days."""

    def note(self, request: BoothRequest) -> None:
        """Keep it with the database's time; an older one goes. A slot that does not exist counts as none."""

    def latest(self, slot_id: str) -> list[BoothRequest]:
        """Newest first; of the empty slot those that led to none."""
