"""Two people edited one slot: who changed what and when, and taking theirs or mine, field by field."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.domain.errors import Reason, Refused
from app.domain.slot_changes import Revision
from app.web.pages import slot_form
from app.web.pages.disputes import Conflict, Reading, taken
from app.web.pages.editor import sent_form
from app.web.pages.labels import field_labels
from app.web.pages.site import blueprint
from app.web.pages.slot_form import MINE, SlotForm
from app.web.pages.slot_texts import field_texts
from app.web.pages.slot_view import slot_answer
from app.web.use_cases import services


@blueprint.post("/slots/<slot_id>/take/<whose>/<part>")
def take_part(slot_id: str, whose: str, part: str) -> ResponseReturnValue:
    """The form with a part as they saved it, or as I had it when the conflict was found; nothing is saved."""
    form, mine = sent_form(), slot_form.posted_before(request.form, services().catalogue)
    if mine is None:
        raise Refused(Reason.INVALID_REQUEST, "The form says nothing of a conflict.")
    conflict, read = conflict_with(mine, slot_id), reading()
    if whose not in ("theirs", "mine") or part not in {dispute.part for dispute in conflict.disputes(form, read)}:
        raise Refused(Reason.NOT_FOUND, "There is no such choice.")
    form = taken(form, slot_form.stored(conflict.theirs) if whose == "theirs" else mine, part)
    shown = _context(conflict, form, read)
    return slot_answer(conflict.theirs, form, shown=shown, focus=f"take-{whose}-{part}")


def conflict_with(mine: SlotForm, slot_id: str) -> Conflict:
    base, changes = services().slots.changes_since(slot_id, mine.version)
    return Conflict(services().slots.get(slot_id), base, changes, mine)


def settling(conflict: Conflict) -> tuple[SlotForm, dict[str, Any]]:
    """The form to go on with, and what its template needs to show the conflict."""
    read = reading()
    form = conflict.settled(read)
    return form, _context(conflict, form, read)


def reading() -> Reading:
    """What a form says in words, at this installation."""
    images = {str(image.id): image.label for image in services().templates.all()}
    return lambda form: field_texts(form, services().catalogue, images)


def _context(conflict: Conflict, form: SlotForm, read: Reading) -> dict[str, Any]:
    return {
        "conflict": conflict,
        "disputes": conflict.disputes(form, read),
        "edits": [(revision.slot, _touched(revision)) for revision in conflict.changes],
        "set_aside": conflict.mine.controls(MINE),
    }


def _touched(revision: Revision) -> list[str]:
    """What the fields are called that a version changed."""
    labels = field_labels(slot_form.stored(revision.slot).steps, services().catalogue)
    return list(dict.fromkeys(labels[path] for path in revision.changes or () if path in labels))
