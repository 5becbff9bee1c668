"""The shipped catalogue is complete, and a wrong one stops the start with the place of the mistake."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.adapters.catalogue import CatalogueError, load_catalogue
from app.domain.catalogue import Catalogue, Label, check_settings

CONFIGS = Path(__file__).parents[2] / "configs"
SHIPPED = json.loads((CONFIGS / "providers.json").read_text("utf-8"))

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(CONFIGS / "providers.json")


def mistakes(directory: Path, content: Any) -> list[str]:
    """The lines of the error, without the file's name."""
    path = directory / "providers.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path)
    return [line.removeprefix(f"{path}: ") for line in str(caught.value).splitlines()]


def test_the_offline_provider_needs_no_key(shipped: Catalogue) -> None:
    local = shipped.provider("local")
    assert local is not None
    assert not local.needs_key
    assert [operation.id for operation in local.operations] == ["image_edit", "style_transfer", "frame"]


def test_fields_arrive_as_the_domain_wants_them(shipped: Catalogue) -> None:
    operation = shipped.operation("local", "image_edit")
    assert operation is not None
    effect, strength = operation.fields
    assert (effect.type, effect.options[0].value, effect.options[0].label["en"]) == (
        "choice",
        "watercolour",
        "Watercolour",
    )
    assert (strength.minimum, strength.maximum, strength.step, strength.default) == (0, 100, 5, 80)
    assert check_settings(operation, {}) == ({"effect": "watercolour", "strength": 80}, {})


def test_operations_that_need_a_template_say_so(shipped: Catalogue) -> None:
    for name in ("style_transfer", "frame"):
        operation = shipped.operation("local", name)
        assert operation is not None
        assert [(f.name, f.required) for f in operation.template_fields] == [("template", True)]
        assert set(check_settings(operation, {})[1]) == {"template"}


def test_russian_is_russian_and_english_is_english(shipped: Catalogue) -> None:
    for label in (label for label in labels(shipped) if not is_name(label)):
        assert re.search("[а-яё]", label["ru"], re.IGNORECASE), label
        assert not re.search("[а-яё]", label["en"], re.IGNORECASE), label
        assert label["ru"] == label["ru"].strip()
        assert label["en"] == label["en"].strip()


def is_name(label: Label) -> bool:
    """Names of products and figures are the same everywhere: `Gemini 3 Pro`, `1:1`, `4K`."""
    name = re.fullmatch(r"([A-Z]\w*|[\d.:×x]+\w?)([ .-][\w.()]+)*", label["ru"])
    return label["ru"] == label["en"] and name is not None


def labels(catalogue: Catalogue) -> Iterator[Label]:
    for provider in catalogue.providers:
        yield provider.label
        for operation in provider.operations:
            yield from filter(None, (operation.label, operation.hint))
            for field in operation.fields:
                yield from filter(None, (field.label, field.hint, *(option.label for option in field.options)))


def test_options_of_a_choice_differ_for_people_too(shipped: Catalogue) -> None:
    for provider in shipped.providers:
        for field in (f for operation in provider.operations for f in operation.fields):
            for language in ("ru", "en"):
                shown = [option.label[language] for option in field.options]
                assert len(set(shown)) == len(shown)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json.loads((CONFIGS / "providers.schema.json").read_text("utf-8")))


def provider(content: dict[str, Any]) -> dict[str, Any]:
    return content["providers"][0]


def field(content: dict[str, Any], operation: int, number: int) -> dict[str, Any]:
    return provider(content)["operations"][operation]["fields"][number]


MODEL = {
    "id": "quick",
    "label": {"ru": "Быстрая", "en": "Quick"},
    "usual_seconds": 7,
    "p95_seconds": 15,
    "price_usd": 0.04,
}

