"""The communities that photos are published to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.adapters.db.connection import Database
from app.adapters.db.schema import community as community_table
from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community, LatePolicy


class PostgresCommunityStore:
    """Implements ports.vk.CommunityStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, community: Community) -> Community:
        statement = insert(community_table).values(_content(community)).on_conflict_do_nothing()
        rows = self._database.run(statement.returning(community_table))
        if not rows:
            raise Refused(Reason.COMMUNITY_EXISTS, "This community is connected already.")
        return _community(rows[0])

    def get(self, community_id: UUID) -> Community | None:
        rows = self._database.run(select(community_table).where(community_table.c.id == community_id))
        return _community(rows[0]) if rows else None

    def of_group(self, group_id: int) -> Community | None:
        rows = self._database.run(select(community_table).where(community_table.c.group_id == group_id))
        return _community(rows[0]) if rows else None

    def all(self) -> Sequence[Community]:
        by_name = select(community_table).order_by(community_table.c.name, community_table.c.group_id)
        return [_community(row) for row in self._database.run(by_name)]

    def change(
        self,
        community_id: UUID,
        *,
        name: str | None = None,
        screen_name: str | None = None,
        photo_url: str | None = None,
        confirmation_code: str | None = None,
        callback_server_id: int | None = None,
        late_policy: LatePolicy | None = None,
    ) -> Community | None:
        wanted = {
            "name": name,
            "screen_name": screen_name,
            "photo_url": photo_url,
            "confirmation_code": confirmation_code,
            "callback_server_id": callback_server_id,
            "late_policy": late_policy,
        }
        given: dict[str, Any] = {column: value for column, value in wanted.items() if value is not None}
        changed = update(community_table).where(community_table.c.id == community_id)
        statement = changed.values(**given, version=community_table.c.version + 1).returning(community_table)
        rows = self._database.run(statement)
        return _community(rows[0]) if rows else None

    def remove(self, community_id: UUID) -> Community | None:
        gone = delete(community_table).where(community_table.c.id == community_id).returning(community_table)
        rows = self._database.run(gone)
        return _community(rows[0]) if rows else None


def _content(community: Community) -> dict[str, Any]:
    return {
        "id": community.id,
        "group_id": community.group_id,
        "name": community.name,
        "screen_name": community.screen_name,
        "photo_url": community.photo_url,
        "confirmation_code": community.confirmation_code,
        "callback_server_id": community.callback_server_id,
        "late_policy": community.late_policy,
        "created_by": community.created_by,
    }


def _community(row: Row[Any]) -> Community:
    return Community(
        id=row.id,
        group_id=row.group_id,
        name=row.name,
        screen_name=row.screen_name,
        photo_url=row.photo_url,
        confirmation_code=row.confirmation_code,
        callback_server_id=row.callback_server_id,
        late_policy=LatePolicy(row.late_policy),
        version=row.version,
        created_by=row.created_by,
        created_at=row.created_at,
    )
