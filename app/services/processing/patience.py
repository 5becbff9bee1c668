"""Waiting for the database or the media store while a photo's window lasts."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, MediaStoreUnavailable, Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

_RETRY_SECONDS = 0.2
_STORE_SECONDS = 2.0


def persistently(call: Callable[[], T], deadline: Deadline, passing: type[Unavailable] = DatabaseUnavailable) -> T:
    """Repeat a call that is safe to repeat until it does not raise `passing`, or the deadline is over.

    Giving up sooner would mean another attempt, and another call of the provider.
    """
    while True:
        try:
            return call()
        except passing as error:
            log.warning("waited_for", what=passing.__name__, error=str(error))
            if deadline.remaining(time.monotonic()) == 0:
                raise
            time.sleep(_RETRY_SECONDS)


def briefly(call: Callable[[], T], deadline: Deadline) -> T:
    """The same for the media store, which a full disk does not bring back: two seconds at the most."""
    ends_at = min(deadline.ends_at, time.monotonic() + _STORE_SECONDS)
    return persistently(call, Deadline(ends_at), MediaStoreUnavailable)
