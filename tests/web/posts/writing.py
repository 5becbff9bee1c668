"""Posts as visitors of the pages write them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text as sql

from app.domain.vk.community import Community
from app.domain.vk.posts import SystemPost
from app.wiring import Wiring
from tests.web.visitor import Page, Visitor

MOSCOW = ZoneInfo("Europe/Moscow")
TOMORROW = (datetime.now(MOSCOW) + timedelta(days=1)).replace(hour=18, minute=0, second=0, microsecond=0)
CLOCK = TOMORROW.strftime("%Y-%m-%dT%H:%M")


def planned(wiring: Wiring, community: Community, text: str = "Свадьба", **changes: Any) -> SystemPost:
    wanted = {"text": text, "photos": [], "publication_date": TOMORROW.astimezone(UTC), **changes}
    post = wiring.services().posts.schedule(community.id, wanted, "serg")
    assert isinstance(post, SystemPost)
    return post


def ends(wiring: Wiring, post: SystemPost, status: str, error: str = "null") -> None:
    with wiring.database.transaction() as session:
        change = "UPDATE system_post SET status = :status, error = CAST(:error AS jsonb) WHERE id = :id"
        session.execute(sql(change), {"status": status, "error": error, "id": post.id})


def write(visitor: Visitor, posts: str, **typed: Any) -> Any:
    """Press a button of the composer, `store` unless `step` says another."""
    fields = {"text": "Свадьба", "when": "later", "publication_date": CLOCK, "step": "store", **typed}
    return visitor.post(posts, fields)


def on_their_way(wiring: Wiring, community: Community) -> list[SystemPost]:
    return wiring.services().posts.planned(community.id)


def shown(page: Page) -> list[str]:
    """References of the composer's photos."""
    return [str(field["value"]) for field in page.all("input") if field.get("name") == "photos"]
