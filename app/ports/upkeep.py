"""What keeps the house in order."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Transaction = Callable[[], AbstractContextManager[Any]]
"""Opens a transaction on the thread's shared session, or joins the one already open; commits at the outermost end."""

Patience = Callable[[float], AbstractContextManager[None]]
"""Bounds what the thread's uses of the database take in all inside the block, in seconds: DatabaseUnavailable then."""


class RequestLog(Protocol):
    """The part of the processing log that has no job: refused requests."""

    def refused(self, slot_id: str, reason: str, detail: Mapping[str, Any], *, once_a_minute: bool = False) -> None:
        """Count the request and write it down.

        `once_a_minute`: it is only counted if one of the same slot, reason and `network` was written down just now.
        """


@dataclass(frozen=True, slots=True)
class Purge:
    """One run of the cleanup. `counts` holds numbers of files and bytes by kind; None until it has finished.

    `attempt` is how often it was started, and a fence: who was taken for dead can change it no more.
    """

    id: int
    requested_by: str | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int] | None
    attempt: int


class PurgeLedger(Protocol):
    """Requested and running cleanups; a lease makes two schedulers take turns."""

    def request(self, author: str | None) -> Purge:
        """Queue a run; an unstarted one is returned instead of queuing a second."""

    def start(self) -> Purge | None:
        """Take the oldest queued run unless one is running; a run whose process died counts as queued again.

        A process that does not `renew` within 30 s counts as dead.
        """

    def renew(self, purge: Purge) -> bool:
        """Go on running; False if another process has taken the run over."""

    def release(self, purge: Purge) -> None:
        """Give the run up: it counts as queued again, unless another process has taken it over."""

    def finish(self, purge: Purge, counts: Mapping[str, int]) -> bool:
        """End the run; False if another process has taken it over."""

    def get(self, purge_id: int) -> Purge | None: ...


class ExpiringRows(Protocol):
    """A table whose rows are of no use any more after a time."""

    def forget_expired(self, limit: int) -> int:
        """Delete up to `limit` rows whose time is over; returns how many. Rows in use wait for another call."""


class Heartbeats(Protocol):
    """Which processes live, by the database's clock."""

    def beat(self, process_id: str, role: str) -> None: ...

    def alive(self, role: str) -> bool:
        """Whether any process of this role was seen in the last 15 seconds."""

    def check(self) -> None:
        """Ask the database anything; returns if it answers."""
