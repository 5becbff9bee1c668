"""Posts that are over: published ones with links to where they stand, and cancelled ones."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.domain.vk.addresses import post_url
from app.domain.vk.community import Community
from app.domain.vk.posts import PastPost
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.paging import page_count, page_number
from app.web.pages.site import blueprint
from app.web.use_cases import services

_PAGE_SIZE = 30


@blueprint.get("/communities/<uuid:community_id>/posts/history")
def community_history(community_id: UUID) -> ResponseReturnValue:
    community, page = opened(community_id), page_number()
    posts, total = services().posts.history(community_id, page, _PAGE_SIZE)
    return community_page(
        "community_history.html", community, posts=posts, page=page, pages=page_count(total, _PAGE_SIZE)
    )


@blueprint.app_template_global()
def live_address(community: Community, post: PastPost) -> str:
    """Where the post stands at VK; empty for one that never came there, or whose place nobody told."""
    return post_url(community.owner_id, post.vk_post_id) if post.vk_post_id else ""
