"""All photos behind a share link as one file, where the link allows it."""

from flask import Response

from app.domain.errors import Reason, Refused
from app.domain.share_link import ShareLink
from app.services.share_links import ShareLinkService
from app.web.archives import guest_archive
from app.web.guests.entrance import entered, visible
from app.web.guests.site import blueprint
from app.web.guests.words import title_of
from app.web.use_cases import services


@blueprint.get("/s/<token>/archive")
def archive(token: str) -> Response:
    """A ZIP of what this device may see. A link that is revoked, or leads to other photos, meanwhile cuts it off."""
    link = entered(token)
    if not link.allows_archive:
        raise Refused(Reason.NOT_FOUND, "The link leads to no archive.")
    links = services().share_links
    return guest_archive(visible(link), title_of(link), lambda: _still_leads_there(links, link))


def _still_leads_there(links: ShareLinkService, link: ShareLink) -> bool:
    """As it is now, not as it was when the download began."""
    try:
        now = links.find(link.id)
        return now.is_open and now.wanted == link.wanted
    except Refused:  # its event was deleted, and the link with it
        return False
