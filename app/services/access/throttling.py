"""How many wrong passwords are put up with, and from where."""

from collections.abc import Mapping

from app.domain.errors import Reason, Refused
from app.domain.networks import network_of
from app.ports.access import Throttle
from app.services.access.digests import digest

WRONG_FOR_USER_FROM_NETWORK = 10
WRONG_FROM_NETWORK = 50
WRONG_FOR_USER = 300


class LoginThrottle:
    """Counts wrong passwords by user and network, by network, and by user.

    Who guesses is stopped where they sit, long before the user is kept out elsewhere: that takes thirty networks.
    """

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    def refuse(self, username: str, client: str) -> None:
        """Raises Refused(TOO_MANY_ATTEMPTS) while there is a pause."""
        for key, limit in _limits(username, client).items():
            refuse_throttled(self._throttle, key, limit)

    def failed(self, username: str, client: str) -> bool:
        """Count a wrong password; True if a pause begins with it."""
        limits = _limits(username, client)
        for key in limits:
            self._throttle.failed(key)
        return any(self._throttle.retry_after(key, limit) is not None for key, limit in limits.items())

    def forgive(self, username: str, client: str) -> None:
        """Forget the mistakes of a user who has come in, but nobody else's."""
        self._throttle.clear(_own_key(username, client))


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
