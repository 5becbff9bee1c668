"""Global variables in the text of posts: `{price}` stands for a value that is kept in one place.

A name begins with a letter and has letters, digits and `_`, of any alphabet; a brace without a name inside is a brace.
"""

import re
from collections.abc import Mapping
from uuid import UUID

NAME_MAX = 40
_NAME = rf"[^\W\d_]\w{{0,{NAME_MAX - 1}}}"
_USE = re.compile(rf"\{{({_NAME})\}}")


class UnknownVariables(Exception):
    """The text uses `names` that have no value."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def is_name(text: str) -> bool:
    return re.fullmatch(_NAME, text) is not None


def variables_of(text: str) -> list[str]:
    """The names that the text uses, each once, in their order."""
    return list(dict.fromkeys(_USE.findall(text)))


def values_for(community_id: UUID, variables: Mapping[str, Mapping[UUID | None, str]]) -> dict[str, str]:
    """By name, what holds for this community: its own value, else the one for all. As VariableStore.all has them."""
    found = {name: values.get(community_id, values.get(None)) for name, values in variables.items()}
    return {name: value for name, value in found.items() if value is not None}


def substitute_global_variables(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of names, in one pass: what looks like a variable in a value stays as it is.

    Raises UnknownVariables.
    """
    if unknown := [name for name in variables_of(text) if name not in values]:
        raise UnknownVariables(unknown)
    return _USE.sub(lambda use: values[use[1]], text)
