"""Asking for what a provider was told to make, until it is there."""

import time
from collections.abc import Callable
from threading import Event

from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status
from app.ports.providers import HttpReply

PASSING = frozenset(
    {
        FaultKind.HANG,
        FaultKind.CONNECTION_LOST,
        FaultKind.UNREACHABLE,
        FaultKind.RATE_LIMITED,
        FaultKind.OVERLOADED,
        FaultKind.INVALID_OUTPUT,
    }
)
"""Faults of one question that say nothing about the order."""

_UNREADABLE_MAX = 3  # in a row: a provider's own broken JSON would not mend itself
_FETCHES = 3


class Polling:
    """The questions of one attempt about one order, with `pause` seconds before each but the first.

    An order that is paid for is not given up because a question failed: one that hangs is put again after `patience`
    seconds.
    """

    def __init__(self, provider: str, deadline: Deadline, cancelled: Event, *, pause: float, patience: float) -> None:
        self._provider = provider
        self._deadline = deadline
        self._cancelled = cancelled
        self._pause = pause
        self._patience = patience
        self._free_at = 0.0
        self._unreadable = 0

    def rest(self) -> None:
        """Wait until the provider may be called again.

        Raises ProviderFault: CANCELLED, or HANG if the attempt's time ends before that.
        """
        now = time.monotonic()
        wait = max(0.0, self._free_at - now)
        if wait >= self._deadline.remaining(now):
            message = f"{self._provider} had no picture ready in time."
            raise ProviderFault(FaultKind.HANG, message, permanent=False)
        if self._cancelled.wait(wait):
            raise ProviderFault(FaultKind.CANCELLED, "The job ended before its picture was ready.", permanent=True)

    def hold(self, seconds: float = 0.0) -> None:
        """A call has just ended: the next may be made after the pause, or after so many seconds if they are more."""
        self._free_at = max(self._free_at, time.monotonic() + max(seconds, self._pause))

    def end_of_question(self) -> Deadline:
        """Until when a question put now is waited for."""
        soon = Deadline(time.monotonic() + self._patience)
        return min(self._deadline, soon, key=lambda deadline: deadline.ends_at)

    def answered(self) -> None:
        """The last question was, whatever the answer."""
        self._unreadable = 0

    def bear(self, fault: ProviderFault) -> None:
        """Raise the fault of a question if another one would not mend it."""
        self._unreadable = self._unreadable + 1 if fault.kind is FaultKind.INVALID_OUTPUT else 0
        if self._unreadable == _UNREADABLE_MAX:
            fault.permanent = True
        if fault.permanent or fault.kind not in PASSING:
            raise fault
        self.hold(fault.retry_after or 0)


def fetched(fetch: Callable[[], HttpReply], rest: Callable[[], None]) -> bytes:
    """A finished picture's file. One that is not there is looked for again after a rest. Raises ProviderFault."""
    reply = fetch()
    for _ in range(_FETCHES - 1):
        if reply.status in (404, 410):
            rest()
            reply = fetch()
    if reply.is_success:
        return reply.body
    kind = None if reply.status >= 500 else FaultKind.RESULT_GONE
    raise fault_of_status(reply.status, f"The picture's file answered {reply.status}.", reply.headers, kind=kind)
