"""What is done with selected photos, and undone again."""

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.domain.photo import UNDO_SECONDS, PhotoState
from app.web.auth import require_user
from app.web.pages.gallery.selection import nothing_selected, notice, selected_ids, shown
from app.web.pages.site import blueprint
from app.web.photo_changes import CHANGES


@blueprint.post("/gallery/selection")
def change_photos() -> ResponseReturnValue:
    """Do `action` with the photos `ids`, of which the browser shows those in `state`; `back` is its page."""
    action = request.form.get("action", "")
    if action not in CHANGES:
        abort(400)
    ids = selected_ids()
    if not ids:
        return notice(nothing_selected())
    changed = CHANGES[action].make(ids, require_user())
    return notice(_sentence(action, len(changed)), changed=changed, effect=_effect(action), undo=CHANGES[action].undo)


def _effect(action: str) -> str:
    """What the change does to tiles that the browser shows, or has shown: they are `gone`, `back`, `kept`, …"""
    if action == "restore":
        return "gone" if shown() is PhotoState.DELETED else "back"
    leads_to = {"hide": PhotoState.HIDDEN, "show": PhotoState.VISIBLE, "delete": PhotoState.DELETED}
    if action in leads_to:
        return "back" if leads_to[action] is shown() else "gone"
    return {"keep": "kept", "release": "released"}[action]


def _sentence(action: str, photos: int) -> str:
    if not photos and action == "keep":
        return str(gettext("Nothing has changed: these photos stay as long as any can, or are gone."))
    if not photos:
        return str(gettext("Nothing has changed: these photos have been changed meanwhile, or are gone."))
    minutes = round(UNDO_SECONDS / 60)
    sentences = {
        "hide": ngettext("%(num)s photo is hidden from guests.", "%(num)s photos are hidden from guests.", photos),
        "show": ngettext("Guests see %(num)s photo again.", "Guests see %(num)s photos again.", photos),
        "delete": ngettext(
            "%(num)s photo is deleted. It can be brought back for %(minutes)s minutes.",
            "%(num)s photos are deleted. They can be brought back for %(minutes)s minutes.",
            photos,
            minutes=minutes,
        ),
        "restore": ngettext("%(num)s photo is back.", "%(num)s photos are back.", photos),
        "keep": ngettext("%(num)s photo stays longer.", "%(num)s photos stay longer.", photos),
        "release": ngettext("%(num)s photo goes at its time.", "%(num)s photos go at their time.", photos),
    }
    return str(sentences[action])
