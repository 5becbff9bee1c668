"""How often tokens may call."""

import time
from collections import Counter, defaultdict, deque

from tests.support.fakes.vk.clock import Clock
from tests.support.fakes.vk.refusals import Refusal

USER_CALLS, COMMUNITY_CALLS = 3, 20
"""Calls a second."""


class Pace:
    """Calls a second are refused by real time, and only once `is_enforced`: else every test would have to be slow."""

    def __init__(self, clock: Clock) -> None:
        self.is_enforced = False
        self.wall_gets_a_day = 5_000
        self._clock = clock
        self._latest: dict[str, deque[float]] = defaultdict(deque)
        self._wall_gets: Counter[tuple[str, int]] = Counter()

    def admit(self, token: str, calls_per_second: int, method: str) -> None:
        """Raises Refusal with code 6, or 29 for more looks at walls than a day allows."""
        latest, now = self._latest[token], time.monotonic()
        while latest and latest[0] <= now - 1:
            latest.popleft()
        if self.is_enforced and len(latest) >= calls_per_second:
            raise Refusal(6)
        latest.append(now)
        if method == "wall.get":
            self._count_wall_get(token)

    def _count_wall_get(self, token: str) -> None:
        today = (token, self._clock.unix() // 86_400)
        if self._wall_gets[today] >= self.wall_gets_a_day:
            raise Refusal(29)
        self._wall_gets[today] += 1
