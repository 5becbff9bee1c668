"""How many wrong passwords are put up with, and from where."""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from app.domain.errors import Reason, Refused
from app.domain.networks import network_of
from app.ports.access import Throttle
from app.services.access.digests import digest

WRONG_FOR_USER_FROM_NETWORK = 10
WRONG_FROM_NETWORK = 50
WRONG_FOR_USER = 300
AT_ONCE = 2
"""Slow hashes of one kind that one process works on: the rest of the machine is for booths."""


class Attempts:
    """Lets passwords be tried within limits by key, and only AT_ONCE at the same time.

    An attempt counts as wrong before it is looked at, so that no number of them at once gets more than is allowed.
    """

    def __init__(self, throttle: Throttle, patience_seconds: float) -> None:
        self._throttle = throttle
        self._patience_seconds = patience_seconds
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def attempt(self, limits: Mapping[str, int]) -> Iterator[bool]:
        """Gives whether a pause begins with this attempt, unless it is forgiven.

        Raises Refused(TOO_MANY_ATTEMPTS) while there is a pause, and if others take too long.
        """
        for key, limit in limits.items():
            refuse_throttled(self._throttle, key, limit)
        with self._turn():
            counts = {key: self._throttle.failed(key) for key in limits}
            for key in [key for key, limit in limits.items() if counts[key] > limit]:
                refuse_throttled(self._throttle, key, limits[key])
            yield any(counts[key] == limit for key, limit in limits.items())

    def forgive(self, keys: Collection[str]) -> None:
        """Take an attempt back that was none."""
        for key in keys:
            self._throttle.forgive(key)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience_seconds):
            message = "Too many passwords are being checked at the same time; try again in a few seconds."
            raise Refused(Reason.TOO_MANY_ATTEMPTS, message, retry_after=self._patience_seconds)
        try:
            yield
        finally:
            self._turns.release()


class LoginThrottle:
    """Counts wrong passwords by user and network, by network, and by user.

    Who guesses is stopped where they sit, long before the user is kept out elsewhere: that takes thirty networks.
    """

    def __init__(self, throttle: Throttle, patience_seconds: float) -> None:
        self._throttle = throttle
        self._attempts = Attempts(throttle, patience_seconds)

    @contextmanager
    def attempt(self, username: str, client: str) -> Iterator[bool]:
        """As `Attempts.attempt`."""
        with self._attempts.attempt(_limits(username, client)) as pause_begins:
            yield pause_begins

    def forgive(self, username: str, client: str) -> None:
        """Forget the mistakes of a user who has come in, and of all others only that this was none."""
        own = _own_key(username, client)
        self._throttle.clear(own)
        self._attempts.forgive(_limits(username, client).keys() - {own})


def refuse_throttled(throttle: Throttle, key: str, limit: int) -> None:
    """Raises Refused(TOO_MANY_ATTEMPTS) if `key` has failed `limit` times in its window."""
    seconds = throttle.retry_after(key, limit)
    if seconds is not None:
        raise Refused(
            Reason.TOO_MANY_ATTEMPTS,
            f"Too many wrong attempts; try again in {max(1, round(seconds))} s.",
            retry_after=seconds,
        )


def _limits(username: str, client: str) -> Mapping[str, int]:
    return {
        _own_key(username, client): WRONG_FOR_USER_FROM_NETWORK,
        f"login-network:{network_of(client)}": WRONG_FROM_NETWORK,
        f"login-user:{digest(username)}": WRONG_FOR_USER,
    }


def _own_key(username: str, client: str) -> str:
    return f"login:{network_of(client)}:{digest(username)}"
