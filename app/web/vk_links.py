"""Where VK shows what we have published."""

from app.domain.vk.community import Community


def photo_url(community: Community, photo_id: int) -> str:
    return f"https://vk.com/photo{community.owner_id}_{photo_id}"


def post_url(community: Community, post_id: int) -> str:
    return f"https://vk.com/wall{community.owner_id}_{post_id}"
