"""Who may come in by a share link: whoever has it, and knows its password if it has one."""

import math
from dataclasses import replace
from uuid import UUID

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.photo import PhotoFilter
from app.domain.share_link import Audience, ShareLink
from app.web.auth import client_address
from app.web.errors import STATUS
from app.web.guests.cookies import is_unlocked, remember_unlocked, remembered
from app.web.guests.site import blueprint
from app.web.use_cases import services


def entered(token: str) -> ShareLink:
    """The link, if this device may see what is behind it; otherwise aborts with a redirection to where it asks.

    From there the address of a `photo_id` is come back to. Raises Refused as ShareLinkService.open.
    """
    link = opened(token)
    if not is_unlocked(link):
        photo_id = (request.view_args or {}).get("photo_id")
        abort(redirect(url_for("guests.gallery", token=token, photo=photo_id)))
    return link


def opened(token: str) -> ShareLink:
    """The link, locked or not; raises Refused as ShareLinkService.open."""
    return services().share_links.open(token, client_address())


def visible(link: ShareLink) -> PhotoFilter:
    """The photos that this device may see behind the link."""
    if link.audience is Audience.ALL:
        return link.wanted
    return replace(link.wanted, ids=frozenset(remembered()))


@blueprint.post("/s/<token>")
def unlock(token: str) -> ResponseReturnValue:
    """With the right password the device may come in from now on, first to the `photo` that was meant, if any."""
    photo_id = request.args.get("photo", type=UUID)
    gallery = url_for("guests.gallery", token=token)
    meant = url_for("guests.shared_photo", token=token, photo_id=photo_id) if photo_id else gallery
    return unlocked(opened(token), meant)


def unlocked(link: ShareLink, address: str) -> Response:
    """Leads to `address` whoever has sent the link's password in this request, and asks anew whoever has not."""
    try:
        stamp = services().share_links.unlock(link, request.form.get("password", ""), client_address())
    except Refused as refusal:
        return password_page(refusal)
    response = make_response(redirect(address, 303))
    remember_unlocked(response, link, stamp)
    return response


def password_page(refusal: Refused | None = None) -> Response:
    """Asks for a link's password, at the link's own address; with a `refusal` it says why the last one was none."""
    response = make_response(render_template("guest_password.html", problem=refusal and _problem(refusal)))
    if refusal:
        response.status_code = STATUS[refusal.reason]
    if refusal and refusal.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(refusal.retry_after))
    return response


def _problem(refusal: Refused) -> str:
    if refusal.reason is Reason.TOO_MANY_ATTEMPTS:
        return str(gettext("Too many attempts. Wait a few minutes, then try again."))
    return str(gettext("This is not the password. Try once more."))
