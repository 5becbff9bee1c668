"""The page of one slot, and its form alone for htmx, whatever state the form is in."""

import math
from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from app.domain.deadlines import BOOTH_TIMEOUT_MARGIN
from app.domain.photo import Photo, PhotoFilter
from app.domain.slot import Slot
from app.web.links import ingest_url
from app.web.pages.editor import editor
from app.web.pages.site import is_htmx
from app.web.pages.slot_form import SlotForm
from app.web.use_cases import services

_RECENT = 12


def slot_page(slot: Slot, form: SlotForm, *, shown: Any = None, **more: Any) -> str:
    """The whole page; `more` goes to the form's `editor`, `shown` to its template beside that."""
    return render_template("slot.html", **editor(slot, form, **more), **(shown or {}), **_surroundings(slot))


def slot_answer(
    slot: Slot, form: SlotForm, status: int = 200, *, shown: Any = None, **more: Any
) -> ResponseReturnValue:
    """The form for htmx, the page for a browser."""
    if is_htmx():
        return render_template("_slot_form.html", **editor(slot, form, **more), **(shown or {})), status
    return slot_page(slot, form, shown=shown, **more), status


def recent_photos(slot_id: str) -> Sequence[Photo]:
    """Its newest ones, those of test runs too."""
    return services().gallery.page(PhotoFilter(frozenset([slot_id]), with_tests=True), limit=_RECENT).photos


def connection(slot: Slot) -> dict[str, Any]:
    """What the booth program is to be told."""
    window = services().settings.sync_response_seconds()
    return {"link": ingest_url(slot.id), "booth_timeout": math.ceil(window + BOOTH_TIMEOUT_MARGIN)}


def _surroundings(slot: Slot) -> dict[str, Any]:
    """What stands beside the form."""
    return {"slot_id": slot.id, "photos": recent_photos(slot.id), **connection(slot)}
