"""What a provider is reached with, and which values can be used for it."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

API_KEY = "api_key"
BASE_URL = "base_url"
PROXY = "proxy"
CONNECTION_FIELDS = (API_KEY, BASE_URL, PROXY)

ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        API_KEY: "1 to 2048 printable ASCII characters without spaces",
        BASE_URL: "an http:// or https:// address of at most 500 characters without user name and query",
        PROXY: "http://host:port or https://host:port, with user:password@ before the host if it needs them",
    }
)
"""What each value may be, for people who read English."""

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@\\:\[\]]+)"
_PATTERNS = {
    API_KEY: re.compile(r"[!-~]{1,2048}"),  # it travels in a header
    BASE_URL: re.compile(rf"(?=.{{1,500}}$)https?://{_HOST}(?::\d+)?(?:/[^\s?#\\]*)?"),
    PROXY: re.compile(rf"(?=.{{1,500}}$)https?://(?:[^\s/?#@\\]+@)?{_HOST}:\d+/?"),
}


def is_usable(name: str, value: str) -> bool:
    """Whether `value` can be used for one of CONNECTION_FIELDS; ALLOWED says in words what can."""
    is_shaped = value.isprintable() and _PATTERNS[name].fullmatch(value) is not None
    return is_shaped and (name == API_KEY or has_good_port(value))


def normal_form(name: str, value: str) -> str:
    """A usable value as it is kept: addresses without a slash at their end."""
    return value if name == API_KEY else value.rstrip("/")


def has_good_port(url: str) -> bool:
    """Whether the port of an address, if it names one, exists."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
