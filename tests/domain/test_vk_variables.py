"""Global variables in the text of posts."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.vk.variables import (
    NAME_MAX,
    UnknownVariables,
    is_name,
    substitute_global_variables,
    values_for,
    variables_of,
)

ONE, OTHER = UUID(int=1), UUID(int=2)

names = st.from_regex(r"[^\W\d_]\w{0,39}", fullmatch=True)
values = st.dictionaries(names, st.text())


def test_names_in_braces_become_values() -> None:
    known = {"цена": "100 ₽", "phone": "+7 900"}
    text = substitute_global_variables("Фото — {цена}, запись: {phone}. {цена}!", known)
    assert text == "Фото — 100 ₽, запись: +7 900. 100 ₽!"


@pytest.mark.parametrize("text", ["{}", "{ price }", "{1}", "{_x}", "{a-b}", "{", "}", "{price", "price}", "{ {", ""])
def test_a_brace_without_a_name_is_a_brace(text: str) -> None:
    assert variables_of(text) == []
    assert substitute_global_variables(text, {"price": "1"}) == text


def test_what_looks_like_a_variable_in_a_value_stays() -> None:
    assert substitute_global_variables("{a}", {"a": "{b}", "b": "1"}) == "{b}"


def test_backslashes_and_dollars_in_values_mean_nothing() -> None:
    assert substitute_global_variables("{a}", {"a": r"\1 \g<0> $1"}) == r"\1 \g<0> $1"


def test_all_unknown_names_are_told_at_once_each_once() -> None:
    with pytest.raises(UnknownVariables) as refusal:
        substitute_global_variables("{b} {a} {c} {b}", {"a": "1"})
    assert refusal.value.names == ["b", "c"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("price", True),
        ("цена_2", True),
        ("a" * NAME_MAX, True),
        ("a" * (NAME_MAX + 1), False),
        *((text, False) for text in ("", "1a", "_a", "a b", "a-b", "{a}", "a\n")),
    ],
)
def test_what_a_name_is(text: str, is_one: bool) -> None:
    assert is_name(text) is is_one


def test_a_community_has_its_own_value_before_the_one_for_all() -> None:
    variables: dict[str, dict[UUID | None, str]] = {
        "price": {None: "1", ONE: "2"},
        "phone": {ONE: "3"},
        "site": {None: ""},
    }
    assert values_for(ONE, variables) == {"price": "2", "phone": "3", "site": ""}
    assert values_for(OTHER, variables) == {"price": "1", "site": ""}


@given(st.text().filter(lambda text: not variables_of(text)), values)
def test_text_without_variables_stays_as_it_is(text: str, known: dict[str, str]) -> None:
    assert substitute_global_variables(text, known) == text


@given(values.filter(bool), st.text(st.characters(exclude_characters="{}")))
def test_every_known_name_gives_its_value(known: dict[str, str], between: str) -> None:
    text = between.join(f"{{{name}}}" for name in known)
    assert variables_of(text) == list(known)
    assert substitute_global_variables(text, known) == between.join(known.values())


@given(st.text(st.sampled_from("{}ab1_ ")), values)
def test_either_all_is_known_or_the_unknown_is_named(text: str, known: dict[str, str]) -> None:
    unknown = [name for name in variables_of(text) if name not in known]
    if unknown:
        with pytest.raises(UnknownVariables) as refusal:
            substitute_global_variables(text, known)
        assert refusal.value.names == unknown
    else:
        substitute_global_variables(text, known)
