"""A house with the cleanup service, and what its tests arrange."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.domain.job import copy_paths
from app.domain.media import MediaObject
from app.domain.slot import Keeping
from app.ports.upkeep import Purge
from app.services.retention import RetentionService
from tests.services.house import House, shot
from tests.twins.memory_media_store import MemoryMediaStore

RETENTION_SECONDS = 72 * 3600
HOUR = timedelta(hours=1)
COUNTED = ("results", "payloads", "media", "orphans", "bytes", "jobs_ended", "jobs", "rows", "undeleted")
NOTHING = dict.fromkeys(COUNTED, 0)


class Cellar(House):
    """A house with the cleanup service."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.service = self.service_of(self.queue, self.media)

    def service_of(self, queue: Any, media: Any) -> RetentionService:
        return RetentionService(
            queue=queue,
            templates=self.stores.templates,
            objects=self.stores.media_objects,
            posts=self.stores.system_posts,
            media=media,
            ledger=self.stores.purges,
            expiring=[self.stores.tokens, self.stores.request_log, self.stores.media_objects],
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def purge(self) -> Mapping[str, int]:
        """The counts of a run from beginning to end."""
        asked = self.service.request(None)
        assert self.service.run_requested()
        return self.done(asked)

    def done(self, purge: Purge) -> Mapping[str, int]:
        """The counts of a run that has finished."""
        found = self.service.find(purge.id)
        assert found is not None
        assert found.counts is not None
        return found.counts

    def pictured(self) -> UUID:
        """A finished job with payload, result and every copy that there may be of it."""
        job_id = self.finished()
        for path in copy_paths(job_id):
            self.media.write(path, b"copy")
        return job_id

    def finished_with_original(self) -> UUID:
        """A finished job of a slot that keeps the shots too."""
        return self.succeed(self.claimed(keeping=Keeping(originals=True)), shot())

    def public_file(self, *, lifetime_seconds: float) -> MediaObject:
        """A temporary file of five bytes."""
        media_id = uuid4()
        path = f"media/{media_id}.jpg"
        self.media.write(path, b"12345")
        return self.stores.media_objects.add(media_id, path, "image/jpeg", 5, None, lifetime_seconds)

    def file(self, key: str, *, age: timedelta = HOUR * 2) -> str:
        self.media.write(key, b"12345")
        self.media.modified[key] = datetime.now(UTC) - age
        return key

    def age_files(self, age: timedelta = HOUR * 2) -> None:
        for key in self.media.files:
            self.media.modified[key] = datetime.now(UTC) - age

    def folders(self) -> dict[str, int]:
        """How many files each folder holds."""
        names = sorted(key.partition("/")[0] for key in self.media.files)
        return {name: len(list(group)) for name, group in itertools.groupby(names)}
