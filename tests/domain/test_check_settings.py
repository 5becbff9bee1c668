"""Settings of an operation: any JSON becomes clean values inside their bounds, or problems; never an exception."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.catalogue import Catalogue, Field, InputLimits, Operation, Option, Problem, ProviderSpec, check_settings

LABEL = {"ru": "Поле", "en": "Field"}
TEMPLATE = "0f8fad5b-d9cb-469f-a165-70867728950e"

OPERATION = Operation(
    "paint",
    LABEL,
    (
        Field("strength", "integer", LABEL, required=True, default=80, minimum=0, maximum=100),
        Field("warmth", "number", LABEL, default=0.5, minimum=-1, maximum=1),
        Field("seed", "integer", LABEL, minimum=1, maximum=2**31),
        Field("mirror", "boolean", LABEL, default=False),
        Field("prompt", "text", LABEL, required=True, maximum=20),
        Field("note", "text", LABEL),
        Field("effect", "choice", LABEL, default="glow", options=(Option("glow", LABEL), Option("oil", LABEL))),
        Field("frame", "template", LABEL),
    ),
    (),
)
GOOD = {"prompt": "a party"}

numbers = st.one_of(st.integers(), st.integers(-(10**400), 10**400), st.floats(allow_nan=True, allow_infinity=True))
texts = st.text(st.characters(codec=None, exclude_categories=()))  # lone surrogates and NUL included
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, st.uuids().map(str)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
names = st.one_of(st.sampled_from([spec.name for spec in OPERATION.fields]), texts)


@given(st.dictionaries(names, json_values, max_size=10))
@example({"strength": float("nan"), "warmth": float("nan"), "seed": float("inf"), "prompt": "\ud800"})
@example({"strength": 10**400, "warmth": -(10**400), "frame": "٠" * 32, "note": "\x00"})
def test_any_json_gives_clean_values_or_problems(given: dict[str, Any]) -> None:
    clean, problems = check_settings(OPERATION, given)
    assert clean.keys().isdisjoint(problems)
    for spec in OPERATION.fields:
        if spec.name in clean:
            assert_inside(spec, clean[spec.name])
        elif spec.name not in problems:
            assert not spec.required
            assert spec.default is None
    assert {name for name, problem in problems.items() if problem.code == "unknown_field"} == {
        name for name in given if name not in {spec.name for spec in OPERATION.fields}
    }
    json.dumps({name: [problem.code, dict(problem.allowed)] for name, problem in problems.items()})
    json.dumps(clean, allow_nan=False).encode()


def assert_inside(spec: Field, value: Any) -> None:
    if spec.type in ("integer", "number"):
        assert not isinstance(value, bool)
        assert spec.minimum <= value <= spec.maximum
        assert spec.type == "number" or isinstance(value, int)
    elif spec.type == "boolean":
        assert isinstance(value, bool)
    elif spec.type == "text":
        assert len(value) <= (spec.maximum or 10_000)
        assert "\x00" not in value
        value.encode()
    elif spec.type == "choice":
        assert value in [option.value for option in spec.options]
    else:
        assert value == str(UUID(value))


@given(st.dictionaries(names, json_values, max_size=10))
def test_clean_values_are_clean_for_good(given: dict[str, Any]) -> None:
    clean, _ = check_settings(OPERATION, given)
    again, problems = check_settings(OPERATION, {**GOOD, **clean})
    assert problems == {}
    assert clean.items() <= again.items()


@pytest.mark.parametrize("nothing", [{}, {"strength": None, "warmth": ""}], ids=["left out", "empty"])
def test_what_is_not_given_has_its_default(nothing: dict[str, Any]) -> None:
    clean, problems = check_settings(OPERATION, {**GOOD, **nothing})
    assert problems == {}
    assert clean == {"strength": 80, "warmth": 0.5, "mirror": False, "prompt": "a party", "effect": "glow"}


def test_a_required_field_without_default_is_asked_for() -> None:
    assert check_settings(OPERATION, {})[1] == {"prompt": Problem("required")}


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("strength", 101, Problem("out_of_range", {"minimum": 0, "maximum": 100})),
        ("strength", 5.0, Problem("not_a_number", {"minimum": 0, "maximum": 100})),
        ("strength", True, Problem("not_a_number", {"minimum": 0, "maximum": 100})),
        ("warmth", "0.5", Problem("not_a_number", {"minimum": -1, "maximum": 1})),
        ("warmth", float("nan"), Problem("out_of_range", {"minimum": -1, "maximum": 1})),
        ("mirror", 1, Problem("not_a_boolean")),
        ("mirror", "on", Problem("not_a_boolean")),
        ("prompt", "x" * 21, Problem("too_long", {"maximum": 20})),
        ("note", "x" * 10_001, Problem("too_long", {"maximum": 10_000})),
        ("prompt", "a\x00b", Problem("not_a_text")),
        ("prompt", 7, Problem("not_a_text")),
        ("effect", "GLOW", Problem("not_an_option", {"options": ["glow", "oil"]})),
        ("effect", ["glow"], Problem("not_an_option", {"options": ["glow", "oil"]})),
        ("frame", "frame.png", Problem("not_a_template")),
        ("frame", 7, Problem("not_a_template")),
        ("colour", "red", Problem("unknown_field")),
    ],
)
def test_a_problem_says_what_is_allowed(name: str, value: object, problem: Problem) -> None:
    assert check_settings(OPERATION, {**GOOD, name: value})[1] == {name: problem}


@pytest.mark.parametrize(
    "spelling", [TEMPLATE.upper(), f"{{{TEMPLATE}}}", TEMPLATE.replace("-", ""), f"urn:uuid:{TEMPLATE}"]
)
def test_a_template_is_named_in_one_way_however_it_was_spelt(spelling: str) -> None:
    assert check_settings(OPERATION, {**GOOD, "frame": spelling})[0]["frame"] == TEMPLATE


def test_an_operation_knows_its_template_fields() -> None:
    assert [spec.name for spec in OPERATION.template_fields] == ["frame"]


def test_a_catalogue_finds_what_it_has_and_nothing_else() -> None:
    provider = ProviderSpec("local", "local", LABEL, (OPERATION,), False, InputLimits(("image/jpeg",), 1000, 1000))
    catalogue = Catalogue((provider,))
    assert catalogue.provider("local") is provider
    assert catalogue.operation("local", "paint") is OPERATION
    assert catalogue.provider("gemini") is None
    assert catalogue.operation("local", "sing") is None
    assert catalogue.operation("gemini", "paint") is None
