"""One slot: what is done with its photos, and saving that without overwriting somebody else's change."""

import math
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.domain.deadlines import BOOTH_TIMEOUT_MARGIN
from app.domain.errors import Reason, Refused
from app.domain.slot import Slot
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.links import ingest_url
from app.web.pages import slot_form
from app.web.pages.editor import editor, sent_form
from app.web.pages.site import answer, blueprint, is_htmx, unless_seen
from app.web.pages.slot_form import SlotForm
from app.web.use_cases import services

RECENT = 12


@blueprint.get("/slots/<slot_id>")
def slot(slot_id: str) -> ResponseReturnValue:
    found = services().slots.get(slot_id)
    return slot_page(found, slot_form.stored(found))


@blueprint.post("/slots/<slot_id>")
def save_slot(slot_id: str) -> ResponseReturnValue:
    found = services().slots.get(slot_id)
    form = sent_form()
    if form.problems:
        return _show(found, form, Reason.INVALID_SETTINGS)
    try:
        saved = services().slots.change(slot_id, form.content(services().catalogue), form.version, require_user())
    except Refused as refused:
        return _show_refused(found, form, refused)
    if is_htmx():
        context = editor(saved, slot_form.stored(saved))
        return render_template("_slot_form.html", **context, saved=True, is_fragment=True)
    flash("saved")
    return redirect(url_for("pages.slot", slot_id=slot_id), 303)


@blueprint.get("/slots/<slot_id>/results")
def slot_results(slot_id: str) -> ResponseReturnValue:
    return unless_seen(render_template("_results.html", slot_id=slot_id, results=services().results.recent(slot_id)))


def slot_page(slot: Slot, form: SlotForm, **more: Any) -> str:
    """The whole page; `more` goes to the form's `editor`."""
    return render_template("slot.html", **editor(slot, form, **more), **_surroundings(slot))


def _surroundings(slot: Slot) -> dict[str, Any]:
    """What stands beside the form."""
    window = services().settings.sync_response_seconds()
    return {
        "slot_id": slot.id,
        "results": services().results.recent(slot.id, RECENT),
        "link": ingest_url(slot.id),
        "booth_timeout": math.ceil(window + BOOTH_TIMEOUT_MARGIN),
    }


def _show(slot: Slot, form: SlotForm, reason: Reason, **more: Any) -> ResponseReturnValue:
    beside = {} if is_htmx() else _surroundings(slot)
    return answer("slot.html", "_slot_form.html", STATUS[reason], **editor(slot, form), **beside, **more)


def _show_refused(slot: Slot, form: SlotForm, refused: Refused) -> ResponseReturnValue:
    if refused.reason is Reason.INVALID_SETTINGS:
        return _show(slot, form.with_problems(refused), refused.reason)
    if refused.reason is Reason.VERSION_CONFLICT:
        conflict = {**refused.details, "updated_at": datetime.fromisoformat(refused.details["updated_at"])}
        return _show(slot, form, refused.reason, conflict=conflict)
    raise refused
