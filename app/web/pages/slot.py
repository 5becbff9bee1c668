"""One slot: what is done with its photos, and saving that without overwriting somebody else's change."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.catalogue import Operation
from app.domain.deadlines import BOOTH_TIMEOUT_MARGIN
from app.domain.errors import Reason, Refused
from app.domain.media import OUTPUT_FORMATS
from app.domain.slot import NAME_MAX, Slot
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.ingest import as_upload
from app.web.links import ingest_url
from app.web.pages import phrases, slot_form
from app.web.pages.site import answer, blueprint, is_htmx, unless_seen
from app.web.pages.slot_form import SlotForm
from app.web.use_cases import services

RECENT = 12


@blueprint.get("/slots/<slot_id>")
def slot(slot_id: str) -> ResponseReturnValue:
    found = services().slots.get(slot_id)
    return render_template("slot.html", **editor(found, slot_form.stored(found)), **_surroundings(found))


@blueprint.post("/slots/<slot_id>")
def save_slot(slot_id: str) -> ResponseReturnValue:
    found = services().slots.get(slot_id)
    form = _with_uploads(slot_form.posted(request.form, services().catalogue))
    if form.problems:
        return _show(found, form, STATUS[Reason.INVALID_SETTINGS])
    content = form.content(services().catalogue, found)
    try:
        saved = services().slots.change(slot_id, content, form.version, require_user())
    except Refused as refused:
        return _show_refused(found, form, refused)
    if is_htmx():
        context = editor(saved, slot_form.stored(saved))
        return render_template("_slot_form.html", **context, saved=True, is_fragment=True)
    flash("saved")
    return redirect(url_for("pages.slot", slot_id=slot_id), 303)


@blueprint.post("/slots/<slot_id>/fields")
def slot_fields(slot_id: str) -> ResponseReturnValue:
    """The form after another provider or operation was chosen; nothing is saved."""
    found = services().slots.get(slot_id)
    form = slot_form.posted(request.form, services().catalogue)
    context = editor(found, form)
    if is_htmx():
        return render_template("_step.html", **context)
    return render_template("slot.html", **context, **_surroundings(found))


@blueprint.get("/slots/<slot_id>/results")
def slot_results(slot_id: str) -> ResponseReturnValue:
    return unless_seen(render_template("_results.html", slot_id=slot_id, results=services().results.recent(slot_id)))


def editor(slot: Slot, form: SlotForm) -> dict[str, Any]:
    """What the form's templates need."""
    catalogue = services().catalogue
    operation = catalogue.operation(form.provider, form.operation)
    return {
        "slot": slot,
        "form": form,
        "provider": catalogue.provider(form.provider),
        "providers": catalogue.providers,
        "operation": operation,
        "formats": OUTPUT_FORMATS,
        "name_max": NAME_MAX,
        "first_problem": next(iter(form.problems), None),
        "template_images": services().templates.all() if _wants_templates(operation) else [],
    }


def _wants_templates(operation: Operation | None) -> bool:
    return operation is not None and bool(operation.template_fields)


def _surroundings(slot: Slot) -> dict[str, Any]:
    """What stands beside the form."""
    window = services().settings.sync_response_seconds()
    return {
        "slot_id": slot.id,
        "results": services().results.recent(slot.id, RECENT),
        "link": ingest_url(slot.id),
        "booth_timeout": math.ceil(window + BOOTH_TIMEOUT_MARGIN),
    }


def _show(slot: Slot, form: SlotForm, status: int, **more: Any) -> ResponseReturnValue:
    beside = {} if is_htmx() else _surroundings(slot)
    return answer("slot.html", "_slot_form.html", status, **editor(slot, form), **beside, **more)


def _show_refused(slot: Slot, form: SlotForm, refused: Refused) -> ResponseReturnValue:
    if refused.reason is Reason.INVALID_SETTINGS:
        return _show(slot, form.with_problems(refused), STATUS[refused.reason])
    if refused.reason is Reason.VERSION_CONFLICT:
        conflict = {**refused.details, "updated_at": datetime.fromisoformat(refused.details["updated_at"])}
        return _show(slot, form, STATUS[refused.reason], conflict=conflict)
    raise refused


def _with_uploads(form: SlotForm) -> SlotForm:
    """Without scripts a template image comes with the form itself, as `upload.<field>`."""
    settings, problems = dict(form.settings), {}
    for key, part in request.files.items():
        name = key.removeprefix("upload.")
        if name == key or not part.filename:
            continue
        upload = as_upload(part)
        try:
            image = services().templates.register(upload.stream, upload.size_bytes, upload.filename, require_user())
        except Refused as refused:
            problems[f"settings.{name}"] = phrases.refusal(refused.reason)
        else:
            settings[name] = str(image.id)
    return replace(form, settings=settings, problems=problems)
