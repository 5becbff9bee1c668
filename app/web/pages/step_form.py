"""One step of a slot's chain between HTML and the slot service."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from app.domain.catalogue import Catalogue, Field, Operation, check_settings
from app.domain.slot import Step
from app.web.pages.typed import as_text, setting

Choice = tuple[str, str]
"""A provider and its operation, by their ids."""

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StepForm:
    """What the controls of a step hold.

    `settings` are those of its operation; `kept` is what was typed for others that were chosen before, so that coming
    back to one finds everything as it was left.
    """

    provider: str
    operation: str
    settings: Texts
    kept: Mapping[Choice, Texts] = field(default_factory=dict)

    @property
    def choice(self) -> Choice:
        return self.provider, self.operation

    def text(self, spec: Field) -> str:
        """What the control of a field holds: its default until somebody says otherwise."""
        return self.settings.get(spec.name, as_text(spec.default))

    def content(self, catalogue: Catalogue) -> dict[str, Any]:
        """For the slot service."""
        operation = catalogue.operation(*self.choice)
        fields = [spec for spec in operation.fields if spec.name in self.settings] if operation else []
        settings = {spec.name: setting(spec, self.settings[spec.name]) for spec in fields}
        return {"provider": self.provider, "operation": self.operation, "settings": settings}

    def controls(self, path: str) -> dict[str, str]:
        """Everything, as the controls of the step with this path send it."""
        kept = {
            f"kept.{provider}.{operation}.{name}": text
            for (provider, operation), settings in self.kept.items()
            for name, text in settings.items()
        }
        settings = {f"settings.{name}": text for name, text in self.settings.items()}
        sent = {"provider": self.provider, "operation": self.operation, **settings, **kept}
        return {f"{path}{name}": text for name, text in sent.items()}

    def turned_to(self, choice: Choice, catalogue: Catalogue) -> "StepForm":
        """The step with another operation: as it was left if it was chosen before, else with what it can take over."""
        if choice == self.choice:
            return self
        kept = {**self.kept, self.choice: self.settings}
        before = kept.pop(choice, None)
        settings = self._taken_over(choice, catalogue) if before is None else before
        return StepForm(*choice, settings, kept)

    def _taken_over(self, choice: Choice, catalogue: Catalogue) -> Texts:
        """What somebody really chose here and the other operation accepts under the same name."""
        old, new = catalogue.operation(*self.choice), catalogue.operation(*choice)
        if old is None or new is None:
            return {}
        specs = {spec.name: spec for spec in old.fields}
        chosen = {
            name: value
            for name, value in self.content(catalogue)["settings"].items()
            if value is not None and value != specs[name].default and _same_type(specs[name], new)
        }
        _, problems = check_settings(new, chosen)
        return {name: self.settings[name] for name in chosen if name not in problems}


def step_path(place: int) -> str:
    """What the paths of a step's fields begin with; 0 is the primary."""
    return f"fallbacks.{place - 1}." if place else ""


def stored(step: Step) -> StepForm:
    return StepForm(step.provider, step.operation, {name: as_text(value) for name, value in step.settings.items()})


def posted(form: MultiDict[str, str], path: str, catalogue: Catalogue) -> StepForm:
    """The step as sent. Its settings belong to the operation that was `shown`, which may not be the chosen one."""
    chosen = _choice(form, path, catalogue)
    shown = _as_choice(form.get(f"{path}shown", "")) or chosen
    return StepForm(*shown, group(form, f"{path}settings."), _kept(form, f"{path}kept.")).turned_to(chosen, catalogue)


def built_in(step: StepForm, catalogue: Catalogue) -> StepForm:
    """A fallback that needs no network: the operation of `step` if the built-in effects have it, else their first."""
    provider = next((p for p in catalogue.providers if not p.is_remote), catalogue.providers[0])
    operation = provider.operation(step.operation) or provider.operations[0]
    return replace(step.turned_to((provider.id, operation.id), catalogue), kept={})


def _choice(form: MultiDict[str, str], path: str, catalogue: Catalogue) -> Choice:
    """The chosen provider and operation; its first one if it does not have the one that was chosen."""
    chosen = form.get(f"{path}provider", ""), form.get(f"{path}operation", "")
    provider = catalogue.provider(chosen[0])
    if provider is None or not provider.operations or provider.operation(chosen[1]):
        return chosen
    return provider.id, provider.operations[0].id


def _kept(form: MultiDict[str, str], prefix: str) -> dict[Choice, Texts]:
    kept: dict[Choice, dict[str, str]] = {}
    for name, text in group(form, prefix).items():
        choice, _, field_name = name.rpartition(".")
        if known := _as_choice(choice):
            kept.setdefault(known, {})[field_name] = text
    return dict(kept)


def group(form: MultiDict[str, str], prefix: str) -> dict[str, str]:
    """The texts whose names begin with `prefix`, without it; of repeated ones the last, as a checkbox sends it."""
    return {key.removeprefix(prefix): form.getlist(key)[-1] for key in form if key.startswith(prefix)}


def _as_choice(text: str) -> Choice | None:
    provider, _, operation = text.partition(".")
    return (provider, operation) if operation else None


def _same_type(spec: Field, operation: Operation) -> bool:
    return any(other.name == spec.name and other.type == spec.type for other in operation.fields)
