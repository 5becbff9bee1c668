"""Prompts that name what the booth sent: `a portrait of {qr1} as a pirate`."""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.booth import TECHNICAL_FIELDS
from app.domain.catalogue import Operation

VALUE_MAX = 200
"""Characters of a booth field that reach a prompt; a guest's answer must not outgrow the instruction."""

_PLACEHOLDER = re.compile(r"\{([^{}]{1,100})\}")
_NOT_PLAIN = re.compile(r"[{}<>`\\\"«»‹›“”„‟‘‚‛]|(?<![^\W\d_])['’]|['’](?![^\W\d_])")
"""Of the quotation marks only the apostrophe stays, between letters: it is a part of names."""

_INSIST = "Output the final image only, without any words."


def fill(text: str, booth_fields: Mapping[str, str]) -> str:
    """`text` with each `{qr1}` replaced by the booth field of that name, an unknown one by nothing.

    Names are compared without regard to case, and with or without braces of their own, as DSLR Remote Pro sends
    `{qr1}`. What a booth program says about itself is unknown here: nobody wants a picture of DESKTOP-K968T3F, and
    names of computers and of their users are not for guests. A field that comes as `{name}`, in braces, is an answer.

    Values become one plain line without quotation marks, braces and markup, of VALUE_MAX characters at the most, so
    that an answer stays a word of the prompt and never ends a quotation or names another field.
    """
    answers = [(name, value) for name, value in booth_fields.items() if name.strip().casefold() not in TECHNICAL_FIELDS]
    values = {_key(name): value for name, value in reversed(answers)}
    return _PLACEHOLDER.sub(lambda match: _plain(values.get(_key(match[1]), "")), text)


def fill_settings(operation: Operation, settings: Mapping[str, Any], booth_fields: Mapping[str, str]) -> dict[str, Any]:
    """`settings` with the placeholders replaced in those texts whose field allows them."""
    open_to_booth = {field.name for field in operation.fields if field.placeholders}
    return {
        name: fill(value, booth_fields) if name in open_to_booth and isinstance(value, str) else value
        for name, value in settings.items()
    }


def insisting(prompt: str) -> str:
    """`prompt` for a model that has just answered it without a picture."""
    return f"{prompt}\n\n{_INSIST}"


def _key(name: str) -> str:
    return name.strip(" {}").casefold()


def _plain(value: str) -> str:
    return " ".join(_NOT_PLAIN.sub(" ", value).split())[:VALUE_MAX].rstrip(" '’")
