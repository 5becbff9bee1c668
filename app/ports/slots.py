"""Slots as they are kept."""

from typing import Protocol

from app.domain.slot import Slot


class SlotStore(Protocol):
    def all(self) -> list[Slot]:
        """The fifteen slots in order."""

    def get(self, slot_id: str) -> Slot | None: ...

    def save(self, slot: Slot, expected_version: int, author: str) -> Slot | None:
        """Store the change as version `expected_version + 1` and keep history; None if someone else was first."""
