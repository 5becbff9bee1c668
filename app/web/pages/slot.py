"""One slot: what is done with its photos, and saving that without overwriting somebody else's change."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.domain.errors import Reason, Refused
from app.domain.slot import Slot
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages import slot_form
from app.web.pages.conflicts import conflict_with, settling
from app.web.pages.editor import editor, sent_form
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.pages.slot_form import SlotForm
from app.web.pages.slot_view import recent_photos, slot_answer, slot_page
from app.web.use_cases import services


@blueprint.get("/slots/<slot_id>")
def slot(slot_id: str) -> ResponseReturnValue:
    found = services().slots.get(slot_id)
    return slot_page(found, slot_form.stored(found))


@blueprint.post("/slots/<slot_id>")
def save_slot(slot_id: str) -> ResponseReturnValue:
    found = services().slots.get(slot_id)
    form = sent_form()
    if form.problems:
        return slot_answer(found, form, STATUS[Reason.INVALID_SETTINGS])
    try:
        saved = services().slots.change(slot_id, form.content(services().catalogue), form.version, require_user())
    except Refused as refused:
        return _refused(found, form, refused)
    if is_htmx():
        context = editor(saved, slot_form.stored(saved))
        return render_template("_slot_form.html", **context, saved=["saved"], is_fragment=True)
    flash("saved")
    return redirect(url_for("pages.slot", slot_id=slot_id), 303)


@blueprint.post("/slots/<slot_id>/pause")
def pause_slot(slot_id: str) -> ResponseReturnValue:
    return _set_active(slot_id, False)


@blueprint.post("/slots/<slot_id>/resume")
def resume_slot(slot_id: str) -> ResponseReturnValue:
    return _set_active(slot_id, True)


@blueprint.get("/slots/<slot_id>/results")
def slot_results(slot_id: str) -> ResponseReturnValue:
    return unless_seen(render_template("_results.html", slot_id=slot_id, photos=recent_photos(slot_id)))


def _set_active(slot_id: str, is_active: bool) -> ResponseReturnValue:
    """At once, whatever stands in the form: what was typed there can be saved afterwards all the same."""
    changed = services().slots.set_active(slot_id, is_active, require_user())
    if is_htmx():
        return render_template("_slot_title.html", slot=changed, is_switched=True)
    return redirect(url_for("pages.slot", slot_id=slot_id), 303)


def _refused(slot: Slot, form: SlotForm, refused: Refused) -> ResponseReturnValue:
    if refused.reason is Reason.INVALID_SETTINGS:
        return slot_answer(slot, form.with_problems(refused), STATUS[refused.reason])
    if refused.reason is Reason.VERSION_CONFLICT:
        conflict = conflict_with(form, slot.id)
        settled, shown = settling(conflict)
        return slot_answer(conflict.theirs, settled, STATUS[refused.reason], shown=shown)
    raise refused
