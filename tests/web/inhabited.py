"""A house in which each thing has happened some number of times, so that there is something on every page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from app.domain.job import Source
from app.domain.vk.community import Community, Secret
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import PostStatus, SystemPost, WallPost
from app.services.vk.tokens import owner_of
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
CONNECTED = {
    Secret.USER_TOKEN: "vk1.a.of-an-administrator",
    Secret.COMMUNITY_TOKEN: "vk1.a.of-the-community",
    Secret.CALLBACK_SECRET: "secret",
}
TROUBLES: list[tuple[PostStatus, dict[str, Any] | None]] = [
    (PostStatus.ERROR, {"code": "unknown_variables", "names": ["price"]}),
    (
        PostStatus.ERROR,
        {"code": "captcha", "needs_person": True, "details": {"redirect_uri": "https://vk.com/captcha"}},
    ),
    (PostStatus.POSSIBLE_ERROR, {"code": "not_found"}),
    (PostStatus.LATE, None),
    (PostStatus.PUBLISHING, None),
    (PostStatus.PENDING_PUBLICATION, {"code": "unreachable"}),
]
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


def troubled_community(wiring: Wiring, group_id: int) -> Community:
    """Fully connected, with news from VK, and a post in each state that is more than planned."""
    stores = wiring.stores
    community = settled_community(wiring, group_id)
    for secret, value in CONNECTED.items():
        stores.secrets.put(owner_of(community.id), secret, value, "serg")
    wiring.update_tracker.add_updated_project(community.id)
    soon = datetime.now(UTC) + timedelta(hours=2)
    shown = WallPost(1, -group_id, False, soon - timedelta(hours=5), "Yesterday's wedding", (), ())
    stores.vk_cache.replace_posts(community.id, False, [shown])
    stores.vk_cache.replace_posts(community.id, True, [replace(shown, post_id=2, date=soon, is_postponed=True)])
    for status, error in TROUBLES:
        post = stores.system_posts.add(new_post(community, photos=2))
        assert post
        stores.system_posts.edit(replace(post, status=status, error=error), post.version)
        for photo in post.photos:
            wiring.media.write(photo.path, JPEG)
    return stores.communities.change(community.id, confirmation_code="a1b2c3d4", callback_server_id=7) or community


def planned_post(wiring: Wiring, community: Community) -> SystemPost:
    """With a photo, an hour from now."""
    post = wiring.stores.system_posts.add(new_post(community, due_in=3600, photos=1, text="Anna and Oleg"))
    wiring.media.write(post.photos[0].path, JPEG)
    return post


def _communities(wiring: Wiring) -> int:
    return len(wiring.stores.communities.all())
