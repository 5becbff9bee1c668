"""Addresses that leave this site: for booths, guests and programs."""

from urllib.parse import urljoin

from flask import current_app, request, url_for

from app.domain.share_link import Audience, ShareLink
from app.web.use_cases import services

GUEST_PATHS = ("/r/", "/s/", "/wall/")
"""Where guests come to; what is said there is said to them, and not to administrators."""


def is_for_guests(path: str) -> bool:
    return path.startswith(GUEST_PATHS)


def absolute(path: str) -> str:
    """`path` under PUBLIC_BASE_URL, or under the address that this request came by."""
    base: str = current_app.config["PUBLIC_BASE_URL"] or request.host_url
    return urljoin(base, path)


def ingest_url(slot_id: str) -> str:
    """What an operator types into the booth program."""
    return absolute(url_for("ingest.receive", slot_id=slot_id))


def gallery_url(link: ShareLink) -> str | None:
    """Where the link leads guests; None if SECRET_KEY has changed since (ShareLinkService.token_of)."""
    token = services().share_links.token_of(link)
    return absolute(url_for("guests.gallery", token=token)) if token else None


def wall_url(link: ShareLink) -> str | None:
    """The same photos on a screen; None also where each guest sees only their own."""
    token = services().share_links.token_of(link)
    return absolute(url_for("wall.screen", token=token)) if token and link.audience is Audience.ALL else None
