"""The time at the fake, which tests move instead of waiting."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Runs as any clock does, ahead of the real one by what it was moved."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def unix(self) -> int:
        """Whole seconds, as VK tells times."""
        return int(time.time() + self._ahead.total_seconds())

    def move(self, **by: float) -> None:
        """Forward by a timedelta's arguments: `move(minutes=5)`."""
        self._ahead += timedelta(**by)
