"""A row of what is refreshed, which the cache and the queue of refreshes share."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.vk.content import ContentKind
from tests.twins.memory_database import MemoryDatabase

RefreshKey = tuple[UUID, ContentKind, int]


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """As the table community_refresh holds it."""

    wished_at: datetime
    next_try_at: datetime
    wanted: int = 0
    done: int = 0
    taken_until: datetime | None = None
    attempts: int = 0
    refreshed_at: datetime | None = None
    error: str = ""


def refresh_rows(database: MemoryDatabase) -> dict[RefreshKey, RefreshRow]:
    """Only to be used inside a transaction."""
    return database.table("community_refresh")


def change_refresh(database: MemoryDatabase, key: RefreshKey, **changes: Any) -> None:
    """Change the row, or add it; only to be used inside a transaction."""
    rows, now = refresh_rows(database), database.now()
    rows[key] = replace(rows.get(key, RefreshRow(wished_at=now, next_try_at=now)), **changes)
