"""Waiting for the database while a photo's window lasts."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

_RETRY_SECONDS = 0.2


def persistently(call: Callable[[], T], deadline: Deadline) -> T:
    """Repeat a call that is safe to repeat until the database is back or the window over.

    Giving up sooner would mean another attempt, and another call of the provider. Raises DatabaseUnavailable.
    """
    while True:
        try:
            return call()
        except DatabaseUnavailable as error:
            log.warning("database_waited_for", error=str(error))
            if deadline.remaining(time.monotonic()) == 0:
                raise
            time.sleep(_RETRY_SECONDS)
