"""Events and share links in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.events import Event
from app.domain.share_link import ShareLink
from app.ports.sharing import NewShareLink
from tests.twins.memory_database import MemoryDatabase

_NOTED_EVERY = timedelta(minutes=1)
_CLOSED_KEPT = timedelta(days=90)


class MemoryEventStore:
    """Implements ports.EventStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def add(self, event: Event) -> Event:
        with self._database.transaction():
            kept = replace(event, created_at=self._database.now())
            self._database.table("event")[event.id] = kept
            return kept

    def get(self, event_id: UUID) -> Event | None:
        with self._database.transaction():
            return self._database.table("event").get(event_id)

    def page(self, page: int, page_size: int) -> tuple[Sequence[Event], int]:
        with self._database.transaction():
            found = list(self._database.table("event").values())
        newest = sorted(found, key=lambda event: (event.starts_at, event.id.bytes), reverse=True)
        return newest[(page - 1) * page_size :][:page_size], len(newest)

    def change(self, event: Event) -> Event | None:
        with self._database.transaction():
            old = self.get(event.id)
            if old is None:
                return None
            kept = replace(event, created_by=old.created_by, created_at=old.created_at)
            self._database.table("event")[event.id] = kept
            return kept

    def remove(self, event_id: UUID, author: str) -> Event | None:
        with self._database.transaction():
            gone: Event | None = self._database.table("event").pop(event_id, None)
            links = self._database.table("share_link")
            for row in [row for row in links.values() if gone and row.event_id == event_id]:
                assert gone is not None
                links[row.link.id] = _Row(self._closed(row.link, gone.name, author), None)
            return gone

    def _closed(self, link: ShareLink, event_name: str, author: str) -> ShareLink:
        end = {} if link.revoked_at else {"revoked_at": self._database.now(), "revoked_by": author}
        return replace(link, name=link.name or event_name, **end)


@dataclass(frozen=True, slots=True)
class _Row:
    """A link as a table holds it: of its event only the id."""

    link: ShareLink
    event_id: UUID | None


class MemoryShareLinkStore:
    """Implements ports.ShareLinkStore and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def add(self, link: NewShareLink) -> ShareLink:
        with self._database.transaction():
            if link.event_id is not None and link.event_id not in self._database.table("event"):
                raise LookupError(f"there is no event {link.event_id}")
            now = self._database.now()
            kept = ShareLink(
                id=link.id,
                digest=link.digest,
                name=link.name,
                slot_id=link.slot_id,
                event=None,
                audience=link.audience,
                allows_archive=link.allows_archive,
                password_hash=link.password_hash,
                created_by=link.author,
                created_at=now,
                expires_at=now + timedelta(seconds=link.lifetime_seconds),
                revoked_at=None,
                revoked_by=None,
                last_opened_at=None,
                read_at=now,
            )
            return self._keep(_Row(kept, link.event_id))

    def get(self, link_id: UUID) -> ShareLink | None:
        with self._database.transaction():
            row = self._rows.get(link_id)
            return self._read(row) if row else None

    def opened(self, digest: str) -> ShareLink | None:
        with self._database.transaction():
            row = next((row for row in self._rows.values() if row.link.digest == digest), None)
            if row is None:
                return None
            found, now = self._read(row), self._database.now()
            is_noted = found.last_opened_at is not None and found.last_opened_at >= now - _NOTED_EVERY
            if found.is_open and not is_noted:
                self._keep(replace(row, link=replace(row.link, last_opened_at=now)))
            return found

    def page(
        self, page: int, page_size: int, *, slot_id: str | None = None, event_id: UUID | None = None
    ) -> tuple[Sequence[ShareLink], int]:
        with self._database.transaction():
            wanted = [
                self._read(row)
                for row in self._rows.values()
                if slot_id in (None, row.link.slot_id) and event_id in (None, row.event_id)
            ]
        found = sorted(wanted, key=lambda link: (link.is_open, link.created_at, link.id.bytes), reverse=True)
        return found[(page - 1) * page_size :][:page_size], len(found)

    def revoke(self, link_id: UUID, author: str) -> ShareLink | None:
        return self._change_open(link_id, revoked_at=self._database.now(), revoked_by=author)

    def prolong(self, link_id: UUID, expires_at: datetime) -> ShareLink | None:
        return self._change_open(link_id, expires_at=expires_at)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            long_ago = self._database.now() - _CLOSED_KEPT
            return self._database.forget("share_link", lambda row: _closed_at(row.link) < long_ago, limit)

    def _change_open(self, link_id: UUID, **changes: Any) -> ShareLink | None:
        with self._database.transaction():
            found = self.get(link_id)
            if found is None or not found.is_open:
                return None
            row = self._rows[link_id]
            return self._keep(replace(row, link=replace(row.link, **changes)))

    def _keep(self, row: _Row) -> ShareLink:
        self._rows[row.link.id] = row
        return self._read(row)

    def _read(self, row: _Row) -> ShareLink:
        event = self._database.table("event")[row.event_id] if row.event_id else None
        return replace(row.link, event=event, read_at=self._database.now())

    @property
    def _rows(self) -> dict[UUID, _Row]:
        return self._database.table("share_link")


def _closed_at(link: ShareLink) -> datetime:
    return min(link.expires_at, link.revoked_at or link.expires_at)
