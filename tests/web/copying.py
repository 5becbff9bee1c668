"""A photo that is finished and is to be copied."""

from dataclasses import replace
from uuid import UUID

from app.wiring import Wiring
from tests import pictures
from tests.factories import SETTINGS, new_job
from tests.web.playing_the_worker import succeed, take

JPEG = pictures.jpeg(64, 48)


def finish_photo(wiring: Wiring, slot_id: str = "slot-001") -> UUID:
    """Of a slot that wants copies."""
    job = replace(new_job(slot_id=slot_id), settings={**SETTINGS, "keeping": {"originals": False, "copies": True}})
    wiring.media.write(job.payload.path, JPEG)
    wiring.stores.queue.enqueue(job)
    succeed(wiring, JPEG)(take(wiring))
    return job.id
