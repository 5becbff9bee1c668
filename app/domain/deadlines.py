"""Time limits of one photo. Nothing here reads a clock: the caller says what time it is."""

from dataclasses import dataclass

SYNC_RESPONSE_RANGE = (45, 60)
SYNC_RESPONSE_DEFAULT = 48
RESULT_RETENTION_HOURS_RANGE = (24, 168)
RESULT_RETENTION_HOURS_DEFAULT = 72

# A booth must not give up before the answer: the timeout typed into it is the window plus this many seconds.
BOOTH_TIMEOUT_MARGIN = 5

_SHORTEST_TICK = 0.05
_YOUNG_WAIT = 1.0
_YOUNG_TICK = 0.1


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock of this process, in seconds."""

    ends_at: float

    def remaining(self, now: float) -> float:
        """Seconds left at `now` on the same clock, never negative."""
        return max(0.0, self.ends_at - now)


def poll_interval(setting: float, waiting: int, youngest_age: float) -> float:
    """Seconds until the next shared read of the jobs that `waiting` requests wait for.

    The database sees about one read a second for each waiting request, whatever their number, but never more
    than twenty a second; a wait younger than a second is looked at every 0.1 s so that quick effects feel instant.
    """
    tick = min(setting, max(_SHORTEST_TICK, setting / max(1, waiting)))
    return min(tick, _YOUNG_TICK) if youngest_age < _YOUNG_WAIT else tick
