"""Slots as they are kept."""

from typing import Protocol

from app.domain.slot import Slot


class SlotStore(Protocol):
    def all(self) -> list[Slot]:
        """The fifteen slots in order."""

    def get(self, slot_id: str) -> Slot | None: ...

    def held(self, slot_id: str) -> Slot | None:
        """The slot, which nobody else changes until the open transaction ends."""

    def save(self, slot: Slot, expected_version: int, author: str) -> Slot | None:
        """Store the change as version `expected_version + 1` and keep history; None if someone else was first."""

    def version(self, slot_id: str, number: int) -> Slot | None:
        """The slot as that version was; None if there was none."""

    def history(self, slot_id: str, *, skip: int, limit: int) -> tuple[list[Slot], int]:
        """Up to `limit` versions, newest first, after the `skip` newest ones, and how many there are in all."""
