"""Which content of communities is to be read from VK again, and the events that told so."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import callback_event
from app.adapters.db.vk import refreshes_sql as sql
from app.domain.vk.content import ContentKind
from app.ports.vk.communities import RefreshTask

_EVENTS_KEPT = timedelta(days=7)
"""VK repeats an event for less than two hours."""


class PostgresRefreshQueue:
    """Implements ports.RefreshQueue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wish(self, community_id: UUID, kind: ContentKind, album_id: int = 0) -> None:
        self._database.run(sql.WISH, _wishes(community_id, [(kind, album_id)]))

    def take(self, limit: int, hold_seconds: float) -> Sequence[RefreshTask]:
        rows = self._database.run(sql.TAKE, {"limit": limit, "hold_seconds": hold_seconds})
        return [_task(row) for row in sorted(rows, key=lambda row: row.wished_at)]

    def take_stale(
        self, kinds: Sequence[ContentKind], older_seconds: float, limit: int, hold_seconds: float
    ) -> Sequence[RefreshTask]:
        names = [kind.value for kind in kinds]
        self._database.run(sql.PREPARE, {"kinds": names})
        age = {"kinds": names, "older_seconds": older_seconds}
        rows = self._database.run(sql.TAKE_STALE, {**age, "limit": limit, "hold_seconds": hold_seconds})
        return [_task(row) for row in rows]

    def pending(self) -> frozenset[UUID]:
        return frozenset(row.community_id for row in self._database.run(sql.PENDING))

    def done(self, task: RefreshTask) -> None:
        self._database.run(sql.DONE, {**_held(task), "wanted": task.wanted})

    def failed(self, task: RefreshTask, error: str, retry_seconds: float) -> None:
        self._database.run(sql.FAILED, {**_held(task), "error": error, "retry_seconds": retry_seconds})


class PostgresCallbackLedger:
    """Implements ports.CallbackLedger and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def receive(
        self, group_id: int, event_id: str, kind: str, community_id: UUID, wishes: Sequence[tuple[ContentKind, int]]
    ) -> bool:
        event = {"group_id": group_id, "event_id": event_id, "type": kind}
        return bool(self._database.run(sql.RECEIVE, {**event, **_wishes(community_id, wishes)}))

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, callback_event, callback_event.c.received_at < func.now() - _EVENTS_KEPT, limit)


def _wishes(community_id: UUID, wishes: Sequence[tuple[ContentKind, int]]) -> dict[str, Any]:
    kinds, album_ids = [kind.value for kind, _ in wishes], [album_id for _, album_id in wishes]
    return {"community_id": community_id, "kinds": kinds, "album_ids": album_ids}


def _held(task: RefreshTask) -> dict[str, Any]:
    row = {"community_id": task.community_id, "kind": task.kind.value, "album_id": task.album_id}
    return {**row, "attempts": task.attempts}


def _task(row: Row[Any]) -> RefreshTask:
    kind = ContentKind(row.kind)
    return RefreshTask(row.community_id, kind, row.album_id, row.wanted, row.attempts, row.is_wished)
