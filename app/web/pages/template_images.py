"""Template images of a slot's fields: uploaded, reused, removed without leaving the form."""

from dataclasses import replace
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.catalogue import Field
from app.domain.errors import Reason, Refused
from app.domain.media import PREVIEW_SIZES
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.ingest import as_upload
from app.web.pages import phrases, slot_form
from app.web.pages.site import blueprint, is_htmx
from app.web.pages.slot import editor
from app.web.pages.slot_form import SlotForm
from app.web.use_cases import services


@blueprint.get("/template-images/<uuid:template_id>")
def template_image(template_id: UUID) -> Response:
    """A preview. An image never changes under its id, so browsers may keep it."""
    response = Response(services().templates.preview(template_id, PREVIEW_SIZES["grid"]), mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response


@blueprint.post("/slots/<slot_id>/template-images/<field>")
def add_template_image(slot_id: str, field: str) -> ResponseReturnValue:
    """Keep an uploaded image and choose it in the form; answers the field alone."""
    form = slot_form.posted(request.form, services().catalogue)
    part = request.files.get(f"upload.{field}")
    try:
        if part is None:
            raise Refused(Reason.INVALID_REQUEST, "There is no file.")
        upload = as_upload(part)
        image = services().templates.register(upload.stream, upload.size_bytes, upload.filename, require_user())
    except Refused as refused:
        return _field(slot_id, field, _refused(form, field, refused)), STATUS[Reason.INVALID_SETTINGS]
    return _field(slot_id, field, replace(form, settings={**form.settings, field: str(image.id)})), 200


@blueprint.post("/slots/<slot_id>/template-images/<field>/<uuid:template_id>/delete")
def delete_template_image(slot_id: str, field: str, template_id: UUID) -> ResponseReturnValue:
    """Delete for good; refused while a slot, this one included, uses the image."""
    form = slot_form.posted(request.form, services().catalogue)
    status = 200
    try:
        services().templates.delete(template_id, force=False)
    except Refused as refused:
        form, status = _refused(form, field, refused), STATUS[Reason.INVALID_SETTINGS]
    if form.settings.get(field) == str(template_id) and status == 200:
        form = replace(form, settings={**form.settings, field: ""})
    if is_htmx():
        return _field(slot_id, field, form), status
    return redirect(url_for("pages.slot", slot_id=slot_id), 303)


def _refused(form: SlotForm, field: str, refused: Refused) -> SlotForm:
    return replace(form, problems={f"settings.{field}": phrases.refusal(refused.reason)})


def _field(slot_id: str, name: str, form: SlotForm) -> str:
    context = editor(services().slots.get(slot_id), form)
    return render_template("_template_field.html", field=_spec(form, name), **context)


def _spec(form: SlotForm, name: str) -> Field:
    """Raises Refused(NOT_FOUND)."""
    operation = services().catalogue.operation(form.provider, form.operation)
    for spec in operation.template_fields if operation else ():
        if spec.name == name:
            return spec
    raise Refused(Reason.NOT_FOUND, "The operation has no such template field.")
