"""Another slot's ways loaded into the form of this one, and back again. Nothing is saved."""

from flask import request
from flask.typing import ResponseReturnValue

from app.domain.errors import Reason, Refused
from app.web.pages import slot_form
from app.web.pages.editor import sent_form
from app.web.pages.site import blueprint
from app.web.pages.slot_form import MINE
from app.web.pages.slot_view import slot_answer
from app.web.use_cases import services


@blueprint.post("/slots/<slot_id>/copy")
def copy_slot(slot_id: str) -> ResponseReturnValue:
    """The form with chain, policy and output of the slot `copy_from`; its name stays as it was typed."""
    source = services().slots.get(request.form.get("copy_from", ""))
    form = sent_form()
    shown = {"copied_from": source, "set_aside": form.controls(MINE)}
    copied = form.working_as(slot_form.stored(source))
    return slot_answer(services().slots.get(slot_id), copied, shown=shown, focus="undo-copy")


@blueprint.post("/slots/<slot_id>/copy/undo")
def undo_copy(slot_id: str) -> ResponseReturnValue:
    """The form as it was before a copy, with whatever was typed there; the name as it is now."""
    form, before = sent_form(), slot_form.posted_before(request.form, services().catalogue)
    if before is None:
        raise Refused(Reason.INVALID_REQUEST, "The form says nothing of a copy.")
    return slot_answer(services().slots.get(slot_id), form.working_as(before), shown={"is_edited": True}, focus="name")
