"""One photo: the page that its printed code leads to."""

from uuid import UUID

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from app.domain.media import FULL, JPEG_SIZES
from app.domain.photo import Photo
from app.web.files import made_response, result_response, with_name
from app.web.guests.cookies import remember
from app.web.guests.site import blueprint
from app.web.links import absolute
from app.web.use_cases import services

_KNOWN_TO_ALL = ("image/jpeg", "image/png")
"""What every phone shows and saves; iPhones before iOS 14 know no WebP."""


@blueprint.get("/r/<uuid:job_id>")
def photo(job_id: UUID) -> Response:
    """The photo, and how to keep it. This device remembers it for galleries of one's own photos."""
    response = make_response(photo_page(services().results.available(job_id)))
    remember(response, job_id)
    return response


@blueprint.get("/r/<uuid:job_id>/still")
def still_there(job_id: UUID) -> ResponseReturnValue:
    """204 while the photo may be looked at, which an open page asks (static/guest.js); then the answer of its page."""
    services().results.photo(job_id)
    return "", 204


@blueprint.get("/r/<uuid:job_id>/file")
def file(job_id: UUID) -> Response:
    """The picture as every phone knows it, itself or as a JPEG; `?download=1` asks the browser to save it.

    Beside the page, not under /public: whoever comes too late reads why.
    """
    found = services().results.file(job_id)
    return result_response(found) if found.mime_type in _KNOWN_TO_ALL else as_jpeg(job_id, FULL)


@blueprint.get(f"/r/<uuid:job_id>/<any({', '.join(JPEG_SIZES)}):size>.jpg")
def as_jpeg(job_id: UUID, size: str) -> Response:
    """For phones that know no WebP: a preview, or the `full` picture. `?download=1` asks the browser to save it."""
    name = _name(services().results.photo(job_id))
    response = made_response(lambda: services().results.as_jpeg(job_id, size), "image/jpeg", f"{job_id}-{size}-jpeg")
    return with_name(response, name)


def photo_page(shown: Photo, **around: object) -> str:
    """`around` is what leads on in a gallery: the addresses of the `gallery`, the `newer` and the `older` photo."""
    return render_template(
        "guest_photo.html",
        photo=shown,
        full=url_for("guests.file", job_id=shown.id),
        name=_name(shown),
        address=absolute(url_for("guests.photo", job_id=shown.id)),
        **around,
    )


def _name(shown: Photo) -> str:
    """As it is saved: what not every phone knows becomes a JPEG."""
    name = services().gallery.name_of(shown)
    return name if shown.result.mime_type in _KNOWN_TO_ALL else f"{name.rpartition('.')[0]}.jpg"
