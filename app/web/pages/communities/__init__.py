"""Communities of VK: connected, looked after, opened, and published to."""

from app.web.pages.communities import (
    albums,
    calendar,
    composer,
    history,
    listing,
    overview,
    post_files,
    post_formats,
    posts,
    settings,
    variables,
)

__all__ = [
    "albums",
    "calendar",
    "composer",
    "history",
    "listing",
    "overview",
    "post_files",
    "post_formats",
    "posts",
    "settings",
    "variables",
]
