"""What a guest typed at the booth becomes a word of the prompt, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booth.wire import CAPTURED_PARTS
from app.domain.booth import TECHNICAL_FIELDS
from app.domain.catalogue import Field, Operation
from app.domain.prompts import VALUE_MAX, fill, fill_settings, insisting

BOOTH = {**dict(CAPTURED_PARTS), "{qr1}": "pirate", "Survey1_Text": "Аня"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("A {qr1} on a ship", "A pirate on a ship"),
        ("Портрет: {survey1_text}", "Портрет: Аня"),
        ("{ QR1 } and {unknown}!", "pirate and !"),
        ("no names {} here {", "no names {} here {"),
    ],
)
def test_names_are_replaced_and_unknown_ones_are_empty(text: str, filled: str) -> None:
    assert fill(text, BOOTH) == filled


@pytest.mark.parametrize("name", sorted(dict(CAPTURED_PARTS).keys() - {"password"} | TECHNICAL_FIELDS))
def test_what_a_booth_program_says_about_itself_is_no_answer_of_a_guest(name: str) -> None:
    """Computers, Windows accounts and folders stay out of pictures, however their names are spelt."""
    assert fill(f"For {{{name}}}!", {name: "DESKTOP-1", f" {name.upper()}": "Acer"}) == "For !"


def test_an_answer_in_braces_may_have_the_name_of_a_technical_field() -> None:
    assert fill("A castle for {name}", {"name": "DESKTOP-1", "{name}": "Аня"}) == "A castle for Аня"


@given(value=st.text(max_size=3000) | st.text("'’ \"«»“”„aя1\n", max_size=300))
def test_a_value_is_one_bounded_plain_line_that_ends_no_quotation(value: str) -> None:
    filled = fill("{x}", {"x": value})
    assert len(filled) <= VALUE_MAX
    assert not set(filled) & set('\n\r\t{}<>`"\\«»‹›“”„‟‘‚‛')
    for before, mark, after in zip(f" {filled}", filled, f"{filled[1:]} ", strict=False):
        assert mark not in "'’" or (before.isalnum() and after.isalnum())


@pytest.mark.parametrize("name", ["O'Brien", "д’Артаньян"])
def test_an_apostrophe_inside_a_name_stays(name: str) -> None:
    assert fill("{x}", {"x": f"'{name}'"}) == name


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


def test_insisting_repeats_the_prompt_and_asks_for_the_picture_alone() -> None:
    assert insisting("Make them pirates").startswith("Make them pirates\n\nOutput the final image only")
