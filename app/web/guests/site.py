"""What all pages of guests share: nobody lists or keeps them, and the language needs no session."""

from datetime import timedelta

from flask import Blueprint, Response, request

from app.web.guests.cookies import give
from app.web.languages import LANGUAGES
from app.web.links import is_for_guests

_LANGUAGE_LIFETIME = timedelta(days=365)

blueprint = Blueprint("guests", __name__)


@blueprint.after_app_request
def _careful(response: Response) -> Response:
    """The address of a guest's page is all it takes to open it: it goes to no search engine and no other site."""
    if not is_for_guests(request.path):
        return response
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.vary.update(("Cookie", "Accept-Language"))
    return response


@blueprint.after_app_request
def _remember_language(response: Response) -> Response:
    """`?lang=en` holds for the pages that are opened afterwards too."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and is_for_guests(request.path):
        give(response, "lang", chosen, _LANGUAGE_LIFETIME)
    return response
