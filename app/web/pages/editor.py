"""What the templates of a slot's form need, and the form as a request brings it."""

from typing import Any

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from app.domain.errors import Refused
from app.domain.media import Output
from app.domain.slot import NAME_MAX, Keeping, Policy, Publishing, Slot
from app.services.slots import MAX_FALLBACKS
from app.web.auth import require_user
from app.web.ingest import as_upload
from app.web.pages import phrases, slot_form
from app.web.pages.image_fields import ImageField, image_fields
from app.web.pages.labels import slot_labels
from app.web.pages.slot_form import SlotForm, texts_of
from app.web.pages.step_view import step_views
from app.web.use_cases import services

UPLOAD = "upload."
"""What the name of an image field's file part begins with; the field's path follows."""

_FINISHING = ("aspect", "overlay", "overlay_place", "qr_corner")
"""Fields of the output that are rarely used."""


def editor(
    slot: Slot, form: SlotForm, *, opened: int | None = None, focus: str | None = None, whole_shelf: str | None = None
) -> dict[str, Any]:
    """The templates' context.

    The fallback in the place `opened` is unfolded; the first problem, else the field `focus`, gets the focus; the image
    field `whole_shelf` offers every image there is.
    """
    steps = step_views(form, services().catalogue, _without_key(form), opened)
    usual, wanted = texts_of(Output()), {*form.problems, focus}
    return {
        "slot": slot,
        "form": form,
        "problems": form.problems,
        "labels": slot_labels(),
        "steps": steps,
        "providers": services().catalogue.providers,
        "image_fields": image_fields(form, steps),
        "template_images": services().templates.all(),
        "can_add_fallback": len(steps) <= MAX_FALLBACKS,
        "whole_shelf": whole_shelf,
        "is_policy_open": form.policy != texts_of(Policy()) or any(p.startswith("policy.") for p in form.problems),
        "is_finishing_open": any(form.output[n] != usual[n] or f"output.{n}" in wanted for n in _FINISHING),
        "is_keeping_open": form.keeping != texts_of(Keeping()),
        "is_publishing_open": form.publishing != texts_of(Publishing())
        or any(path.startswith("publishing.") for path in form.problems),
        "has_public_address": current_app.config["PUBLIC_BASE_URL"] is not None,
        "name_max": NAME_MAX,
        "other_slots": lambda: [other for other in services().slots.all() if other.id != slot.id],
        "focus": next(iter(form.problems), focus),
    }


def sent_form() -> SlotForm:
    """The form of the request, with the images that came as its file parts kept and chosen.

    Raises Refused(INVALID_REQUEST) without a version. An image that is refused is a problem of its field.
    """
    form = slot_form.posted(request.form, services().catalogue)
    fields = image_fields(form, step_views(form, services().catalogue))
    for name, part in request.files.items():
        field = fields.get(name.removeprefix(UPLOAD))
        if field and name.startswith(UPLOAD) and part.filename:
            form = _with_upload(form, field, part)
    return form


def _with_upload(form: SlotForm, field: ImageField, part: FileStorage) -> SlotForm:
    """The form with an uploaded image, or with why it was refused."""
    upload = as_upload(part)
    try:
        image = services().templates.register(upload.stream, upload.size_bytes, upload.filename, require_user())
    except Refused as refused:
        return form.with_problem(field.path, phrases.refusal(refused.reason))
    return field.chosen_in(form, str(image.id))


def _without_key(form: SlotForm) -> set[str]:
    """The chosen providers that cannot be called for want of a key."""
    chosen = {step.provider for step in form.steps}
    specs = [spec for spec in services().catalogue.providers if spec.needs_key and spec.id in chosen]
    views = [services().connections.view(spec.id) for spec in specs]
    return {view.spec.id for view in views if view.unreadable or not view.api_key.is_set}
