"""Which communities changed since somebody looked."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import update_cursor
from app.adapters.db.vk import updates_sql as sql

_TABS_KEPT = timedelta(days=2)


class PostgresUpdateLog:
    """Implements ports.UpdateLog and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, community_id: UUID) -> None:
        self._database.run(sql.MARK, {"community_id": community_id})

    def take(self, username: str, reader: str) -> Sequence[UUID]:
        rows = self._database.run(sql.TAKE, {"username": username, "reader": reader})
        return [row.community_id for row in rows]

    def unseen(self, username: str) -> frozenset[UUID]:
        return frozenset(row.community_id for row in self._database.run(sql.UNSEEN, {"username": username}))

    def see(self, username: str, community_id: UUID) -> None:
        self._database.run(sql.SEE, {"username": username, "community_id": community_id})

    def forget_expired(self, limit: int) -> int:
        """A tab whose cursor is gone begins as a new one does."""
        is_over = and_(update_cursor.c.reader != "", update_cursor.c.at < func.now() - _TABS_KEPT)
        return forget(self._database, update_cursor, is_over, limit)
