"""A house whose photos are copied to a studio's storage, which tests take away, fill up and exchange."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.copies import Destination, NotStored, StorageFault
from app.domain.job import NewJob
from app.domain.slot import Keeping, Step
from app.ports.copies import CopyTally
from app.ports.media import MediaStore
from app.services.copies import CopyService
from tests.services.house import House
from tests.twins.memory_media_store import MemoryMediaStore

FOLDER = Destination("/mnt/studio")
BUCKET = Destination("s3://studio/photos", "KEYID", "a-secret-key")

HOLD = 121
"""Seconds after which a copy that nobody has finished is taken by another."""


class Storerooms:
    """Implements ports.StudioStorage: a store in memory for each address, unless `missing` says otherwise."""

    def __init__(self) -> None:
        self.stores: dict[str, MemoryMediaStore] = {}
        self.missing: set[str] = set()
        self.opened: list[Destination] = []

    def examine(self, url: str) -> None:
        if not url.startswith(("/", "s3://")):
            raise NotStored(StorageFault.BAD_ADDRESS, "No address.")

    def open(self, destination: Destination) -> MediaStore:
        self.opened.append(destination)
        if destination.url in self.missing:
            raise NotStored(StorageFault.FOLDER_MISSING, f"There is no folder {destination.url}.")
        return self.at(destination)

    def at(self, destination: Destination) -> MemoryMediaStore:
        return self.stores.setdefault(destination.url, MemoryMediaStore())


class Storeroom(MemoryMediaStore):
    """Lets something happen after each file is stored."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        super().write(key, data)
        self.then()


class Branch(House):
    """`destination` is what is saved, `zone` where the house is; the clock is moved by `pass_time`."""

    def __init__(self, *, storerooms: Storerooms | None = None, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.destination: Destination | None = FOLDER
        self.zone = ZoneInfo("Europe/Moscow")
        self.storerooms = storerooms or Storerooms()
        self.passed = 0.0
        self.service = self.scheduler()

    def scheduler(self) -> CopyService:
        """One of another process."""
        return CopyService(
            ledger=self.stores.copies,
            destinations=self,
            storage=self.storerooms,
            photos=self.stores.photos,
            media=self.media,
            settings=self,
            clock=lambda: self.passed,
        )

    def current(self) -> Destination | None:
        """Implements ports.CopyDestination."""
        return self.destination

    def time_zone(self) -> ZoneInfo:
        """As ports.RuntimeSettings tells it."""
        return self.zone

    def sync_response_seconds(self) -> float:
        return 48.0

    def pass_time(self, seconds: float) -> None:
        self.passed += seconds
        self.database.pass_time(seconds)

    def photo(self, data: bytes | None = None) -> UUID:
        """One that is finished now and wants a copy."""
        return self.finished(data)

    def finished_at(self, job_id: UUID, moment: datetime) -> None:
        with self.database.transaction():
            jobs = self.database.table("job")
            jobs[job_id] = replace(jobs[job_id], finalized_at=moment)

    def queued(self, *steps: Step, **given: Any) -> NewJob:
        return super().queued(*steps, **{"keeping": Keeping(copies=True), **given})

    def copies(self, destination: Destination = FOLDER) -> Mapping[str, bytes]:
        return self.storerooms.at(destination).files

    def tally(self) -> CopyTally:
        return self.service.tally().get("slot-001", CopyTally())
