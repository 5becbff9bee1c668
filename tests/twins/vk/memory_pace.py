"""When a token may call VK next, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.vk.errors import VkQuotaUsedUp
from tests.twins.memory_database import MemoryDatabase

_MARGIN = 1.05
_QUEUE = timedelta(seconds=60)
_KEPT = timedelta(days=1)
_TABLE = "vk_pace"

_Key = tuple[str, str]
"""Token and method; "" for all methods."""


@dataclass(frozen=True, slots=True)
class _Row:
    next_at: datetime
    parked_until: datetime | None = None
    reason: str = ""

    def rests(self, now: datetime) -> bool:
        return self.parked_until is not None and self.parked_until > now

    def is_over(self, now: datetime) -> bool:
        return max(self.next_at, self.parked_until or self.next_at) < now - _KEPT


class MemoryTokenPace:
    """The twin of app.adapters.db.vk.pace.PostgresTokenPace."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def reserve(self, token: str, calls_per_second: int, method: str = "") -> float:
        with self._database.transaction():
            now = self._database.now()
            self._refuse_resting(now, (token, ""), (token, method))
            rows = self._database.table(_TABLE)
            row = rows.get((token, ""), _Row(now))
            begins_at = now if row.next_at > now + _QUEUE else max(row.next_at, now)
            rows[token, ""] = replace(row, next_at=begins_at + timedelta(seconds=_MARGIN / calls_per_second))
            return (begins_at - now).total_seconds()

    def park(self, token: str, seconds: float, reason: str, method: str = "") -> None:
        with self._database.transaction():
            now, rows = self._database.now(), self._database.table(_TABLE)
            row, until = rows.get((token, method), _Row(now)), now + timedelta(seconds=seconds)
            if row.parked_until is None or row.parked_until < until:
                rows[token, method] = replace(row, parked_until=until, reason=reason)

    def parked(self, tokens: Sequence[str]) -> Mapping[str, float]:
        with self._database.transaction():
            now, rows = self._database.now(), self._database.table(_TABLE)
            found = {token: rows[token, ""] for token in tokens if (token, "") in rows}
            return {token: _seconds(row, now) for token, row in found.items() if row.rests(now)}

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            now = self._database.now()
            return self._database.forget(_TABLE, lambda row: row.is_over(now), limit)

    def _refuse_resting(self, now: datetime, *keys: _Key) -> None:
        rows = self._database.table(_TABLE)
        resting = [rows[key] for key in keys if key in rows and rows[key].rests(now)]
        if resting:
            longest = max(resting, key=lambda row: _seconds(row, now))
            raise VkQuotaUsedUp(longest.reason, method=keys[-1][1], retry_after=_seconds(longest, now))


def _seconds(row: _Row, now: datetime) -> float:
    return (row.parked_until - now).total_seconds() if row.parked_until else 0.0
