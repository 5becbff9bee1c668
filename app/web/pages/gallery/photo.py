"""One photo: the picture large, what is known of it, and what becomes of it."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.media import PREVIEW_SIZES
from app.domain.photo import KEPT_HOURS, Photo, PhotoState
from app.web.auth import require_user
from app.web.codes import inline_code
from app.web.files import made_response, result_response
from app.web.links import absolute
from app.web.pages.gallery.look import Look
from app.web.pages.site import blueprint
from app.web.pages.stats.names import Names
from app.web.photo_changes import ANY_CHANGE, CHANGES
from app.web.use_cases import services

_KEPT = timedelta(hours=KEPT_HOURS)


@blueprint.get("/gallery/photos/<uuid:photo_id>")
def photo(photo_id: UUID) -> ResponseReturnValue:
    """With the gallery's filters, so that the photos beside it are those that the gallery shows beside it."""
    found, look = _found(photo_id), Look.of(request.args)
    if request.args.get("part") == "facts":
        return render_template("_photo_facts.html", **_facts(found, look))
    return render_template("photo.html", **_facts(found, look), **_surroundings(found, look))


@blueprint.get("/gallery/photos/<uuid:photo_id>/<size>")
def photo_image(photo_id: UUID, size: str) -> Response:
    """A preview, the `original`, or the `shot` that it was made of; of hidden and deleted photos too."""
    if size == "original":
        return result_response(services().results.file(photo_id, withdrawn_too=True))
    etag = f"{photo_id}-{size}"
    if size == "shot":
        shot = partial(services().results.shot, _found(photo_id).id, PREVIEW_SIZES["large"])
        return made_response(shot, "image/webp", etag)
    preview = services().results.preview(photo_id, size, withdrawn_too=True)
    return made_response(preview.read, "image/webp", etag, preview.size)


@blueprint.post(f"/gallery/photos/<uuid:photo_id>/<{ANY_CHANGE}:change>")
def change_photo(photo_id: UUID, change: str) -> ResponseReturnValue:
    """What was meant for a photo that somebody else has changed meanwhile leaves it as it is."""
    CHANGES[change].make([_found(photo_id).id], require_user())
    return redirect(Look.of(request.args).address("pages.photo", photo_id=photo_id), 303)


@blueprint.app_template_global()
def large_side() -> int:
    """Longest side in pixels of what a lightbox shows."""
    return PREVIEW_SIZES["large"]


def _found(photo_id: UUID) -> Photo:
    return services().results.photo(photo_id, withdrawn_too=True)


def _facts(found: Photo, look: Look) -> dict[str, Any]:
    """What administrators may know of it; `page` leads to it within the gallery that they came from."""
    return {
        "photo": found,
        "name": services().gallery.name_of(found),
        "job": services().jobs.get(found.id),
        "names": Names.of(services().slots.all(), services().catalogue),
        "page": _page_of(found, look),
    }


def _surroundings(found: Photo, look: Look) -> dict[str, Any]:
    beside = services().gallery.neighbours(look.wanted, found)
    guest_link = absolute(url_for("guests.photo", job_id=found.id))
    return {
        "look": look,
        "newer": _page_of(beside.newer, look),
        "older": _page_of(beside.older, look),
        "guest_link": guest_link,
        "guest_code": inline_code(guest_link),
        "is_public": found.state is PhotoState.VISIBLE,
        "kept_until": found.finalized_at + _KEPT,
        "places": services().album_orders.places(found.id),
    }


def _page_of(photo: Photo | None, look: Look) -> str | None:
    return look.address("pages.photo", photo_id=photo.id) if photo else None
