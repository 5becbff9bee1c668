"""Copies of results in the studio's own storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.copies import Destination
from app.ports.media import MediaStore


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """A photo to be copied, taken by this process for a while.

    `attempts` is how often it was taken, and a fence. `name` is what the copy is called, empty until it has a name.
    """

    job_id: UUID
    attempts: int
    name: str


@dataclass(frozen=True, slots=True)
class CopyTally:
    """How copying goes, for a slot or the house.

    `withheld` are photos that are hidden or deleted: they wait until they are shown again. `lost` were never copied
    before their time was over. `oldest_waiting_at` is when the oldest of `waiting` was finished, `error` what kept one
    of them from being copied, empty if nothing did.
    """

    copied: int = 0
    waiting: int = 0
    withheld: int = 0
    lost: int = 0
    oldest_waiting_at: datetime | None = None
    error: str = ""


class CopyLedger(Protocol):
    """What is to be copied. A row is made by the statement that finishes a photo of a slot that wants copies."""

    def take(self, hold_seconds: float) -> CopyOrder | None:
        """The order that has been due for longest; nobody else gets it within `hold_seconds`.

        None if none is due. Photos that are hidden or deleted, or whose time is over, are never taken.
        """

    def name(self, order: CopyOrder, name: str) -> bool:
        """Give the copy a name, which it keeps; False if it is another one's, or the order is not ours any more."""

    def copied(self, order: CopyOrder) -> None:
        """The photo lies under its name now, whoever has the order meanwhile."""

    def failed(self, order: CopyOrder, error: str, retry_seconds: float) -> None:
        """Try again in `retry_seconds`; nothing happens if the order is not ours any more."""

    def close(self) -> int:
        """End the orders of photos whose time is over; returns how many were lost.

        What was hidden or deleted then was not to be copied: its order is forgotten.
        """

    def tally(self, slot_id: str | None = None) -> Mapping[str, CopyTally]:
        """By slot, of the orders of the last 7 days; of one slot, if one is given. Slots without any are left out."""


class CopyDestination(Protocol):
    def current(self) -> Destination | None:
        """Where copies go; None while that is not set up, or a part of it cannot be decrypted."""


class StudioStorage(Protocol):
    """The studio's folders and buckets."""

    def examine(self, url: str) -> None:
        """Raises NotStored, BAD_ADDRESS or OWN_PLACE, if nothing can ever be copied there. Asks nobody."""

    def open(self, destination: Destination) -> MediaStore:
        """Raises NotStored. A folder is never made: one that is missing may be a disk that is not mounted."""
