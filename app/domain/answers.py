"""Reading what providers answer: JSON of any shape, pictures in base64, words that must not be trusted."""

import base64
import binascii
import json
from typing import Any

from app.domain.errors import FaultKind, ProviderFault
from app.domain.keys import KEY_IN_TEXT

QUOTE_MAX = 200
"""Characters of a provider's own words that reach a log or a page of administrators."""


def parsed(body: bytes) -> Any:
    """The JSON value, None for what is no JSON: refusals often come as a page of some gateway."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def json_object(body: bytes, status: int | None = None) -> dict[str, Any]:
    """Raises ProviderFault(INVALID_OUTPUT) for anything but a JSON object, cut short or other.

    `status` is that of the answer, for the log.
    """
    value = parsed(body)
    if not isinstance(value, dict):
        raise _invalid("The provider answered with something that is no JSON object.", status)
    return value


def at(value: Any, *path: str | int) -> Any:
    """What lies at `path`, names and positions, in a parsed JSON value; None where the path leads nowhere."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def decoded(text: str) -> bytes:
    """Base64, decoded strictly. Raises ProviderFault(INVALID_OUTPUT)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("The picture in the provider's answer is cut short or garbled.") from None


def quoted(words: Any, secret: str | None = None) -> str:
    """One line of at most QUOTE_MAX printable characters; empty if `words` are no text.

    `secret`, and whatever else looks like a key or like what a provider left of one, is masked.
    """
    text = words if isinstance(words, str) else ""
    if secret:
        text = text.replace(secret, "…")
    text = KEY_IN_TEXT.sub("…", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:QUOTE_MAX]


def _invalid(message: str, status: int | None = None) -> ProviderFault:
    return ProviderFault(FaultKind.INVALID_OUTPUT, message, permanent=False, status=status, may_have_cost=True)
