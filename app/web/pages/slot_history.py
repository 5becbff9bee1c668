"""What a slot has been: every version with what it changed, and the way back to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.slot import Slot
from app.domain.slot_changes import Revision
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages import slot_form
from app.web.pages.conflicts import reading
from app.web.pages.disputes import Reading
from app.web.pages.labels import field_labels, slot_labels
from app.web.pages.phrases import problem
from app.web.pages.site import blueprint
from app.web.pages.slot_texts import Line, lines, yes_or_no
from app.web.use_cases import services

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A version and what it changed, None for the first, of which nothing earlier is known."""

    slot: Slot
    lines: list[Line] | None


@blueprint.get("/slots/<slot_id>/history")
def slot_history(slot_id: str) -> ResponseReturnValue:
    return _page(slot_id)


@blueprint.post("/slots/<slot_id>/restore")
def restore_slot(slot_id: str) -> ResponseReturnValue:
    """Back to `version`, if the slot is still the version `current` that the page has shown."""
    version, current = (request.form.get(name, 0, type=int) for name in ("version", "current"))
    try:
        services().slots.restore(slot_id, version, current, require_user())
    except Refused as refused:
        if refused.reason in (Reason.INVALID_SETTINGS, Reason.VERSION_CONFLICT):
            return _page(slot_id, refused, version), STATUS[refused.reason]
        raise
    flash("restored")
    return redirect(url_for("pages.slot", slot_id=slot_id), 303)


def _page(slot_id: str, refused: Refused | None = None, version: int = 0) -> str:
    page = max(1, min(1_000_000, request.args.get("page", 1, type=int)))
    slot = services().slots.get(slot_id)
    revisions, total = services().slots.history(slot_id, page=page, page_size=PAGE_SIZE)
    read = reading()
    return render_template(
        "slot_history.html",
        slot=slot,
        entries=[Entry(revision.slot, _lines(revision, read)) for revision in revisions],
        page=page,
        pages=-(-total // PAGE_SIZE),
        refused=refused,
        refused_version=version,
        problems=_problems(slot_id, version, refused.details.get("fields", {})) if refused else [],
    )


def _lines(revision: Revision, read: Reading) -> list[Line] | None:
    if revision.before is None:
        return None
    old, new = revision.before, revision.slot
    found = lines(read(slot_form.stored(old)), read(slot_form.stored(new)))
    if old.is_active != new.is_active:
        label = slot_labels()["is_active"]
        found.append(Line("is_active", label, yes_or_no(old.is_active), yes_or_no(new.is_active)))
    return found


def _problems(slot_id: str, version: int, fields: Mapping[str, Mapping[str, object]]) -> list[tuple[str, str]]:
    """Label and sentence of each field that the version cannot have any more."""
    past = services().slots.version(slot_id, version)
    labels = field_labels(slot_form.stored(past).steps, services().catalogue)
    return [(labels.get(path, path), _gone(path, why)) for path, why in fields.items()]


def _gone(path: str, why: Mapping[str, object]) -> str:
    if path.endswith((".model", "provider", "operation")):
        return str(gettext("This choice is no longer there."))
    return problem(why)
