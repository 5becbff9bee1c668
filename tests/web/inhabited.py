"""A house in which each thing has happened some number of times, so that there is something on every page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

from app.domain.job import Source
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.web.playing_the_worker import succeed, take

JPEG = pictures.jpeg(64, 48)
EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
NIGHT = EVENING + timedelta(hours=6)
TOKEN = {"scope": "read", "expires_in_days": 1}


def inhabited(wiring: Wiring, times: int = 2) -> dict[str, object]:
    """Let it happen; returns something that exists for each argument of an address."""
    services = wiring.services()
    for n in range(times):
        job = replace(new_job(), source=Source.TEST if n == times - 1 else Source.INGEST)
        wiring.media.write(job.payload.path, JPEG)
        wiring.stores.queue.enqueue(job)
        succeed(wiring, JPEG)(take(wiring))
        wiring.stores.request_log.refused("slot-001", "slot_disabled", {"client": f"10.0.0.{n}"})
        template = services.templates.register(BytesIO(JPEG), len(JPEG), f"Frame {n}", "serg")
        services.tokens.issue({**TOKEN, "name": f"Night upload {n}"}, "serg")
        services.slots.restore("slot-001", 1, None, "serg")
        event = services.events.create({"name": f"Wedding {n}", "starts_at": EVENING, "ends_at": NIGHT}, "serg")
        link = services.share_links.create({"event_id": str(event.id), "expires_in_days": 7}, "serg")
        purge = services.retention.request("serg")
    return {
        "slot_id": "slot-001",
        "job_id": job.id,
        "photo_id": job.id,
        "size": "grid",
        "template_id": template.id,
        "event_id": event.id,
        "link_id": link.id,
        "kind": "svg",
        "purge_id": purge.id,
        "name": "failures",
        "section": "slots",
    }
