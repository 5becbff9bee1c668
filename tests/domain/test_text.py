"""Text that PostgreSQL can hold."""

from uuid import UUID

import pytest

from app.domain.text import is_storable, uuid_in


@pytest.mark.parametrize("text", ["", "слот", "🎄", "\n\t\x1b\x7f", "\uffff", "\ufdd0", "\U0010ffff"])
def test_what_is_valid_can_be_stored(text: str) -> None:
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udc80"])
def test_nul_and_lone_surrogates_cannot(text: str) -> None:
    assert not is_storable(text)


def test_a_text_that_is_an_id_or_none() -> None:
    assert uuid_in("8c1f0f0e-6f0a-4a53-9d5b-0b6f6c8f0a11") == UUID("8c1f0f0e6f0a4a539d5b0b6f6c8f0a11")
    assert {uuid_in(text) for text in ("", "x", "\x00", "\ud800", "8c1f0f0e")} == {None}
