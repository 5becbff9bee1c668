"""Photos that are to be copied, and the copies that are made of them."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from app.wiring import Wiring
from tests import pictures
from tests.factories import SETTINGS, new_job
from tests.web.playing_the_worker import succeed, take

JPEG = pictures.jpeg(64, 48)


def finish_photo(wiring: Wiring, data: bytes = JPEG, *, slot_id: str = "slot-001", copies: bool = True) -> UUID:
    """One that is finished now, of a slot that wants copies or does not."""
    keeping = {"originals": False, "copies": copies}
    job = replace(new_job(slot_id=slot_id), settings={**SETTINGS, "keeping": keeping})
    wiring.media.write(job.payload.path, JPEG)
    wiring.stores.queue.enqueue(job)
    succeed(wiring, data)(take(wiring))
    return job.id


def copies_in(folder: Path) -> list[Path]:
    """Whole ones: what has no name yet lies in a folder whose name begins with a dot."""
    return [path for path in folder.glob("2*/slot-*/*") if path.is_file()]
