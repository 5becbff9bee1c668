"""A step of the chain as its template draws it: what the controls hold beside what the catalogue says."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from app.domain.catalogue import MODEL_FIELD, Catalogue, Field, Model, Operation, ProviderSpec
from app.web.pages.slot_form import SlotForm
from app.web.pages.step_form import StepForm, Texts, step_path

_WIDEST_SLIDER = 1000  # more values than a slider has pixels: a seed is typed


@dataclass(frozen=True, slots=True)
class StepView:
    """`place` is 0 for the primary; `problems` are those of the whole form, by path."""

    place: int
    form: StepForm
    provider: ProviderSpec | None
    operation: Operation | None
    problems: Mapping[str, str]
    lacks_key: bool
    is_open: bool

    @property
    def path(self) -> str:
        return step_path(self.place)

    @property
    def model(self) -> Model | None:
        return self.operation.model(self.form.settings) if self.operation else None

    @property
    def model_field(self) -> Field | None:
        """The choice between the operation's models, if it has several."""
        fields = self.operation.fields if self.operation else ()
        return next((spec for spec in fields if spec.name == MODEL_FIELD), None)

    @property
    def fields(self) -> list[Field]:
        """What the chosen model knows, and whatever is wrong; the choice of the model is not among them."""
        if self.operation is None or self.model is None:
            return []
        others = [spec for spec in self.operation.fields if spec.name != MODEL_FIELD]
        known = self.operation.known_to(self.model, {spec.name: None for spec in others})
        return [spec for spec in others if spec.name in known or self.path_of(spec) in self.problems]

    @property
    def hidden(self) -> Texts:
        """What is not shown now and must not be lost, by the names of its controls."""
        shown = {f"{self.path}{name}" for name in ("provider", "operation", f"settings.{MODEL_FIELD}")}
        shown |= {self.path_of(spec) for spec in self.fields}
        return {name: text for name, text in self.form.controls(self.path).items() if name not in shown}

    def has_slider(self, spec: Field) -> bool:
        """A number with both ends has one, unless it may be left out and is, or too much lies between the ends."""
        if spec.minimum is None or spec.maximum is None or spec.maximum - spec.minimum > _WIDEST_SLIDER:
            return False
        return spec.required or bool(self.form.text(spec))

    def path_of(self, spec: Field) -> str:
        return f"{self.path}settings.{spec.name}"


def step_views(
    form: SlotForm, catalogue: Catalogue, without_key: Set[str] = frozenset(), opened: int | None = None
) -> list[StepView]:
    """The chain, primary first. Open are the fallback in the place that is named, and those with problems."""
    return [
        StepView(
            place=place,
            form=step,
            provider=catalogue.provider(step.provider),
            operation=catalogue.operation(*step.choice),
            problems=form.problems,
            lacks_key=step.provider in without_key,
            is_open=place == opened or any(path.startswith(step_path(place)) for path in form.problems),
        )
        for place, step in enumerate(form.steps)
    ]
