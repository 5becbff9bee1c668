"""A bounded amount of something scarce, shared by threads."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from app.domain.deadlines import Deadline
from app.domain.errors import Reason, Refused

_RETRY_SECONDS = 5.0


class Allowance:
    """`amount` of it at once, handed out first come, first served."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._free = amount
        self._line: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def taken(self, wanted: int, deadline: Deadline | None = None) -> Iterator[None]:
        """Hold `wanted`, or everything if there is less.

        Raises Refused(QUEUE_BUSY) if that is not to be had by `deadline`; None waits as long as it takes.
        """
        share = min(wanted, self._amount)
        self._take(share, None if deadline is None else deadline.remaining(time.monotonic()))
        try:
            yield
        finally:
            self._give_back(share)

    def _take(self, share: int, seconds: float | None) -> None:
        turn = object()
        with self._changed:
            self._line.append(turn)
            try:
                if not self._changed.wait_for(lambda: self._line[0] is turn and share <= self._free, seconds):
                    raise Refused(
                        Reason.QUEUE_BUSY,
                        "Too many images are being read at once; send the shot again in a moment.",
                        retry_after=_RETRY_SECONDS,
                    )
                self._free -= share
            finally:
                self._line.remove(turn)
                self._changed.notify_all()

    def _give_back(self, share: int) -> None:
        with self._changed:
            self._free += share
            self._changed.notify_all()
