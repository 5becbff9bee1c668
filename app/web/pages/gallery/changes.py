"""What is done with selected photos, and undone again."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.domain.errors import Reason, Refused
from app.domain.photo import SELECTION_MAX, UNDO_SECONDS, PhotoState
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.site import answer, blueprint, safe_next
from app.web.use_cases import services

Change = Callable[[Collection[UUID], str], list[UUID]]

_UNDOING = {
    "hide": "show",
    "show": "hide",
    "delete": "restore",
    "restore": "delete",
    "keep": "release",
    "release": "keep",
}


@blueprint.post("/gallery/selection")
def change_photos() -> ResponseReturnValue:
    """Do `action` with the photos `ids`, of which the browser shows those in `state`; `back` is its page."""
    action = request.form.get("action", "")
    if action not in _UNDOING:
        abort(400)
    ids = _ids(request.form.getlist("ids"))
    if not ids:
        return _answer(nothing_selected())
    try:
        changed = change_called(action)(ids, require_user())
    except Refused:
        return _answer(_too_many(), STATUS[Reason.INVALID_SETTINGS])
    return _answer(_sentence(action, len(changed)), changed=changed, effect=_effect(action), undo=_UNDOING[action])


def change_called(action: str) -> Change:
    """What the gallery's service does for each word that a form may send."""
    gallery = services().gallery
    changes: dict[str, Change] = {
        "hide": gallery.hide,
        "show": gallery.show,
        "delete": gallery.delete,
        "restore": gallery.restore,
        "keep": gallery.keep,
        "release": gallery.release,
    }
    return changes[action]


def nothing_selected() -> str:
    """What a button of the bar says without scripts, where it is there before anything is selected."""
    return str(gettext("You have not selected anything."))


def _answer(sentence: str, status: int = 200, **done: Any) -> ResponseReturnValue:
    told = {"sentence": sentence, "shown": _shown(), "back": safe_next(request.form.get("back")), "changed": [], **done}
    return answer("gallery_done.html", "_gallery_done.html", status, **told)


def _shown() -> PhotoState:
    """What the browser shows photos of; a mistyped state is the usual one."""
    return next((state for state in PhotoState if state == request.form.get("state")), PhotoState.VISIBLE)


def _effect(action: str) -> str:
    """What the change does to tiles that the browser shows, or has shown: they are `gone`, `back`, `kept`, …"""
    if action == "restore":
        return "gone" if _shown() is PhotoState.DELETED else "back"
    leads_to = {"hide": PhotoState.HIDDEN, "show": PhotoState.VISIBLE, "delete": PhotoState.DELETED}
    if action in leads_to:
        return "back" if leads_to[action] is _shown() else "gone"
    return {"keep": "kept", "release": "released"}[action]


def _ids(texts: Collection[str]) -> set[UUID]:
    try:
        return {UUID(text) for text in texts}
    except ValueError:
        abort(400)


def _too_many() -> str:
    return str(gettext("At most %(n)s photos at once.", n=SELECTION_MAX))


def _sentence(action: str, photos: int) -> str:
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
