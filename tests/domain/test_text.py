"""Text that PostgreSQL can hold."""

import pytest

from app.domain.text import is_storable


@pytest.mark.parametrize("text", ["", "слот", "🎄", "\n\t\x1b\x7f", "\uffff", "\ufdd0", "\U0010ffff"])
def test_what_is_valid_can_be_stored(text: str) -> None:
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udc80"])
def test_nul_and_lone_surrogates_cannot(text: str) -> None:
    assert not is_storable(text)
