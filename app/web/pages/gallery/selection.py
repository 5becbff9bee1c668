"""The photos that a form of the gallery names, and what is said where there is something wrong with them."""

from typing import Any
from uuid import UUID

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason
from app.domain.photo import SELECTION_MAX, PhotoState
from app.web.errors import STATUS
from app.web.pages.site import answer, safe_next


def selected_ids() -> list[UUID]:
    """The form's `ids`, each once; aborts with the answer if they are too many, and with 400 if one is none."""
    texts = request.form.getlist("ids")
    if len(texts) > SELECTION_MAX:
        too_many = str(gettext("At most %(n)s photos at once.", n=SELECTION_MAX))
        abort(make_response(notice(too_many, STATUS[Reason.INVALID_SETTINGS])))
    try:
        return list(dict.fromkeys(UUID(text) for text in texts))
    except ValueError:
        abort(400)


def notice(sentence: str, status: int = 200, **done: Any) -> ResponseReturnValue:
    """What came of the form, whose field `back` is the page that the photos were selected on."""
    told = {"sentence": sentence, "shown": shown(), "back": safe_next(request.form.get("back")), "changed": [], **done}
    return answer("gallery_done.html", "_gallery_done.html", status, **told)


def nothing_selected() -> str:
    """What a button of the bar says without scripts, where it is there before anything is selected."""
    return str(gettext("You have not selected anything."))


def shown() -> PhotoState:
    """What the browser shows photos of; a mistyped state is the usual one."""
    return next((state for state in PhotoState if state == request.form.get("state")), PhotoState.VISIBLE)
