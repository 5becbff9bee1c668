"""A screen at the venue: the photos behind a share link, one after another, as they arrive."""

from datetime import datetime

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.errors import Reason, Refused
from app.domain.photo import Photo
from app.domain.share_link import Audience, ShareLink
from app.web.codes import inline_code
from app.web.guests import cookies, entrance
from app.web.links import absolute
from app.web.use_cases import services

PHOTOS_MAX = 200
"""The newest so many take turns on the screen."""

blueprint = Blueprint("wall", __name__)


@blueprint.get("/wall/<token>")
def screen(token: str) -> ResponseReturnValue:
    """`?qr=1` adds the code of the guests' gallery. Without scripts the page goes on to the next `turn` by itself."""
    link = _opened(token)
    if not cookies.is_unlocked(link):
        return entrance.password_page()
    photos = _photos(link)
    turn = request.args.get("turn", 0, int)
    gallery = absolute(url_for("guests.gallery", token=token))
    return render_template(
        "wall.html",
        link=link,
        token=token,
        code=inline_code(gallery) if request.args.get("qr") == "1" else None,
        photo=photos[turn % len(photos)] if photos else None,
        next_turn=(turn + 1) % (len(photos) or 1),
    )


@blueprint.post("/wall/<token>")
def unlock(token: str) -> ResponseReturnValue:
    """The same password as the gallery's: who gave it there need not give it here."""
    return entrance.unlocked(_opened(token), url_for("wall.screen", token=token, qr=request.args.get("qr")))


@blueprint.get("/wall/<token>/photos")
def photos(token: str) -> Response:
    """What the screen may show now, for static/wall, which asks twice a second: times are milliseconds since 1970.

    Photos come until `complete_at`, which a link to a slot does not have.
    """
    link = _opened(token)
    if not cookies.is_unlocked(link):
        raise Refused(Reason.INVALID_PASSWORD, "The link wants its password.")
    shown = [{"id": str(photo.id), "expires_at": _milliseconds(photo.expires_at)} for photo in _photos(link)]
    complete_at = _milliseconds(link.event.ends_at) if link.event else None
    response = jsonify({"ends_at": _milliseconds(link.expires_at), "complete_at": complete_at, "photos": shown})
    response.add_etag()
    response.make_conditional(request)
    return response


def _opened(token: str) -> ShareLink:
    """A screen has no photos of its own: there is no wall of a link by which guests see theirs only."""
    link = entrance.opened(token)
    if link.audience is not Audience.ALL:
        raise Refused(Reason.NOT_FOUND, "The link leads to no wall.")
    return link


def _photos(link: ShareLink) -> list[Photo]:
    return list(services().gallery.page(link.wanted, limit=PHOTOS_MAX).photos)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
