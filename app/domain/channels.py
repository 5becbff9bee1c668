"""Where alerts are told outside, what each channel needs to be set up, and how telling can fail."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.domain.connection import has_good_port


class Channel(StrEnum):
    WEBHOOK = "webhook"
    TELEGRAM = "telegram"


URL, SECRET = "url", "secret"
TOKEN, CHAT_ID = "token", "chat_id"

FIELDS: Mapping[Channel, tuple[str, ...]] = MappingProxyType(
    {Channel.WEBHOOK: (URL, SECRET), Channel.TELEGRAM: (TOKEN, CHAT_ID)}
)
REQUIRED: Mapping[Channel, tuple[str, ...]] = MappingProxyType(
    {Channel.WEBHOOK: (URL,), Channel.TELEGRAM: (TOKEN, CHAT_ID)}
)
"""Without these nothing is sent."""

HIDDEN = frozenset({SECRET, TOKEN})
"""Never shown again, in no page, answer or log."""

LANGUAGE = "language"
LANGUAGES = ("ru", "en")

_HOST = r"(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
_USABLE = {
    URL: re.compile(rf"(?=.{{1,1000}}$)https?://{_HOST}(?::\d+)?(?:/[!-\[\]-~]*|\?[!-\[\]-~]*)?"),
    SECRET: re.compile(r"[!-~]{8,256}"),
    TOKEN: re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,100}"),
    CHAT_ID: re.compile(r"-?\d{1,20}|@[A-Za-z]\w{3,40}", re.ASCII),
}


def is_usable(name: str, value: str) -> bool:
    """Whether `value` can be entered for one of the FIELDS."""
    return _USABLE[name].fullmatch(value) is not None and (name != URL or has_good_port(value))


class Mishap(StrEnum):
    """Why an alert could not be told."""

    NOT_SET_UP = "not_set_up"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    NO_ANSWER = "no_answer"
    REDIRECTED = "redirected"
    NOT_AUTHORISED = "not_authorised"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    OUT_OF_ORDER = "out_of_order"


_HOPELESS = frozenset({Mishap.REDIRECTED, Mishap.NOT_AUTHORISED, Mishap.NOT_FOUND, Mishap.REFUSED})
_MISHAPS_BY_STATUS = {401: Mishap.NOT_AUTHORISED, 403: Mishap.NOT_AUTHORISED, 404: Mishap.NOT_FOUND}
_TRY_AGAIN = (408, 425)


class NotTold(Exception):
    """A channel did not take a message. `message` is an English sentence that names no secret.

    `retry_after`: seconds that the other side wants to be left alone for, None if it did not say.
    """

    def __init__(self, mishap: Mishap, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.mishap = mishap
        self.message = message
        self.retry_after = retry_after

    @property
    def is_hopeless(self) -> bool:
        """Whether it will most likely fail again until the channel is set up differently."""
        return self.mishap in _HOPELESS


def mishap_of(status: int) -> Mishap:
    """What an HTTP status that is no success means."""
    if status == 429:
        return Mishap.RATE_LIMITED
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        return _MISHAPS_BY_STATUS.get(status, Mishap.REFUSED)
    return Mishap.OUT_OF_ORDER
