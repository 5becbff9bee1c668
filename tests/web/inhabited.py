"""A house in which each thing has happened some number of times, so that there is something on every page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

from app.domain.job import Source
from app.domain.vk.community import Community
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import SystemPost
from app.wiring import Wiring
from tests import pictures
from tests.factories import new_job
from tests.vk.community import a_community
from tests.vk.publishing import new_post
from tests.web.playing_the_worker import succeed, take

JPEG = pictures.jpeg(64, 48)
EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
NIGHT = EVENING + timedelta(hours=6)
ALBUM = VkAlbum(300_000_001, -220_000_001, "Wedding", "", 1, "", True, EVENING)
PHOTO = VkPhoto(456_239_017, -220_000_001, ALBUM.album_id, "", "", 1200, 800, "", EVENING)
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
        community = settled_community(wiring, 220_000_001 + _communities(wiring))
        post = planned_post(wiring, community)
        upload = services.post_photos.keep_upload(JPEG)
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
        "community_id": community.id,
        "album_id": ALBUM.album_id,
        "post_id": post.id,
        "position": 0,
        "upload_id": upload.id,
    }


def settled_community(wiring: Wiring, group_id: int) -> Community:
    """One whose album was read from VK: without tokens its pages ask nothing."""
    community = wiring.stores.communities.add(replace(a_community("Photo booth", group_id), photo_url=""))
    wiring.stores.vk_cache.replace_albums(community.id, [ALBUM])
    wiring.stores.vk_cache.replace_photos(community.id, ALBUM.album_id, [PHOTO])
    return community


def planned_post(wiring: Wiring, community: Community) -> SystemPost:
    """With a photo, an hour from now."""
    post = wiring.stores.system_posts.add(new_post(community, due_in=3600, photos=1, text="Anna and Oleg"))
    wiring.media.write(post.photos[0].path, JPEG)
    return post


def _communities(wiring: Wiring) -> int:
    return len(wiring.stores.communities.all())
