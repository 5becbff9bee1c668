"""Template images of a slot's form: uploaded, reused, removed without leaving it."""

from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.media import PREVIEW_SIZES
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages import phrases
from app.web.pages.editor import UPLOAD, editor, sent_form
from app.web.pages.image_fields import ImageField, image_fields
from app.web.pages.site import blueprint, is_htmx
from app.web.pages.slot_form import SlotForm
from app.web.pages.slot_view import slot_page
from app.web.pages.step_view import step_views
from app.web.use_cases import services

RENAME = "rename."
"""What the name of the control begins with that takes a new name for the chosen image; the field's path follows."""


@blueprint.get("/template-images/<uuid:template_id>")
def template_image(template_id: UUID) -> Response:
    """A preview. An image never changes under its id, so browsers may keep it."""
    response = Response(services().templates.preview(template_id, PREVIEW_SIZES["grid"]), mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    return response


@blueprint.post("/slots/<slot_id>/template-images/<path>")
def add_template_image(slot_id: str, path: str) -> ResponseReturnValue:
    """Keep an uploaded image and choose it in the field with this path; answers the form's image fields."""
    form, part = sent_form(), request.files.get(UPLOAD + path)
    field = _field(form, path)
    if part is None or not part.filename:
        form = form.with_problem(path, phrases.refusal(Reason.INVALID_REQUEST))
    return _answer(slot_id, field, form)


@blueprint.post("/slots/<slot_id>/template-images/<path>/all")
def show_template_images(slot_id: str, path: str) -> ResponseReturnValue:
    """The field with every image there is."""
    slot, form = services().slots.get(slot_id), sent_form()
    field = _field(form, path)
    if is_htmx():
        return render_template("_template_field.html", field=field, **editor(slot, form, focus=path, whole_shelf=path))
    return slot_page(slot, form, opened=field.place, focus=path, whole_shelf=path)


@blueprint.post("/slots/<slot_id>/template-images/<path>/rename")
def rename_template_image(slot_id: str, path: str) -> ResponseReturnValue:
    """Give the image that is chosen in the field the name that was typed below it."""
    form, name = sent_form(), request.form.get(f"{RENAME}{path}")
    field = _field(form, path)
    try:
        services().templates.rename(UUID(field.chosen), name, require_user())
    except (Refused, ValueError) as error:
        form = form.with_problem(path, _why_not_renamed(error, name))
    return _answer(slot_id, field, form)


@blueprint.post("/slots/<slot_id>/template-images/<path>/<uuid:template_id>/delete")
def delete_template_image(slot_id: str, path: str, template_id: UUID) -> ResponseReturnValue:
    """Delete for good; refused while a slot, this one included, uses the image."""
    form = sent_form()
    field = _field(form, path)
    try:
        services().templates.delete(template_id, require_user(), force=False)
    except Refused as refused:
        form = form.with_problem(path, _why_kept(refused))
    else:
        form = _without(form, str(template_id))
    return _answer(slot_id, field, form)


def _why_not_renamed(error: Exception, name: str | None) -> str:
    if isinstance(error, Refused) and error.reason is Reason.INVALID_SETTINGS:
        return phrases.problem(error.details["fields"]["label"], name)
    return str(gettext("Choose the image that is to be renamed first."))


def _why_kept(refused: Refused) -> str:
    if refused.reason is not Reason.TEMPLATE_IN_USE:
        return phrases.refusal(refused.reason)
    names = ", ".join(services().slots.get(slot_id).name for slot_id in refused.details["used_by"])
    return str(gettext("Slots use this image: %(names)s. Choose another one there first.", names=names))


def _without(form: SlotForm, template_id: str) -> SlotForm:
    for field in _fields(form).values():
        if field.chosen == template_id:
            form = field.chosen_in(form, "")
    return form


def _fields(form: SlotForm) -> dict[str, ImageField]:
    return image_fields(form, step_views(form, services().catalogue))


def _field(form: SlotForm, path: str) -> ImageField:
    """Raises Refused(NOT_FOUND)."""
    field = _fields(form).get(path)
    if field is None:
        raise Refused(Reason.NOT_FOUND, "The form has no such image field.")
    return field


def _answer(slot_id: str, field: ImageField, form: SlotForm) -> ResponseReturnValue:
    """The field, and the others as well: what is on the shelf has changed for all."""
    slot, status = services().slots.get(slot_id), STATUS[Reason.INVALID_SETTINGS] if form.problems else 200
    if is_htmx():
        return render_template("_image_fields.html", asked=field.path, **editor(slot, form)), status
    return slot_page(slot, form, opened=field.place, focus=field.path), status
