"""What providers can do, as data: the source of forms, validation and documentation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.text import is_storable

MODEL_FIELD = "model"
"""The name of the field that chooses between an operation's models."""

_TEXT_MAX = 10_000

Label = Mapping[str, str]
"""Text by language code; `ru` and `en` are always there."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of an operation.

    `type` is integer, number, boolean, text, choice or template; a template's value is the id of a template media and
    its `role` says what the picture is for. `minimum` and `maximum` bound numbers; `maximum` bounds the length of a
    text in characters, 10,000 if not given. `placeholders`: `{qr1}` in the text is replaced by what the booth sent.
    `models` are the ids of those that know the parameter, all if empty.
    """

    name: str
    type: str
    label: Label
    required: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    options: tuple[Option, ...] = ()
    hint: Label = field(default_factory=dict)
    placeholders: bool = False
    role: str | None = None
    models: tuple[str, ...] = ()

    def is_known_to(self, model: "Model") -> bool:
        return not self.models or model.id in self.models


@dataclass(frozen=True, slots=True)
class Surcharge:
    """The price of a picture where a setting has a value that makes it dearer."""

    field: str
    value: str
    price_usd: Decimal


@dataclass(frozen=True, slots=True)
class Model:
    """What one model takes and costs; an operation without a choice of models has a single one with an empty id.

    `usual_seconds` is what an ordinary call takes, `p95_seconds` what nineteen of twenty stay under, `price_usd` the
    price of one picture at usual settings, `max_images` how many pictures a call may carry.
    """

    id: str
    label: Label
    usual_seconds: float
    p95_seconds: float
    price_usd: Decimal
    max_images: int = 1
    surcharges: tuple[Surcharge, ...] = ()

    def price(self, settings: Mapping[str, Any]) -> Decimal:
        """US dollars for one picture with these settings."""
        dearer = (s.price_usd for s in self.surcharges if settings.get(s.field) == s.value)
        return max(dearer, default=self.price_usd)


@dataclass(frozen=True, slots=True)
class Operation:
    """`models` are never empty, the first is the default; its `model` field, if there are several, comes with them."""

    id: str
    label: Label
    fields: tuple[Field, ...]
    models: tuple[Model, ...]
    hint: Label = field(default_factory=dict)

    @property
    def template_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.type == "template")

    def model(self, settings: Mapping[str, Any]) -> Model:
        """The chosen model, the default one if `settings` name none that is known."""
        return next((m for m in self.models if m.id == settings.get(MODEL_FIELD)), self.models[0])

    def known_to(self, model: Model, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Those of `settings` that the model knows; the others are kept in the slot and never sent."""
        known = {f.name for f in self.fields if f.name != MODEL_FIELD and f.is_known_to(model)}
        return {name: value for name, value in settings.items() if name in known}


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls that the provider allows, None for any number; a day begins at midnight in `day_zone` (IANA name)."""

    per_minute: int | None = None
    per_day: int | None = None
    day_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class InputLimits:
    """Pictures that the provider takes as they are: MIME types, size in bytes, longest side in pixels."""

    types: tuple[str, ...]
    max_bytes: int
    max_side: int


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """One provider. `adapter` names its driver, so that several entries may share one.

    `base_url` is None for one that is not called over a network. `result_hosts` are the hosts, `*.name` for all below
    one, that results may be fetched from beside that of the base URL. `needs_key`: useless without a secret.
    `needs_public_address`: it fetches images from this installation.
    `reserve_seconds` is what is kept of the window when its attempt ends. `is_queue`: each job it creates is billed,
    whether it is fetched or not.
    """

    id: str
    adapter: str
    label: Label
    operations: tuple[Operation, ...]
    needs_key: bool
    input: InputLimits
    base_url: str | None = None
    result_hosts: tuple[str, ...] = ()
    quota: Quota = field(default_factory=Quota)
    reserve_seconds: float = 3.0
    is_queue: bool = False
    needs_public_address: bool = False

    @property
    def is_remote(self) -> bool:
        return self.base_url is not None

    def operation(self, operation_id: str) -> Operation | None:
        return next((o for o in self.operations if o.id == operation_id), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value was refused: `code` for translation, `allowed` for the sentence, both JSON-ready."""

    code: str
    allowed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    providers: tuple[ProviderSpec, ...]

    def provider(self, provider_id: str) -> ProviderSpec | None:
        return next((p for p in self.providers if p.id == provider_id), None)

    def operation(self, provider_id: str, operation_id: str) -> Operation | None:
        provider = self.provider(provider_id)
        return provider.operation(operation_id) if provider else None


def check_settings(operation: Operation, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Complete `given` with defaults and check it; returns the clean values and the problems by field name.

    A field that is neither given nor required nor has a default is in neither. Ids of templates come out in their
    usual form, however they were spelt.
    """
    clean: dict[str, Any] = {}
    problems = {name: Problem("unknown_field") for name in given if name not in {f.name for f in operation.fields}}
    for spec in operation.fields:
        value = given.get(spec.name)
        value = spec.default if value is None or value == "" else value
        problem = _check_value(spec, value)
        if problem:
            problems[spec.name] = problem
        elif value is not None:
            clean[spec.name] = str(UUID(value)) if spec.type == "template" else value
    return clean, problems


def _check_value(spec: Field, value: Any) -> Problem | None:
    if value is None:
        return Problem("required") if spec.required else None
    return _CHECKS[spec.type](spec, value)


def _check_number(spec: Field, value: Any) -> Problem | None:
    kinds = (int,) if spec.type == "integer" else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return Problem("not_a_number", _range(spec))
    inside = (spec.minimum is None or value >= spec.minimum) and (spec.maximum is None or value <= spec.maximum)
    return None if inside else Problem("out_of_range", _range(spec))


def _check_boolean(spec: Field, value: Any) -> Problem | None:
    return None if isinstance(value, bool) else Problem("not_a_boolean")


def _check_text(spec: Field, value: Any) -> Problem | None:
    if not isinstance(value, str) or not is_storable(value):
        return Problem("not_a_text")
    longest = spec.maximum or _TEXT_MAX
    return None if len(value) <= longest else Problem("too_long", {"maximum": longest})


def _check_choice(spec: Field, value: Any) -> Problem | None:
    values = [option.value for option in spec.options]
    return None if value in values else Problem("not_an_option", {"options": values})


def _check_template(spec: Field, value: Any) -> Problem | None:
    try:
        UUID(value)
    except (ValueError, AttributeError, TypeError):
        return Problem("not_a_template")
    return None


_CHECKS = {
    "integer": _check_number,
    "number": _check_number,
    "boolean": _check_boolean,
    "text": _check_text,
    "choice": _check_choice,
    "template": _check_template,
}


def _range(spec: Field) -> dict[str, Any]:
    return {k: v for k, v in (("minimum", spec.minimum), ("maximum", spec.maximum)) if v is not None}
