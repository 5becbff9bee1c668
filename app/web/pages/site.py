"""What all pages share: only administrators come in, and htmx is told apart from a browser."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

blueprint = Blueprint("pages", __name__)

BAD = "bad"
"""The category of a message that tells of a failure (templates/_flashed.html)."""

_OPEN_ENDPOINTS = ("pages.login", "pages.log_in", "pages.choose_language")
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f\\]")  # browsers drop control characters and turn \ into /


def is_htmx() -> bool:
    """Whether a part of the page is wanted; going back in the browser's history wants the whole of it again."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def safe_next(target: str | None) -> str:
    """`target` if it is a path of this site, else the home page."""
    home = url_for("pages.slots")
    if not target or _UNSAFE_IN_PATH.search(target) or target.startswith("//"):
        return home
    return target if target.startswith("/") else home


def answer(page: str, fragment: str, status: int = 200, **context: object) -> ResponseReturnValue:
    """The fragment for htmx, the page that includes it for a browser."""
    return render_template(fragment if is_htmx() else page, **context), status


def unless_seen(html: str) -> ResponseReturnValue:
    """204 when the browser shows this already: a poll must not disturb what nobody changed (see _live.html)."""
    seen = request.args.get("seen", "")
    return ("", 204) if seen and f'seen={seen}"' in html else html


@blueprint.before_request
def _only_users() -> ResponseReturnValue | None:
    if request.endpoint in _OPEN_ENDPOINTS or current_user.is_authenticated:
        return None
    if is_htmx():
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        target = url_for("pages.login", next=safe_next(f"{shown.path}?{shown.query}".rstrip("?")))
        return Response(status=204, headers={"HX-Redirect": target})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("pages.login", next=safe_next(wanted)))


@blueprint.after_request
def _vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response
