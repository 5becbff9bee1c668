"""What a booth sends beside the photo: whatever it is, it can be stored, it is bounded, and it is no password."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booth.wire import booth_parts
from app.domain.booth import booth_name, clean_fields
from app.domain.text import is_storable

texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=50)
pairs = st.lists(st.tuples(st.one_of(texts, st.sampled_from(["password", "Password", "name"])), texts), max_size=20)


@given(pairs)
def test_any_text_becomes_storable_and_stays_bounded(given: list[tuple[str, str]]) -> None:
    fields = clean_fields(given)
    assert all(is_storable(name) and is_storable(value) for name, value in fields.items())
    assert "" not in fields
    assert fields.keys().isdisjoint({"password", "Password"})
    assert clean_fields(fields.items()) == fields
    json.dumps(fields).encode()


def test_ordinary_fields_are_kept_as_they_are() -> None:
    fields = {"name": "DESKTOP-1", "{qr1}": "гость\tодин\nдва", "": "nameless", "email": ""}
    assert clean_fields(fields.items()) == {"name": "DESKTOP-1", "{qr1}": "гость\tодин\nдва", "email": ""}


@pytest.mark.parametrize("name", ["password", "PASSWORD", " password ", "pass\x00word", "\x1bPassword", "paſſword"])
def test_a_password_is_never_kept_however_its_name_is_spelt(name: str) -> None:
    assert clean_fields([(name, "s3cret")]) == {}


def test_the_first_of_a_name_wins() -> None:
    assert clean_fields([("a", "1"), ("b", "2"), ("a", "3")]) == {"a": "1", "b": "2"}


def test_names_values_and_their_number_are_bounded() -> None:
    fields = clean_fields([(f"{number:03}" + "n" * 1_000, "v" * 10_000) for number in range(300)])
    assert len(fields) == 100
    assert {len(name) for name in fields} == {100}
    assert {len(value) for value in fields.values()} == {2000}


def test_control_characters_vanish_but_tabs_and_line_ends_of_people_stay() -> None:
    assert clean_fields([("a\x00\x1b[31m", "x\x00\x07\x1b\x7f\ud800\r\n\ty")]) == {"a[31m": "x\n\ty"}


class TestNames:
    def test_dslr_remote_pro_is_known_by_its_computer_and_account(self) -> None:
        assert booth_name(dict(booth_parts(7, 1, time=0))) == "BOOTH-07 · simulator-07"

    def test_breeze_booth_by_its_account(self) -> None:
        assert booth_name({"username": "expo", "EventKiteSessionId": "7"}) == "expo"

    @pytest.mark.parametrize(
        "form",
        [
            {"name": "Анна Петрова", "user_id": "anna@example.org"},
            {"name": "Анна Петрова", "username": "anna"},
            {"name": "Анна Петрова", "username": "anna", "version": "2", "email": "anna@example.org"},
            {"name": "Анна Петрова", "version": "2", "profile": "x"},
        ],
        ids=["user_id", "username", "a version alone", "no account"],
    )
    def test_a_guest_who_fills_in_a_form_is_no_booth(self, form: dict[str, str]) -> None:
        assert booth_name(form) == ""
