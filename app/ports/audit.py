"""Who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that somebody did. `username` is None for the system itself.

    `action` names it in the past tense, such as `slot.changed`; `subject` is what was changed, such as `slot-003`, or
    empty. `detail` is JSON-ready and holds no secret, only that one was set or removed.
    """

    at: datetime
    username: str | None
    action: str
    subject: str
    detail: Mapping[str, Any]


class AuditLog(Protocol):
    def record(
        self, username: str | None, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        """Write a change down, inside the transaction that makes it if one is open: neither is there alone."""

    def search(
        self, *, subject: str | None = None, username: str | None = None, page: int, page_size: int
    ) -> tuple[list[Change], int]:
        """A page of changes, newest first, and how many there are in all; of one subject or user where one is given."""
