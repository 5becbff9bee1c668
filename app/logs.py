"""Structured logs: one JSON object a line on standard output, with job and slot ids and without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from app.domain.keys import KEY_IN_TEXT

_SECRET_NAME = re.compile(
    r"pass(word|wd)?|pwd|парол|secret|token|api[_-]?key|encryption_?key|authorization|cookie|csrf|proxy"
    r"|(?<![^\W_])(?:pw|pin|key)(?![^\W_])",  # as words: a keyboard and pins are none
    re.IGNORECASE,
)
_SECRET_IN_TEXT = re.compile(
    r"(?P<keep>(?:pass(?:word|wd)?|pwd|пароль|secret|token|api[_-]?key|x-key|[?&](?:key|pw|pin))[\"']?\s*[=:]\s*[\"']?"
    r"|authorization[\"']?\s*[=:]\s*[\"']?(?:[a-z]+\s+)?|Bearer\s+)[^\s&\"',;]+"
    r"|(?P<gallery>/(?:s|wall)/)[\w-]{20,}"  # whoever has the address of a share link may come in
    r"|(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@]*(?::[^\s@]*)?(?=@)"
    rf"|\bgAAAA[\w=-]{{60,}}|{KEY_IN_TEXT.pattern}",  # what is encrypted with our keys, and the providers' own
    re.IGNORECASE,
)
MASK = "•••"


def configure_logs(role: str) -> None:
    """Send the logs of this process, ours and the libraries', to standard output."""
    shared = [_naming(role), *_SHARED]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("apscheduler", "alembic", "waitress.queue"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _naming(role: str) -> Any:
    """A processor rather than a bound value, which the threads that serve and work would not see."""

    def add_role(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["role"] = role
        return event

    return add_role


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask values whose name or text looks like a secret, however deep they lie, tracebacks included."""
    for name, value in event.items():
        event[name] = without_secrets(name, value)
    return event


def names_secret(name: str) -> bool:
    """Whether what is called so is nobody's business."""
    return _SECRET_NAME.search(name) is not None


def without_secrets(name: str, value: Any) -> Any:
    """`value` with everything masked that its name or its text gives away as a secret."""
    if names_secret(name):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: without_secrets(str(key), held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets("", held) for held in value]
    return mask_text(value if isinstance(value, str) else repr(value))


def mask_text(text: str) -> str:
    """`text` with passwords, keys, bearer tokens and credentials in URLs replaced."""
    return _SECRET_IN_TEXT.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    return f"{match['keep'] or match['scheme'] or match['gallery'] or ''}{MASK}"


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
