"""Photos of the gallery as a ZIP: what its filters show, or what is selected in it."""

from collections.abc import Collection

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext

from app.domain.errors import Reason, Refused
from app.domain.photo import PhotoFilter, PhotoState
from app.services.archives import ARCHIVE_MAX
from app.web.archives import archive_names, house_archive
from app.web.pages.gallery.look import Look
from app.web.pages.gallery.selection import nothing_selected, selected_ids
from app.web.pages.site import blueprint, safe_next


@blueprint.get("/gallery/archive")
def gallery_archive() -> ResponseReturnValue:
    """All photos that the gallery shows under the same filters."""
    look = Look.of(request.args)
    if look.problems:
        abort(404)
    return _archive(look.wanted, archive_names(look.asked), look.address())


@blueprint.post("/gallery/archive")
def selection_archive() -> ResponseReturnValue:
    """The photos `ids`, which the page `back` shows among those in `state`."""
    ids, back = frozenset(selected_ids()), safe_next(request.form.get("back"))
    if not ids:
        flash(nothing_selected())
        return redirect(back, 303)
    is_hidden = request.form.get("state") == PhotoState.HIDDEN
    state = PhotoState.HIDDEN if is_hidden else PhotoState.VISIBLE
    return _archive(PhotoFilter(ids=ids, state=state, with_tests=True), [gettext("selected photos")], back)


def _archive(wanted: PhotoFilter, names: Collection[str], back: str) -> ResponseReturnValue:
    """Whoever followed a link stays where it was and reads why not; a download that goes on learns it by the status."""
    try:
        return house_archive(wanted, names)
    except Refused as refusal:
        if request.range:
            raise
        flash(_sentence(refusal.reason))
        return redirect(back, 303)


def _sentence(reason: Reason) -> str:
    most = format_decimal(ARCHIVE_MAX)
    sentences = {
        Reason.NOT_FOUND: gettext("There are no photos to download."),
        Reason.ARCHIVE_TOO_LARGE: gettext("Too many photos for one file: choose a day. At most %(n)s.", n=most),
        Reason.ARCHIVES_BUSY: gettext("Several downloads are under way. Try again in a minute."),
    }
    return str(sentences[reason])
