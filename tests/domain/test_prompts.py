"""What a guest typed at the booth becomes a word of the prompt, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalogue import Field, Operation
from app.domain.prompts import VALUE_MAX, fill, fill_settings

BOOTH = {"name": "DESKTOP-1", "{qr1}": "pirate", "Имя": "Аня"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("A {qr1} on a ship", "A pirate on a ship"),
        ("Портрет: {имя}", "Портрет: Аня"),
        ("{ name } and {unknown}!", "DESKTOP-1 and !"),
        ("no names {} here {", "no names {} here {"),
    ],
)
def test_names_are_replaced_and_unknown_ones_are_empty(text: str, filled: str) -> None:
    assert fill(text, BOOTH) == filled


@given(value=st.text(max_size=3000))
def test_a_value_is_one_bounded_plain_line(value: str) -> None:
    filled = fill("{x}", {"x": value})
    assert len(filled) <= VALUE_MAX
    assert not set(filled) & set('\n\r\t{}<>`"\\')


def test_a_value_cannot_name_another_field() -> None:
    assert fill("{a}", {"a": "{b}", "b": "secret"}) == "b"


def test_only_fields_that_allow_it_are_filled() -> None:
    label = {"ru": "x", "en": "x"}
    fields = (Field("prompt", "text", label, placeholders=True), Field("note", "text", label))
    operation = Operation("edit", label, fields, ())
    assert fill_settings(operation, {"prompt": "{qr1}", "note": "{qr1}", "seed": 7}, BOOTH) == {
        "prompt": "pirate",
        "note": "{qr1}",
        "seed": 7,
    }
