"""The steps of a slot's form: another choice in one, a fallback more, one less, one back. Nothing is saved."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.web.pages.editor import editor, sent_form
from app.web.pages.site import blueprint, is_htmx
from app.web.pages.slot_form import SlotForm
from app.web.pages.slot_view import slot_page
from app.web.pages.step_form import step_path
from app.web.use_cases import services

ADD_BUTTON = "add-fallback"


@blueprint.post("/slots/<slot_id>/fields")
def slot_fields(slot_id: str) -> ResponseReturnValue:
    """The step in the place that the query names, after something else was chosen there."""
    slot, form = services().slots.get(slot_id), sent_form()
    place = request.args.get("step", 0, type=int)
    if not is_htmx() or not 0 <= place < len(form.steps):
        return slot_page(slot, form, opened=place)
    context = editor(slot, form, opened=place)
    return render_template("_fallback.html" if place else "_step.html", step=context["steps"][place], **context)


@blueprint.post("/slots/<slot_id>/fallbacks")
def add_fallback(slot_id: str) -> ResponseReturnValue:
    form = sent_form().with_fallback(services().catalogue)
    added = len(form.steps) - 1
    return _chain(slot_id, form, opened=added, focus=f"{step_path(added)}provider")


@blueprint.post("/slots/<slot_id>/fallbacks/<int:place>/remove")
def remove_fallback(slot_id: str, place: int) -> ResponseReturnValue:
    """Fallbacks are counted from 1."""
    return _chain(slot_id, sent_form().without_step(place), focus=ADD_BUTTON, is_removed=True)


@blueprint.post("/slots/<slot_id>/fallbacks/removed/<int:number>")
def put_fallback_back(slot_id: str, number: int) -> ResponseReturnValue:
    """A removed one in its place again; counted from 0 in the order of their removal."""
    form = sent_form()
    place = form.removed[number].place if number < len(form.removed) else 0
    return _chain(slot_id, form.with_removed(number), opened=place, focus=f"{step_path(place)}provider")


def _chain(
    slot_id: str, form: SlotForm, *, focus: str, opened: int | None = None, is_removed: bool = False
) -> ResponseReturnValue:
    slot = services().slots.get(slot_id)
    if is_htmx():
        context = editor(slot, form, opened=opened, focus=focus)
        return render_template("_chain.html", is_removed=is_removed, **context)
    return slot_page(slot, form, opened=opened, focus=focus)
