"""The many ways in which files fail, said in one."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError

from app.domain.errors import MediaStoreUnavailable

_Say = Callable[[re.Match[str]], str]

# What the library's wordy errors say, most telling first.
_REASONS: tuple[tuple[re.Pattern[str], _Say], ...] = (
    (re.compile(r"kind: Timeout|TimedOut"), lambda _: "no answer in time"),
    (re.compile(r"status code: (\d+).*?<Code>(\w+)</Code>", re.S), lambda m: f"HTTP {m[1]} {m[2]}"),
    (re.compile(r"status code: (\d+)"), lambda m: f"HTTP {m[1]}"),
    (re.compile(r"(?:code: |os error |Errno )(\d+)"), lambda m: os.strerror(int(m[1]))),
    (re.compile(r"\(code: (\w+)\)"), lambda m: m[1]),
    (re.compile(r"dns error"), lambda _: "the host name is not known"),
    (re.compile(r"InvalidCertificate"), lambda _: "the server's certificate is not valid"),
    (re.compile(r"InvalidMessage"), lambda _: "the server does not speak TLS"),
    (re.compile(r"kind: Connect"), lambda _: "no connection"),
)


@contextmanager
def failures_of(store: str, action: str, what: str) -> Iterator[None]:
    """Turn every failure inside into MediaStoreUnavailable: `store` cannot `action` (a verb) `what`, and why."""
    try:
        yield
    except (BaseError, OSError) as error:
        # The original is cut off: it quotes the server's answer, which on S3 may show access keys and signatures.
        raise MediaStoreUnavailable(f"media store {store}: cannot {action} {what}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    return next((say(match) for pattern, say in _REASONS if (match := pattern.search(text))), type(error).__name__)
