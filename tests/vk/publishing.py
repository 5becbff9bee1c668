"""Communities and posts as tests of publishing make them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.domain.vk.community import Community, LatePolicy
from app.domain.vk.posts import PostPhoto, PostStatus, SystemPost
from app.ports.vk.posts import SystemPostStore
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.vk.community import GROUP_ID, a_community

Stores = MemoryStores | PostgresStores
HOLD = 60.0
VK_CLOCK = datetime(2026, 5, 12, 15, 0, tzinfo=UTC)
"""What VK's clock says when posts are announced."""


def new_community(group_id: int = GROUP_ID, late_policy: LatePolicy = LatePolicy.PUBLISH) -> Community:
    return replace(a_community(group_id=group_id), late_policy=late_policy)


def new_post(community: Community, *, due_in: float = -1.0, photos: int = 0, **changes: Any) -> SystemPost:
    """A post that is due in so many seconds, by this machine's clock."""
    post_id = uuid4()
    post = SystemPost(
        id=post_id,
        community_id=community.id,
        text="Свадьба Анны и Петра",
        photos=tuple(new_photo(post_id, position) for position in range(photos)),
        publication_date=datetime.now(UTC) + timedelta(seconds=due_in),
        status=PostStatus.PENDING_PUBLICATION,
        attempt=0,
        attempted_at=None,
        sent_text=None,
        vk_post_id=None,
        error=None,
        version=1,
        created_by="serg",
        created_at=datetime.now(UTC),
        updated_by="serg",
        read_at=datetime.now(UTC),
    )
    return replace(post, **changes)


def new_photo(post_id: UUID, position: int) -> PostPhoto:
    return PostPhoto(
        position=position,
        path=f"posts/{post_id}/{position}.jpg",
        mime_type="image/jpeg",
        size_bytes=1000,
        width=800,
        height=600,
        job_id=uuid4(),
    )


def taken(posts: SystemPostStore) -> SystemPost:
    [post] = posts.take_due(10, HOLD)
    return post


def announced(posts: SystemPostStore, community: Community) -> SystemPost:
    posts.add(new_post(community))
    post = taken(posts)
    assert posts.announce(post, "as it was sent", VK_CLOCK)
    return post


def missed(posts: SystemPostStore, community: Community) -> SystemPost:
    """A post that was announced, and then given up."""
    post = announced(posts, community)
    assert posts.end(read_from(posts, post), PostStatus.POSSIBLE_ERROR, {"code": "not_found"})
    return read_from(posts, post)


def read_from(posts: SystemPostStore, post: SystemPost) -> SystemPost:
    found = posts.get(post.id)
    assert found is not None
    return found


def ids(posts: list[SystemPost]) -> list[object]:
    return [post.id for post in posts]
