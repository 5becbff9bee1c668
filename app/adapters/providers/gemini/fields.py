"""Protobuf's JSON: every field may come in camelCase or in snake_case."""

import re
from typing import Any

from app.domain.answers import at


def field(value: Any, name: str) -> Any:
    """The field `name`, given in camelCase, in whichever spelling it came; None without it."""
    found = at(value, name)
    return at(value, re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)) if found is None else found


def objects(value: Any, name: str) -> list[Any]:
    """The entries of the list `name`, none if there is no such list."""
    found = field(value, name)
    return found if isinstance(found, list) else []
