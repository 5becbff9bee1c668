"""The JSON API. Programs bring a bearer token, the pages' scripts the session cookie with the CSRF header."""

from app.web.api import (
    alerts,
    booth_requests,
    community_media,
    copies,
    events,
    jobs,
    login,
    media,
    photo_archives,
    photos,
    settings,
    share_links,
    slots,
    stats,
    tokens,
    updates,
)
from app.web.api.site import blueprint

__all__ = [
    "alerts",
    "blueprint",
    "booth_requests",
    "community_media",
    "copies",
    "events",
    "jobs",
    "login",
    "media",
    "photo_archives",
    "photos",
    "settings",
    "share_links",
    "slots",
    "stats",
    "tokens",
    "updates",
]
