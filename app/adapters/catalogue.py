"""The provider catalogue, read from `configs/providers.json` and checked before anything starts."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from app.domain.catalogue import (
    MODEL_FIELD,
    Catalogue,
    Field,
    InputLimits,
    Model,
    Operation,
    Option,
    ProviderSpec,
    Quota,
    Surcharge,
    check_settings,
)

_SCHEMA = Path(__file__).parents[2] / "configs" / "providers.schema.json"


class CatalogueError(ValueError):
    """The catalogue cannot be used; the message has a line for each mistake, with its place."""


def load_catalogue(path: Path) -> Catalogue:
    """Read and check the catalogue. Raises CatalogueError.

    The schema says what each entry looks like; beyond it, drivers, models and shared fields that are named must be
    there, names must be unique where they are looked up, ranges must not be empty, a default must pass the check of the
    values that people enter, and a model must take all the pictures that an operation may give it.
    """
    content = _read(path)
    _refuse(path, _schema_mistakes(content))
    _refuse(path, _unknown_fields(content))
    content = _with_shared_fields(content)
    _refuse(path, _broken_references(content))
    catalogue = Catalogue(tuple(_provider(entry) for entry in content["providers"]))
    _refuse(path, _catalogue_mistakes(catalogue))
    return catalogue


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path}: {error}") from error


def _refuse(path: Path, mistakes: Iterable[str]) -> None:
    if lines := [f"{path}: {mistake}" for mistake in mistakes]:
        raise CatalogueError("\n".join(lines))


def _schema_mistakes(content: Any) -> list[str]:
    validator = Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8")))
    errors = sorted(validator.iter_errors(content), key=lambda e: [str(part) for part in e.absolute_path])
    return [f"{_place(error.absolute_path)}: {_sentence(error)}" for error in errors]


def _place(path: Iterable[str | int]) -> str:
    """Such as `providers[0].operations[2].fields[1].maximum`."""
    steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(steps).lstrip(".") or "the whole file"


def _sentence(error: ValidationError) -> str:
    """The schema says `not` of exactly those properties that make no sense for a field's type."""
    return "does not belong to a field of this type" if error.validator == "not" else error.message


def _unknown_fields(content: Mapping[str, Any]) -> Iterator[str]:
    for i, provider in enumerate(content["providers"]):
        known = _shared_fields(content, provider)
        for j, operation in enumerate(provider["operations"]):
            for k, field in enumerate(operation["fields"]):
                if isinstance(field, str) and field not in known:
                    yield f"providers[{i}].operations[{j}].fields[{k}]: there is no shared field {field!r}"


def _shared_fields(content: Mapping[str, Any], provider: Mapping[str, Any]) -> dict[str, Any]:
    return {**content.get("fields", {}), **provider.get("fields", {})}


