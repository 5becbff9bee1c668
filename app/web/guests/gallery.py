"""The photos behind a share link: in tiles, one by one, and as they arrive."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.errors import Reason, Refused
from app.domain.job_log import Place
from app.domain.photo import Photo
from app.domain.share_link import ShareLink
from app.web.arrivals import Glance
from app.web.guests.cookies import forget_photos, is_unlocked
from app.web.guests.entrance import entered, opened, password_page, visible
from app.web.guests.photo import photo_page
from app.web.guests.site import blueprint
from app.web.use_cases import services

PAGE_SIZE = 60


@blueprint.get("/s/<token>")
def gallery(token: str) -> ResponseReturnValue:
    """The newest photos, or those that are older than `before`; the password first where the link has one."""
    link = opened(token)
    if not is_unlocked(link):
        return password_page()
    wanted, before = visible(link), Place.parse(request.args.get("before", ""))
    found = services().gallery.page(wanted, before, PAGE_SIZE)
    return render_template(
        "guest_gallery.html",
        link=link,
        token=token,
        photos=found.photos,
        older=found.next,
        is_newest=before is None,
        arrivals=_arrivals(token, Glance.of_page(found.photos)),
        tally=services().gallery.tally(wanted),
    )


@blueprint.get("/s/<token>/arrivals")
def arrivals(token: str) -> Response:
    """What came and what was withdrawn since the page looked (app.web.arrivals): JSON for static/guest.js."""
    link = entered(token)
    wanted, glance = visible(link), Glance.asked(request.args)
    found = services().gallery.arrivals(wanted, glance.seen, glance.away_seconds)
    if not found.is_all:
        return jsonify(reload=True)
    news: dict[str, Any] = {"withdrawn": found.withdrawn, "next": _arrivals(token, glance.next(found))}
    if not glance.knows(found):
        if found.to_show:
            news["tiles"] = render_template("_guest_tiles.html", token=token, photos=found.to_show)
        news["summary"] = render_template("_guest_summary.html", link=link, tally=services().gallery.tally(wanted))
    return jsonify(news)


@blueprint.get("/s/<token>/photos/<uuid:photo_id>")
def shared_photo(token: str, photo_id: UUID) -> Response:
    """One of the gallery's photos, with the ways to its neighbours."""
    link = entered(token)
    shown = services().results.available(photo_id)
    if not _is_behind(link, shown):
        raise Refused(Reason.NOT_FOUND, "The link leads to no such photo.")
    beside = services().gallery.neighbours(visible(link), shown)
    return make_response(
        photo_page(
            shown,
            gallery=url_for("guests.gallery", token=token),
            newer=_address(token, beside.newer),
            older=_address(token, beside.older),
        )
    )


@blueprint.post("/s/<token>/forget")
def forget(token: str) -> ResponseReturnValue:
    """On a device that others use too: whose codes were opened here is not known any more."""
    entered(token)
    response = make_response(redirect(url_for("guests.gallery", token=token), 303))
    forget_photos(response)
    return response


def _is_behind(link: ShareLink, photo: Photo) -> bool:
    wanted = visible(link)
    if wanted.ids is not None and photo.id not in wanted.ids:
        return False
    return bool(services().gallery.page(replace(wanted, ids=frozenset([photo.id])), limit=1).photos)


def _arrivals(token: str, glance: Glance) -> str:
    return url_for("guests.arrivals", token=token, **glance.address)


def _address(token: str, photo: Photo | None) -> str | None:
    return url_for("guests.shared_photo", token=token, photo_id=photo.id) if photo else None
