"""Photos that slots send to albums of a community, as the queue orders them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.job import Source
from app.domain.slot import Publishing
from app.domain.vk.community import Community
from app.domain.vk.filling import AlbumKey
from app.ports.vk.filling import AlbumBatch, AlbumUploads
from tests.factories import SETTINGS, SUCCESS, new_job, stored_result
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.vk.community import a_community

Stores = MemoryStores | PostgresStores
HOLD = 300.0
CHOSEN = AlbumKey(album_id=77)
GATHERED = 21.0
"""Seconds after which a photo that has just been finished is due."""


def connected(stores: Stores, **given: Any) -> Community:
    return stores.communities.add(a_community(**given))


def finish(
    stores: Stores,
    community: Community | None,
    *,
    album: str = "day",
    consent_field: str | None = None,
    source: Source = Source.INGEST,
    slot_id: str = "slot-001",
    originals: bool = False,
    **said: str,
) -> UUID:
    """A photo that is finished now, of a slot that publishes to `community`; `said` are the booth's fields."""
    publishing = Publishing(str(community.id) if community else None, album, consent_field)
    settings = {**SETTINGS, "publishing": {f: getattr(publishing, f) for f in Publishing.__slots__}}
    settings |= {"keeping": {"originals": True}} if originals else {}
    job = replace(new_job(slot_id=slot_id), source=source, settings=settings, booth_fields=said)
    stores.queue.enqueue(job)
    [claimed] = stores.queue.claim("worker", 1)
    assert stores.queue.finalize_success(claimed, stored_result(job.id), None, SUCCESS)
    return job.id


def due(stores: Stores, community: Community, number: int = 1) -> list[UUID]:
    """So many photos that are finished, and due, now."""
    photos = [finish(stores, community) for _ in range(number)]
    stores.pass_time(GATHERED)
    return photos


def taken(uploads: AlbumUploads) -> AlbumBatch:
    batch = uploads.take(HOLD)
    assert batch is not None
    return batch


def photos_of(batch: AlbumBatch | None) -> list[UUID]:
    return [upload.job_id for upload in batch.uploads] if batch else []