WRONG: dict[str, tuple[Change, str]] = {
    "a word for a number": (
        lambda c: field(c, 0, 1).update(maximum="much"),
        "providers[0].operations[0].fields[1].maximum: 'much' is not of type 'number'",
    ),
    "a language missing": (
        lambda c: field(c, 2, 1)["options"][1]["label"].pop("en"),
        "providers[0].operations[2].fields[1].options[1].label: 'en' is a required property",
    ),
    "an empty label": (lambda c: provider(c)["label"].update(ru=""), "providers[0].label.ru: '' should be non-empty"),
    "an unknown key": (
        lambda c: provider(c).update(price=3),
        "providers[0]: Additional properties are not allowed ('price' was unexpected)",
    ),
    "an unknown type": (
        lambda c: field(c, 0, 1).update(type="slider"),
        "providers[0].operations[0].fields[1].type: 'slider' is not one of",
    ),
    "a choice of nothing": (
        lambda c: field(c, 0, 0).pop("options"),
        "providers[0].operations[0].fields[0]: 'options' is a required property",
    ),
    "options of a number": (
        lambda c: field(c, 0, 1).update(options=field(c, 0, 0)["options"]),
        "providers[0].operations[0].fields[1].options: does not belong to a field of this type",
    ),
    "a default of a template": (
        lambda c: field(c, 1, 0).update(default="x"),
        "providers[0].operations[1].fields[0].default: does not belong to a field of this type",
    ),
    "an unbounded number": (
        lambda c: field(c, 0, 1).pop("maximum"),
        "providers[0].operations[0].fields[1]: 'maximum' is a required property",
    ),
    "an empty range": (
        lambda c: field(c, 0, 1).update(minimum=100),
        "providers[0].operations[0].fields[1].maximum: 100 is not above the minimum of 100",
    ),
    "a default out of range": (
        lambda c: field(c, 0, 1).update(default=101),
        "providers[0].operations[0].fields[1].default: 101 is refused: out_of_range {'minimum': 0, 'maximum': 100}",
    ),
    "a default of the wrong type": (
        lambda c: field(c, 0, 1).update(default="80"),
        "providers[0].operations[0].fields[1].default: '80' is refused: not_a_number",
    ),
    "a default that is no option": (
        lambda c: field(c, 2, 1).update(default="tile"),
        "providers[0].operations[2].fields[1].default: 'tile' is refused: not_an_option",
    ),
    "a provider twice": (
        lambda c: c["providers"].append(provider(c)),
        "providers: 2 entries have the id 'local'",
    ),
    "an operation twice": (
        lambda c: provider(c)["operations"].append(provider(c)["operations"][0]),
        "providers[0].operations: 2 entries have the id 'image_edit'",
    ),
    "a field twice": (
        lambda c: field(c, 0, 1).update(name="effect"),
        "providers[0].operations[0].fields: 2 entries have the name 'effect'",
    ),
    "an option twice": (
        lambda c: field(c, 2, 1)["options"][1].update(value="cover"),
        "providers[0].operations[2].fields[1].options: 2 entries have the value 'cover'",
    ),
    "a name that is no identifier": (
        lambda c: provider(c).update(id="Gemini 3"),
        "providers[0].id: 'Gemini 3' does not match",
    ),
    "a zone that is not there": (
        lambda c: provider(c).update(quota={"per_day": 5, "day_zone": "Mars/Olympus"}),
        "providers[0].quota.day_zone: there is no time zone 'Mars/Olympus'",
    ),
    "a driver that is not there": (
        lambda c: provider(c).update(adapter="swift"),
        "providers[0].adapter: there is no driver 'swift'",
    ),
    "an operation with neither models nor a call": (
        lambda c: provider(c)["operations"][0].pop("call"),
        "providers[0].operations[0]: ",
    ),
    "an operation with a model that is not there": (
        lambda c: (
            provider(c).update(models=[MODEL]),
            provider(c)["operations"][0].pop("call"),
            provider(c)["operations"][0].update(models=["swift"]),
        ),
        "providers[0].operations[0].models: there is no model 'swift'",
    ),
    "a field for a model that is not there": (
        lambda c: field(c, 0, 1).update(models=["swift"]),
        "providers[0].operations[0].fields[1].models: there is no model 'swift'",
    ),
    "a model twice": (
        lambda c: provider(c).update(models=[MODEL, MODEL]),
        "providers[0].models: 2 entries have the id 'quick'",
    ),
    "a role of what is no template": (
        lambda c: field(c, 0, 1).update(role="face"),
        "providers[0].operations[0].fields[1].role: does not belong to a field of this type",
    ),
    "placeholders in a number": (
        lambda c: field(c, 0, 1).update(placeholders=True),
        "providers[0].operations[0].fields[1].placeholders: does not belong to a field of this type",
    ),
    "a shared field that is not there": (
        lambda c: provider(c)["operations"][0]["fields"].append("nowhere"),
        "providers[0].operations[0].fields[2]: there is no shared field 'nowhere'",
    ),
    "a mistake in a field of the file": (
        lambda c: c["fields"]["style_template"].update(type="slider"),
        "fields.style_template.type: 'slider' is not one of",
    ),
    "a mistake in a provider's shared field": (
        lambda c: c["providers"][1]["fields"]["safety"].pop("options"),
        "providers[1].fields.safety: 'options' is a required property",
    ),
    "a wrong default of a shared field": (
        lambda c: c["providers"][1]["fields"]["safety"].update(default="NONE"),
        "providers[1].operations[0].fields[3].default: 'NONE' is refused: not_an_option",
    ),
    "a shared field for a model that its provider does not have": (
        lambda c: c["fields"]["style_prompt"].update(models=["gpt-image-2"]),
        "providers[1].operations[1].fields[1].models: there is no model 'gpt-image-2'",
    ),
    "more pictures than a call takes": (
        lambda c: provider(c)["operations"][1]["call"].pop("max_images"),
        "providers[0].operations[1]: the shot and its templates are 2 pictures, the call takes 1",
    ),
    "more pictures than a model takes": (
        lambda c: c["providers"][1]["operations"][3]["fields"][2].pop("models"),
        "providers[1].operations[3]: the shot and its templates are 4 pictures, gemini-2.5-flash-image takes 3",
    ),
    "a base address with a query": (
        lambda c: provider(c).update(base_url="https://example.org/?key=1"),
        "providers[0].base_url: 'https://example.org/?key=1' does not match",
    ),
    "a host that is an address": (
        lambda c: provider(c).update(result_hosts=["https://example.org"]),
        "providers[0].result_hosts[0]: 'https://example.org' does not match",
    ),
    "no provider": (lambda c: c.update(providers=[]), "providers: [] should be non-empty"),
}


