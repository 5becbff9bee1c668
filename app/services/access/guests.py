"""Guests come in by links, some of which want a password too."""

from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.networks import network_of, place_of
from app.ports.access import PasswordHasher, Throttle
from app.services.access.throttling import Attempts, refuse_throttled

MISSES_FROM_PLACE = 60
WRONG_FOR_LINK_FROM_PLACE = 20
WRONG_FROM_NETWORK = 100
WRONG_FOR_LINK = 1000


class LinkGuard:
    """Slows down who guesses links and passwords. A guest's good link never asks how others behind their router did."""

    def __init__(self, *, hasher: PasswordHasher, throttle: Throttle, patience_seconds: float = 3) -> None:
        self._hasher = hasher
        self._throttle = throttle
        self._attempts = Attempts(throttle, patience_seconds)

    def missed(self, client: str) -> None:
        """Implements ports.GuestGuard."""
        key = f"link-missed:{place_of(client)}"
        refuse_throttled(self._throttle, key, MISSES_FROM_PLACE)
        self._throttle.failed(key)

    def check(self, link_id: UUID, password_hash: str, client: str, password: str) -> None:
        """Implements ports.GuestGuard."""
        limits = _limits(link_id, client)
        with self._attempts.attempt(limits):
            if not self._hasher.verify(password_hash, password):
                raise Refused(Reason.INVALID_PASSWORD, "The password of the link is missing or wrong.")
            self._attempts.forgive(limits)


def _limits(link_id: UUID, client: str) -> dict[str, int]:
    """All guests of a venue may come from one address: a few who mistype must not keep the others out."""
    return {
        f"link:{link_id}:{place_of(client)}": WRONG_FOR_LINK_FROM_PLACE,
        f"link-network:{network_of(client)}": WRONG_FROM_NETWORK,
        f"link-all:{link_id}": WRONG_FOR_LINK,
    }
