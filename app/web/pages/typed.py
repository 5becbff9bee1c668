"""Between what people type and values: what does not look like one stays text, to be refused by its name."""

import re
from decimal import Decimal
from typing import Any

from app.domain.catalogue import Field

_INTEGER = re.compile(r"[+-]?\d{1,15}")
_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,15})?")


def setting(spec: Field, text: str) -> Any:
    """As the catalogue's type wants it; None for a field that was left blank."""
    if spec.type == "boolean":
        return text == "on"
    if spec.type == "integer":
        return integer(text)
    if spec.type == "number":
        return number(text)
    return text.replace("\r\n", "\n") or None  # forms send line breaks as CR LF


def integer(text: str) -> int | str | None:
    digits = text.strip()
    return int(digits) if _INTEGER.fullmatch(digits) else digits or None


def number(text: str) -> float | str | None:
    """With a point or a comma."""
    digits = text.strip()
    return float(digits.replace(",", ".")) if _NUMBER.fullmatch(digits) else digits or None


def as_text(value: Any) -> str:
    """As a control of a form holds the value; a checkbox that is off holds nothing."""
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    return "" if value is None else str(value)