@pytest.mark.parametrize(("change", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_named_with_its_place(tmp_path: Path, change: Change, expected: str) -> None:
    content = copy.deepcopy(SHIPPED)
    change(content)
    assert any(line.startswith(expected) for line in mistakes(tmp_path, content)), mistakes(tmp_path, content)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    content = copy.deepcopy(SHIPPED)
    field(content, 0, 1).update(minimum="none", maximum="much")
    assert len(mistakes(tmp_path, content)) == 2


def test_a_range_may_be_all_that_is_wrong_with_a_default(tmp_path: Path) -> None:
    content = copy.deepcopy(SHIPPED)
    field(content, 0, 1).update(minimum=90)
    assert mistakes(tmp_path, content) == [
        "providers[0].operations[0].fields[1].default: 80 is refused: out_of_range {'minimum': 90, 'maximum': 100}"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "Expecting property name"),
        ("[]", "the whole file: [] is not of type 'object'"),
        ('{"providers": 1}', "providers: 1 is not of type 'array'"),
    ],
)
def test_what_is_no_catalogue_at_all_is_said(tmp_path: Path, content: str, expected: str) -> None:
    assert mistakes(tmp_path, content)[0].startswith(expected)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.json"):
        load_catalogue(tmp_path / "nowhere.json")


def test_every_adapter_is_a_module_that_makes_a_driver(shipped: Catalogue) -> None:
    for spec in shipped.providers:
        module = import_module(f"app.adapters.providers.{spec.adapter}")
        assert callable(module.create), spec.id


def test_a_providers_own_shared_field_goes_before_that_of_the_file(tmp_path: Path) -> None:
    content = copy.deepcopy(SHIPPED)
    own = {"name": "theirs", "type": "boolean", "label": {"ru": "Да", "en": "Yes"}}
    provider(content)["fields"] = {"style_prompt": own}
    provider(content)["operations"][0]["fields"] = ["style_prompt", "edit_prompt"]
    (tmp_path / "providers.json").write_text(json.dumps(content), "utf-8")
    operation = load_catalogue(tmp_path / "providers.json").operation("local", "image_edit")
    assert operation is not None
    assert [field.name for field in operation.fields] == ["theirs", "prompt"]


def test_what_is_shared_is_used_more_than_once() -> None:
    operations = [(p["id"], name) for p in SHIPPED["providers"] for o in p["operations"] for name in o["fields"]]
    for name in SHIPPED["fields"]:
        assert len([used for _, used in operations if used == name]) > 1, name
    for entry in SHIPPED["providers"]:
        for name in entry.get("fields", {}):
            assert operations.count((entry["id"], name)) > 1, name


def test_models_become_the_first_field_of_their_operation(tmp_path: Path) -> None:
    content = copy.deepcopy(SHIPPED)
    first = content["providers"][0]
    first["models"] = [MODEL, {**MODEL, "id": "fine", "price_usd": 0.134, "max_images": 14}]
    first["operations"][0].pop("call")
    first["operations"][0]["models"] = ["fine", "quick"]
    (tmp_path / "providers.json").write_text(json.dumps(content), "utf-8")
    operation = load_catalogue(tmp_path / "providers.json").operation("local", "image_edit")
    assert operation is not None
    choice = operation.fields[0]
    assert (choice.name, choice.type, choice.default) == ("model", "choice", "fine")
    assert [option.value for option in choice.options] == ["fine", "quick"]
    assert [model.price_usd for model in operation.models] == [Decimal("0.134"), Decimal("0.04")]
