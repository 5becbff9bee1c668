"""Which communities changed since somebody looked, in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tests.twins.memory_database import MemoryDatabase

_TABS_KEPT = timedelta(days=2)
_OWN = ""


class _Cursor(NamedTuple):
    """A row of the table update_cursor, by user name, reader and community."""

    reader: str
    seen: int
    at: datetime


class MemoryUpdateLog:
    """Implements ports.UpdateLog and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def mark(self, community_id: UUID) -> None:
        with self._database.transaction():
            if community_id in self._database.table("community"):
                numbers = self._database.table("community_update")
                numbers[community_id] = numbers.get(community_id, 0) + 1

    def take(self, username: str, reader: str) -> Sequence[UUID]:
        with self._database.transaction():
            unseen = self.unseen(username)
            new = [found for found in sorted(unseen) if self._number(found) > self._seen(username, reader, found)]
            for community_id in new:
                self._move(username, reader, community_id)
            return new

    def unseen(self, username: str) -> frozenset[UUID]:
        with self._database.transaction():
            numbers = self._database.table("community_update")
            return frozenset(found for found in numbers if numbers[found] > self._seen(username, _OWN, found))

    def see(self, username: str, community_id: UUID) -> None:
        with self._database.transaction():
            if self._number(community_id):
                self._move(username, _OWN, community_id)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            since = self._database.now() - _TABS_KEPT
            return self._database.forget("update_cursor", lambda row: row.reader != _OWN and row.at < since, limit)

    def _number(self, community_id: UUID) -> int:
        return int(self._database.table("community_update").get(community_id, 0))

    def _seen(self, username: str, reader: str, community_id: UUID) -> int:
        row: _Cursor | None = self._database.table("update_cursor").get((username, reader, community_id))
        return row.seen if row else 0

    def _move(self, username: str, reader: str, community_id: UUID) -> None:
        row = _Cursor(reader, self._number(community_id), self._database.now())
        self._database.table("update_cursor")[username, reader, community_id] = row