def _with_shared_fields(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with each field where an operation names it."""

    def whole(provider: Mapping[str, Any]) -> dict[str, Any]:
        known = _shared_fields(content, provider)
        operations = [
            {**operation, "fields": [known[f] if isinstance(f, str) else f for f in operation["fields"]]}
            for operation in provider["operations"]
        ]
        return {**provider, "operations": operations}

    return {**content, "providers": [whole(provider) for provider in content["providers"]]}


def _broken_references(content: Mapping[str, Any]) -> Iterator[str]:
    for i, provider in enumerate(content["providers"]):
        if find_spec(f"app.adapters.providers.{provider['adapter']}") is None:
            yield f"providers[{i}].adapter: there is no driver {provider['adapter']!r}"
        zone = provider.get("quota", {}).get("day_zone", "UTC")
        if zone not in available_timezones():
            yield f"providers[{i}].quota.day_zone: there is no time zone {zone!r}"
        yield from _unknown_models(f"providers[{i}]", provider)


def _unknown_models(place: str, provider: Mapping[str, Any]) -> Iterator[str]:
    """Names that an operation or a field gives to models which the provider does not have."""
    known = [model["id"] for model in provider.get("models", ())]
    yield from _repeated(f"{place}.models", "id", known)
    for j, operation in enumerate(provider["operations"]):
        named = {f"operations[{j}].models": operation.get("models", ())}
        named |= {f"operations[{j}].fields[{k}].models": f.get("models", ()) for k, f in enumerate(operation["fields"])}
        for where, names in named.items():
            for name in set(names) - set(known):
                yield f"{place}.{where}: there is no model {name!r}"


def _provider(entry: Mapping[str, Any]) -> ProviderSpec:
    models = {model["id"]: _model(model) for model in entry.get("models", ())}
    made = {
        "input": InputLimits(**{**entry["input"], "types": tuple(entry["input"]["types"])}),
        "result_hosts": tuple(entry.get("result_hosts", ())),
        "quota": Quota(**entry.get("quota", {})),
        "operations": tuple(_operation(o, models) for o in entry["operations"]),
    }
    own = {name: value for name, value in entry.items() if name not in ("models", "fields")}
    return ProviderSpec(**{**own, **made})


def _model(entry: Mapping[str, Any]) -> Model:
    surcharges = (Surcharge(s["field"], s["value"], _money(s["price_usd"])) for s in entry.get("surcharges", ()))
    return Model(**{**entry, "price_usd": _money(entry["price_usd"]), "surcharges": tuple(surcharges)})


def _money(number: float) -> Decimal:
    return Decimal(str(number))


def _operation(entry: Mapping[str, Any], models: Mapping[str, Model]) -> Operation:
    chosen = tuple(models[name] for name in entry.get("models", ()) if name in models)
    fields = tuple(_field(f) for f in entry["fields"])
    return Operation(
        id=entry["id"],
        label=entry["label"],
        hint=entry.get("hint", {}),
        fields=(*_choice_of(chosen), *fields),
        models=chosen or (_model({"id": "", "label": entry["label"], **entry["call"]}),),
    )


def _choice_of(models: Sequence[Model]) -> Iterator[Field]:
    if models:
        yield Field(
            name=MODEL_FIELD,
            type="choice",
            label={"ru": "Модель", "en": "Model"},
            required=True,
            default=models[0].id,
            options=tuple(Option(model.id, model.label) for model in models),
        )


def _field(entry: Mapping[str, Any]) -> Field:
    made = {
        "options": tuple(Option(**option) for option in entry.get("options", ())),
        "models": tuple(entry.get("models", ())),
    }
    return Field(**{**entry, **made})


def _catalogue_mistakes(catalogue: Catalogue) -> Iterator[str]:
    yield from _repeated("providers", "id", (p.id for p in catalogue.providers))
    for i, provider in enumerate(catalogue.providers):
        operations = f"providers[{i}].operations"
        yield from _repeated(operations, "id", (o.id for o in provider.operations))
        for j, operation in enumerate(provider.operations):
            fields = f"{operations}[{j}].fields"
            yield from _repeated(fields, "name", (f.name for f in operation.fields))
            own = operation.fields[1:] if operation.models[0].id else operation.fields  # the first was made here
            for k, field in enumerate(own):
                yield from _field_mistakes(f"{fields}[{k}]", field)
            yield from _model_mistakes(f"{operations}[{j}]", operation)


def _model_mistakes(place: str, operation: Operation) -> Iterator[str]:
    for model in operation.models:
        pictures = 1 + sum(field.is_known_to(model) for field in operation.template_fields)
        if pictures > model.max_images:
            taker = model.id or "the call"
            yield f"{place}: the shot and its templates are {pictures} pictures, {taker} takes {model.max_images}"


def _field_mistakes(place: str, field: Field) -> Iterator[str]:
    yield from _repeated(f"{place}.options", "value", (o.value for o in field.options))
    if field.minimum is not None and field.maximum is not None and field.minimum >= field.maximum:
        yield f"{place}.maximum: {field.maximum} is not above the minimum of {field.minimum}"
    elif field.default is not None:
        _, problems = check_settings(Operation("", {}, (field,), ()), {field.name: field.default})
        for problem in problems.values():
            yield f"{place}.default: {field.default!r} is refused: {problem.code} {dict(problem.allowed)}"


def _repeated(place: str, key: str, values: Iterable[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{place}: {count} entries have the {key} {value!r}"
