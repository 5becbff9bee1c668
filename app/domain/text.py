"""Text from outside."""

import re
from uuid import UUID

_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """PostgreSQL takes neither NUL nor lone surrogates: nothing it holds has such a name."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def uuid_in(text: str) -> UUID | None:
    """None for a text that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def storable(text: str, longest: int) -> str:
    """`text` without control characters and lone surrogates, cut to `longest` characters."""
    return _UNSTORABLE.sub("", text)[:longest]
