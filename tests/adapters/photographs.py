"""Photos for tests of galleries, the same in PostgreSQL and in the twin."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from app.adapters.db.schema import job
from app.domain.job import Failure, FailureReason, Source
from app.domain.photo import Photo
from tests.factories import SETTINGS, again, new_job, stored_result
from tests.factories import SUCCESS as MADE
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
HOUR = 3600
KEEPING_ORIGINALS = {**SETTINGS, "keeping": {"originals": True, "copies": False}}


def photographed(
    stores: Stores,
    slot_id: str = "slot-001",
    *,
    source: Source = Source.INGEST,
    booth_fields: Mapping[str, str] | None = None,
    originals: bool = False,
    inline_base64: str | None = None,
    apart: bool = True,
) -> UUID:
    """A job with a result; `apart`: it is finished a second after whatever was before."""
    if apart:
        stores.pass_time(1)
    new = replace(new_job(slot_id=slot_id), source=source, settings=KEEPING_ORIGINALS if originals else SETTINGS)
    stores.queue.enqueue(replace(new, booth_fields=booth_fields or {}))
    [claimed] = stores.queue.claim("w", 1)
    assert stores.queue.finalize_success(claimed, stored_result(new.id), inline_base64, again(MADE))
    return new.id


def failed(stores: Stores) -> UUID:
    new = new_job()
    stores.queue.enqueue(new)
    stores.queue.end_waiting(new.id, Failure(FailureReason.TIMEOUT))
    return new.id


def finish_at(stores: Stores, times: Mapping[UUID, datetime]) -> None:
    """The clock was stopped when these photos were finished."""
    for job_id, at in times.items():
        if isinstance(stores, PostgresStores):
            stores.database.run(update(job).where(job.c.id == job_id).values(finalized_at=at))
        else:
            rows = stores.database.table("job")
            rows[job_id] = replace(rows[job_id], finalized_at=at)


def found(stores: Stores, job_id: UUID) -> Photo:
    photo = stores.photos.find(job_id)
    assert photo is not None
    return photo
