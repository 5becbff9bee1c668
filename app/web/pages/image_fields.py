"""The controls of a slot's form that take a template image: of each step what its operation wants, and the overlay."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext

from app.domain.media import TemplateMedia
from app.web.pages.formats import in_language
from app.web.pages.labels import slot_labels
from app.web.pages.slot_form import SlotForm
from app.web.pages.step_form import step_path
from app.web.pages.step_view import StepView

SHELF_MAX = 12
"""Images that a field offers until somebody wants to see all."""


@dataclass(frozen=True, slots=True)
class ImageField:
    """`place` is that of its step, None for the output's own. `chosen` is a template image's id, empty for none."""

    place: int | None
    name: str
    label: str
    hint: str
    is_required: bool
    chosen: str

    @property
    def path(self) -> str:
        return f"output.{self.name}" if self.place is None else f"{step_path(self.place)}settings.{self.name}"

    def on_shelf(self, images: Sequence[TemplateMedia]) -> list[TemplateMedia]:
        """The newest ones, and the chosen one however old it is: many images in many fields make a heavy page."""
        return [image for n, image in enumerate(images) if n < SHELF_MAX or str(image.id) == self.chosen]

    def chosen_in(self, form: SlotForm, template_id: str) -> SlotForm:
        """The form with this image, or with none if the id is empty."""
        if self.place is None:
            return replace(form, output={**form.output, self.name: template_id})
        step = form.steps[self.place]
        return form.with_step(self.place, replace(step, settings={**step.settings, self.name: template_id}))


def image_fields(form: SlotForm, steps: Iterable[StepView]) -> dict[str, ImageField]:
    """All that the form shows, by path."""
    return {field.path: field for field in (*_of_steps(steps), _overlay(form))}


def _of_steps(steps: Iterable[StepView]) -> Iterator[ImageField]:
    for step in steps:
        for spec in step.fields:
            if spec.type == "template":
                hint = in_language(spec.hint) if spec.hint else ""
                yield ImageField(
                    step.place, spec.name, in_language(spec.label), hint, spec.required, step.form.text(spec)
                )


def _overlay(form: SlotForm) -> ImageField:
    return ImageField(
        place=None,
        name="overlay",
        label=slot_labels()["output.overlay"],
        hint=gettext("A PNG or WebP with transparency: the picture shows where it is transparent."),
        is_required=False,
        chosen=form.output["overlay"],
    )
