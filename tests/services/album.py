"""A house whose finished pictures are looked at, in the time zone of Yekaterinburg (UTC+5)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.errors import Reason, Refused
from app.services.gallery import GalleryService
from app.services.results import ResultService
from tests.adapters.photographs import finish_at
from tests.services.house import House
from tests.twins.memory_media_store import MemoryMediaStore

ZONE = ZoneInfo("Asia/Yekaterinburg")


class InYekaterinburg:
    """Implements ports.RuntimeSettings."""

    def sync_response_seconds(self) -> float:
        return 48.0

    def time_zone(self) -> ZoneInfo:
        return ZONE


class Album(House):
    """A house with the services of results and of galleries."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.results = ResultService(
            jobs=self.stores.jobs,
            photos=self.stores.photos,
            media=self.media,
            images=self.images,
            settings=InYekaterinburg(),
        )
        self.gallery = GalleryService(
            photos=self.stores.photos,
            keeper=self.stores.photos,
            settings=InYekaterinburg(),
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def pictured(self, number: int = 1) -> list[UUID]:
        """Photos, each finished a second after the one before."""
        return [self._a_second_later() for _ in range(number)]

    def finished_at(self, at: datetime) -> UUID:
        job_id = self.finished()
        finish_at(self.stores, {job_id: at})
        return job_id

    def reasons(self, job_id: UUID) -> set[Reason]:
        """Why each way to see the job's picture is refused."""
        ways: list[Callable[[UUID], object]] = [self.results.file, self.results.available, self.preview]
        return {reason_of(way, job_id) for way in ways}

    def preview(self, job_id: UUID, size: str = "grid") -> bytes:
        return self.results.preview(job_id, size).read()

    def _a_second_later(self) -> UUID:
        self.stores.pass_time(1)
        return self.finished()


def reason_of(ask: Callable[[UUID], object], job_id: UUID) -> Reason:
    with pytest.raises(Refused) as raised:
        ask(job_id)
    return raised.value.reason
