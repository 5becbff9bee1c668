"""How long a call may block, and what its failure means at the stage that it had reached."""

import re
import ssl
import time
from collections.abc import Iterator
from enum import Enum, auto
from threading import Event

from app.adapters.http import faults
from app.domain.deadlines import Deadline
from app.domain.errors import ProviderFault

OPENING_SECONDS = 5.0
"""For name, connection, tunnel and TLS together: a host whose packets are dropped must leave time for another."""

_TICK = 0.1
"""Seconds in which whatever blocks notices that it was cancelled."""

_TUNNEL_STATUS = re.compile(r"Tunnel connection failed: (\d{3})")


class Stage(Enum):
    OPENING = auto()
    SENT = auto()
    ANSWERING = auto()


class Patience:
    """Belongs to one session; knows the one call that is under way. Everything that blocks asks it for how long."""

    def __init__(self, deadline: Deadline, cancelled: Event) -> None:
        self._deadline = deadline
        self._cancelled = cancelled
        self._opening_ends_at = 0.0
        self.peer = ""
        self.stage = Stage.OPENING

    def begin(self, peer: str) -> None:
        """A call starts; `peer` is how its faults name whom it called."""
        self.peer = peer
        self.stage = Stage.OPENING
        self._opening_ends_at = time.monotonic() + OPENING_SECONDS

    @property
    def was_sent(self) -> bool:
        """Whether bytes of the request may have left."""
        return self.stage is not Stage.OPENING

    def left(self) -> float:
        """Seconds until the deadline; raises as `pause`."""
        if self._cancelled.is_set():
            raise faults.cancelled(was_sent=self.was_sent)
        if left := self._deadline.remaining(time.monotonic()):
            return left
        raise faults.hang(self.peer, was_sent=self.was_sent)

    def left_to_open(self) -> float:
        """Seconds until the connection must be there; raises as `pause`."""
        left = self._opening_ends_at - time.monotonic()
        if left <= 0:
            raise faults.unreachable(self.peer, f"no connection within {OPENING_SECONDS:.0f} s")
        return min(left, self.left())

    def pause(self) -> float:
        """Seconds to block before asking again.

        Raises ProviderFault: CANCELLED, HANG at the deadline, UNREACHABLE when opening takes too long.
        """
        return min(_TICK, self.left_to_open() if self.stage is Stage.OPENING else self.left())

    def fault_of(self, error: Exception) -> ProviderFault:
        """What the failure of a library means for the call."""
        if self.stage is Stage.ANSWERING:
            return faults.cut(self.peer)
        if self.stage is Stage.SENT:
            return faults.lost(self.peer)
        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
                return faults.tls(self.peer, _tls_reason(cause))
        return faults.unreachable(self.peer, _reason(causes))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that it wraps, outermost first: requests and urllib3 wrap while they handle."""
    while error:
        yield error
        error = error.__context__


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted, {error.verify_message}"
    return (error.reason or "no agreement").lower().replace("_", " ")


def _reason(causes: list[BaseException]) -> str:
    """The system's own words for the innermost failure; never those of a proxy."""
    for cause in reversed(causes):
        if isinstance(cause, OSError):
            tunnel = _TUNNEL_STATUS.match(str(cause))
            return f"refused with {tunnel[1]}" if tunnel else (cause.strerror or "connection failed").lower()
    return "connection failed"
