"""Copies of results in the studio's own storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.photo import Photo


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """A photo to be copied, taken by this process for a while. `photo` is None once it is deleted or its time over."""

    job_id: UUID
    photo: Photo | None
    attempts: int


@dataclass(frozen=True, slots=True)
class CopyTally:
    """How copying goes, for a slot or the house. `oldest_waiting_at` is when the oldest that waits was finished."""

    copied: int
    waiting: int
    given_up: int
    oldest_waiting_at: datetime | None
    last_error: str


class CopyLedger(Protocol):
    """What is to be copied. A row is made by the statement that finishes a photo of a slot that wants copies."""

    def take(self, limit: int, hold_seconds: float) -> Sequence[CopyOrder]:
        """Orders that are due, oldest first; nobody else gets them within `hold_seconds`."""

    def copied(self, job_id: UUID, name: str) -> None:
        """The photo lies under `name` now."""

    def failed(self, job_id: UUID, error: str, retry_seconds: float) -> None:
        """Try again in `retry_seconds`."""

    def give_up(self, job_id: UUID, error: str) -> None: ...

    def retry_all(self) -> int:
        """Make all that wait due at once; returns how many."""

    def tally(self) -> Mapping[str, CopyTally]:
        """By slot, of the orders of the last 7 days."""
