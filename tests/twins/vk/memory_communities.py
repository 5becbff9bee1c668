"""Communities in memory."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community, LatePolicy
from tests.twins.memory_database import MemoryDatabase

_OF_A_COMMUNITY = (
    "album",
    "album_upload",
    "community_refresh",
    "community_update",
    "filled_album",
    "global_variable",
    "past_post",
    "photo",
    "system_post",
    "update_cursor",
    "wall_post",
)


class MemoryCommunityStore:
    """Implements ports.vk.CommunityStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def add(self, community: Community) -> Community:
        with self._database.transaction():
            if self.of_group(community.group_id):
                raise Refused(Reason.COMMUNITY_EXISTS, "This community is connected already.")
            kept = replace(community, version=1, created_at=self._database.now())
            self._rows[community.id] = kept
            return kept

    def get(self, community_id: UUID) -> Community | None:
        with self._database.transaction():
            return self._rows.get(community_id)

    def of_group(self, group_id: int) -> Community | None:
        with self._database.transaction():
            return next((row for row in self._rows.values() if row.group_id == group_id), None)

    def all(self) -> Sequence[Community]:
        with self._database.transaction():
            return sorted(self._rows.values(), key=lambda community: (community.name, community.group_id))

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
        with self._database.transaction():
            old = self._rows.get(community_id)
            if old is None:
                return None
            wanted = {
                "name": name,
                "screen_name": screen_name,
                "photo_url": photo_url,
                "confirmation_code": confirmation_code,
                "callback_server_id": callback_server_id,
                "late_policy": late_policy,
            }
            given = {field: value for field, value in wanted.items() if value is not None}
            self._rows[community_id] = replace(old, **given, version=old.version + 1)
            return self._rows[community_id]

    def remove(self, community_id: UUID) -> Community | None:
        with self._database.transaction():
            for name in _OF_A_COMMUNITY:
                rows = self._database.table(name)
                for key in [key for key, row in rows.items() if _belongs(key, row, community_id)]:
                    del rows[key]
            return self._rows.pop(community_id, None)

    @property
    def _rows(self) -> dict[UUID, Community]:
        return self._database.table("community")


def _belongs(key: object, row: object, community_id: UUID) -> bool:
    """By part of the key, or by what the row says."""
    named = key if isinstance(key, tuple) else (key,)
    described = getattr(row, "post", row)
    return community_id in (*named, getattr(described, "community_id", None))
