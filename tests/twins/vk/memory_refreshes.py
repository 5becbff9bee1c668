"""Which content is to be read from VK again, and the events that told so, in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.vk.content import ContentKind
from app.ports.vk.communities import RefreshTask
from tests.twins.memory_database import MemoryDatabase
from tests.twins.vk.refresh_row import RefreshKey, RefreshRow, change_refresh, refresh_rows

_EVENTS_KEPT = timedelta(days=7)


class MemoryRefreshQueue:
    """Implements ports.RefreshQueue."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def wish(self, community_id: UUID, kind: ContentKind, album_id: int = 0) -> None:
        with self._database.transaction():
            if community_id in self._database.table("community"):
                row = self._row((community_id, kind, album_id))
                since = row.wished_at if row.wanted > row.done else self._database.now()
                self._change((community_id, kind, album_id), wanted=row.wanted + 1, wished_at=since)

    def take(self, limit: int, hold_seconds: float) -> Sequence[RefreshTask]:
        with self._database.transaction():
            keys = self._free(lambda key, row: row.wanted > row.done)
            keys.sort(key=lambda key: self._row(key).wished_at)
            return [self._taken(key, hold_seconds) for key in keys[:limit]]

    def take_stale(
        self, kinds: Sequence[ContentKind], older_seconds: float, limit: int, hold_seconds: float
    ) -> Sequence[RefreshTask]:
        with self._database.transaction():
            for community_id in self._database.table("community"):
                for kind in kinds:
                    self._change((community_id, kind, 0))
            read_before = self._database.now() - timedelta(seconds=older_seconds)
            keys = self._free(lambda key, row: key[1] in kinds and key[2] == 0 and _is_stale(row, read_before))
            return [self._taken(key, hold_seconds) for key in keys[:limit]]

    def pending(self) -> frozenset[UUID]:
        with self._database.transaction():
            now, rows = self._database.now(), refresh_rows(self._database)
            return frozenset(key[0] for key, row in rows.items() if row.wanted > row.done and row.next_try_at <= now)

    def done(self, task: RefreshTask) -> None:
        with self._database.transaction():
            key = _key(task)
            if row := refresh_rows(self._database).get(key):
                now = self._database.now()
                read = {"done": max(row.done, task.wanted), "refreshed_at": now, "next_try_at": now, "error": ""}
                self._change(key, **read)
                if row.attempts == task.attempts:
                    self._change(key, taken_until=None, attempts=0)

    def failed(self, task: RefreshTask, error: str, retry_seconds: float) -> None:
        with self._database.transaction():
            row = refresh_rows(self._database).get(_key(task))
            if row and row.attempts == task.attempts:
                again_at = self._database.now() + timedelta(seconds=retry_seconds)
                self._change(_key(task), taken_until=None, next_try_at=again_at, error=error)

    def _row(self, key: RefreshKey) -> RefreshRow:
        self._change(key)
        return refresh_rows(self._database)[key]

    def _change(self, key: RefreshKey, **changes: object) -> None:
        change_refresh(self._database, key, **changes)

    def _free(self, is_due: Callable[[RefreshKey, RefreshRow], bool]) -> list[RefreshKey]:
        now, rows = self._database.now(), refresh_rows(self._database)
        return [key for key, row in rows.items() if is_due(key, row) and _is_free(row, now)]

    def _taken(self, key: RefreshKey, hold_seconds: float) -> RefreshTask:
        row = self._row(key)
        until = self._database.now() + timedelta(seconds=hold_seconds)
        self._change(key, taken_until=until, attempts=row.attempts + 1)
        return RefreshTask(*key, row.wanted, row.attempts + 1, row.wanted > row.done)


class MemoryCallbackLedger:
    """Implements ports.CallbackLedger and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._queue = MemoryRefreshQueue(database)

    def receive(
        self, group_id: int, event_id: str, kind: str, community_id: UUID, wishes: Sequence[tuple[ContentKind, int]]
    ) -> bool:
        with self._database.transaction():
            known = self._database.table("callback_event")
            if (group_id, event_id) in known:
                return False
            known[group_id, event_id] = self._database.now()
            for wished, album_id in wishes:
                self._queue.wish(community_id, wished, album_id)
            return True

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            since = self._database.now() - _EVENTS_KEPT
            return self._database.forget("callback_event", lambda received_at: received_at < since, limit)


def _key(task: RefreshTask) -> RefreshKey:
    return task.community_id, task.kind, task.album_id


def _is_free(row: RefreshRow, now: datetime) -> bool:
    return row.next_try_at <= now and (row.taken_until is None or row.taken_until <= now)


def _is_stale(row: RefreshRow, read_before: datetime) -> bool:
    return row.wanted == row.done and (row.refreshed_at is None or row.refreshed_at <= read_before)
