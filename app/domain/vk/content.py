"""Kinds of a community's content that the cache holds, and which events change them."""

from enum import StrEnum


class ContentKind(StrEnum):
    """What is refreshed as a whole. PHOTOS is of one album."""

    SCHEDULED_POSTS = "scheduled_posts"
    PUBLISHED_POSTS = "published_posts"
    ALBUMS = "albums"
    PHOTOS = "photos"


CHANGED_BY: dict[str, tuple[ContentKind, ...]] = {
    "wall_post_new": (ContentKind.PUBLISHED_POSTS, ContentKind.SCHEDULED_POSTS),
    "wall_repost": (ContentKind.PUBLISHED_POSTS,),
    "wall_schedule_post_new": (ContentKind.SCHEDULED_POSTS,),
    "wall_schedule_post_delete": (ContentKind.SCHEDULED_POSTS,),
    # The names in the user's documents; VK documents the two above.
    "postponed_new": (ContentKind.SCHEDULED_POSTS,),
    "postponed_delete": (ContentKind.SCHEDULED_POSTS,),
    "photo_new": (ContentKind.ALBUMS, ContentKind.PHOTOS),
}
"""Callback event types that tell of content; all others are acknowledged and change nothing."""

SUBSCRIBED = ("wall_post_new", "wall_repost", "wall_schedule_post_new", "wall_schedule_post_delete", "photo_new")
"""What a Callback server of ours asks to be told of."""
