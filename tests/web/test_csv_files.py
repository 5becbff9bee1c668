"""Tables for spreadsheets: read back as they were, and never as a formula."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.csv_file import Cell, csv_file, harmless


def read(file: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_excel_learns_that_the_letters_are_unicode() -> None:
    file = csv_file([["Слот"]], decimal_comma=False)
    assert file.startswith(b"\xef\xbb\xbf")
    assert read(file) == [["Слот"]]


@pytest.mark.parametrize(
    ("cell", "text"), [(12, "12"), (-3, "-3"), (0.975, "0.975"), (Decimal("0.0400"), "0.0400"), (None, "")]
)
def test_numbers_stay_numbers(cell: Cell, text: str) -> None:
    assert read(csv_file([[cell, "x"]], decimal_comma=False)) == [[text, "x"]]


def test_a_decimal_comma_brings_semicolons_between_cells() -> None:
    assert read(csv_file([["a,b", Decimal("1.5"), 2]], decimal_comma=True), ";") == [["a,b", "1,5", "2"]]


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-x", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "  =1", " \t@x"])
def test_what_could_be_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_text_becomes_a_formula_and_every_text_can_be_read_back(text: str) -> None:
    [[cell, _]] = read(csv_file([[text, "end"]], decimal_comma=True), ";")
    assert cell in (text, f"'{text}")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
