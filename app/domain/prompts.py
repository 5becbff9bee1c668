"""Prompts that name what the booth sent: `a portrait of {name} as a pirate`."""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.catalogue import Operation

VALUE_MAX = 200
"""Characters of a booth field that reach a prompt; a guest's answer must not outgrow the instruction."""

_PLACEHOLDER = re.compile(r"\{([^{}]{1,100})\}")
_NOT_PLAIN = re.compile(r"[\s{}<>`\\\"]+")


def fill(text: str, booth_fields: Mapping[str, str]) -> str:
    """`text` with each `{name}` replaced by the booth field of that name, an unknown one by nothing.

    Names are compared without regard to case, and with or without braces of their own, as DSLR Remote Pro sends
    `{qr1}`. Values become one plain line without quotes, braces and markup, of VALUE_MAX characters at the most, so
    that an answer stays a word of the prompt and never ends a quotation or names another field.
    """
    values = {_key(name): value for name, value in reversed(list(booth_fields.items()))}
    return _PLACEHOLDER.sub(lambda match: _plain(values.get(_key(match[1]), "")), text)


def fill_settings(operation: Operation, settings: Mapping[str, Any], booth_fields: Mapping[str, str]) -> dict[str, Any]:
    """`settings` with the placeholders replaced in those texts whose field allows them."""
    open_to_booth = {field.name for field in operation.fields if field.placeholders}
    return {
        name: fill(value, booth_fields) if name in open_to_booth and isinstance(value, str) else value
        for name, value in settings.items()
    }


def _key(name: str) -> str:
    return name.strip(" {}").casefold()


def _plain(value: str) -> str:
    return _NOT_PLAIN.sub(" ", value).strip()[:VALUE_MAX].rstrip()
