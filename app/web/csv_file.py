"""Tables as files for spreadsheets: Excel reads them by a double click, and no cell of theirs is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | float | Decimal | None

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes the letters for those of an older encoding
_BEGINS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def csv_file(rows: Iterable[Sequence[Cell]], *, decimal_comma: bool) -> bytes:
    """Rows in UTF-8, numbers as numbers; where a comma is the decimal sign, semicolons part the cells."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";" if decimal_comma else ",")
    for row in rows:
        writer.writerow([_text(cell, decimal_comma) for cell in row])
    return (_BYTE_ORDER_MARK + written.getvalue()).encode()


def harmless(text: str) -> str:
    """As it is, or behind an apostrophe if a spreadsheet could take it for a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) or text.lstrip().startswith(_BEGINS_FORMULA) else text


def _text(cell: Cell, decimal_comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    digits = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return digits.replace(".", ",") if decimal_comma else digits
