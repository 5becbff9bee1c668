"""Events, and the links by which guests come to photos."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, delete, func, insert, select, text, true, update

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import event as event_table
from app.adapters.db.schema import share_link
from app.domain.events import Event
from app.domain.share_link import Audience, ShareLink
from app.ports.sharing import NewShareLink

_CLOSED_KEPT = timedelta(days=90)


class PostgresEventStore:
    """Implements ports.EventStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, event: Event) -> Event:
        values = {"id": event.id, "created_by": event.created_by, **_content(event)}
        return _event(self._database.run(insert(event_table).values(values).returning(event_table))[0])

    def get(self, event_id: UUID) -> Event | None:
        rows = self._database.run(select(event_table).where(event_table.c.id == event_id))
        return _event(rows[0]) if rows else None

    def page(self, page: int, page_size: int) -> tuple[Sequence[Event], int]:
        newest = select(event_table).order_by(event_table.c.starts_at.desc(), event_table.c.id.desc())
        with self._database.transaction() as session:
            total = session.scalar(select(func.count()).select_from(event_table)) or 0
            rows = session.execute(newest.limit(page_size).offset((page - 1) * page_size)).all()
        return [_event(row) for row in rows], total

    def change(self, event: Event) -> Event | None:
        changed = update(event_table).where(event_table.c.id == event.id).values(_content(event))
        rows = self._database.run(changed.returning(event_table))
        return _event(rows[0]) if rows else None

    def remove(self, event_id: UUID, author: str) -> Event | None:
        its = event_table.c.id == event_id
        with self._database.transaction() as session:
            # No link to it can be added from here on: ShareLinkStore.add waits for this lock, and finds no event.
            found = session.execute(select(event_table).where(its).with_for_update()).first()
            if found is None:
                return None
            session.execute(_CLOSED, {"event_id": event_id, "event_name": found.name, "author": author})
            session.execute(delete(event_table).where(its))
            return _event(found)


class PostgresShareLinkStore:
    """Implements ports.ShareLinkStore and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, link: NewShareLink) -> ShareLink:
        values = {
            "id": link.id,
            "digest": link.digest,
            "name": link.name,
            "slot_id": link.slot_id,
            "event_id": link.event_id,
            "audience": link.audience.value,
            "allows_archive": link.allows_archive,
            "password_hash": link.password_hash,
            "created_by": link.author,
            "expires_at": func.now() + timedelta(seconds=link.lifetime_seconds),
        }
        # An event that somebody is removing is waited for, and one that is found stays until the link is there.
        its_event = select(event_table.c.id).where(event_table.c.id == link.event_id)
        held = its_event.with_for_update(read=True, key_share=True)
        with self._database.transaction() as session:
            if link.event_id is not None and session.execute(held).first() is None:
                raise LookupError(f"there is no event {link.event_id}")
            session.execute(insert(share_link).values(values))
            return _link(session.execute(_LINKS.where(share_link.c.id == link.id)).one())

    def get(self, link_id: UUID) -> ShareLink | None:
        rows = self._database.run(_LINKS.where(share_link.c.id == link_id))
        return _link(rows[0]) if rows else None

    def opened(self, digest: str) -> ShareLink | None:
        rows = self._database.run(_OPENED, {"digest": digest})
        return _link(rows[0]) if rows else None

    def page(
        self, page: int, page_size: int, *, slot_id: str | None = None, event_id: UUID | None = None
    ) -> tuple[Sequence[ShareLink], int]:
        conditions = {share_link.c.slot_id: slot_id, share_link.c.event_id: event_id}
        wanted = and_(true(), *(column == value for column, value in conditions.items() if value is not None))
        order = (_IS_OPEN.desc(), share_link.c.created_at.desc(), share_link.c.id.desc())
        query = _LINKS.where(wanted).order_by(*order).limit(page_size).offset((page - 1) * page_size)
        with self._database.transaction() as session:
            total = session.scalar(select(func.count()).select_from(share_link).where(wanted)) or 0
            rows = session.execute(query).all()
        return [_link(row) for row in rows], total

    def revoke(self, link_id: UUID, author: str) -> ShareLink | None:
        return self._change_open(link_id, {"revoked_at": func.now(), "revoked_by": author})

    def prolong(self, link_id: UUID, expires_at: datetime) -> ShareLink | None:
        return self._change_open(link_id, {"expires_at": expires_at})

    def forget_expired(self, limit: int) -> int:
        closed_at = func.least(share_link.c.expires_at, share_link.c.revoked_at)
        return forget(self._database, share_link, closed_at < func.now() - _CLOSED_KEPT, limit)

    def _change_open(self, link_id: UUID, values: dict[str, Any]) -> ShareLink | None:
        changed = update(share_link).where(share_link.c.id == link_id, _IS_OPEN).values(values)
        with self._database.transaction() as session:
            if session.execute(changed.returning(share_link.c.id)).first() is None:
                return None
            return _link(session.execute(_LINKS.where(share_link.c.id == link_id)).one())


_IS_OPEN = and_(share_link.c.revoked_at.is_(None), share_link.c.expires_at > func.now())

_EVENT_COLUMNS = [column.label(f"event_{column.name}") for column in event_table.c if column.name != "id"]

_LINKS = select(share_link, *_EVENT_COLUMNS, func.now().label("read_at")).outerjoin(event_table)

# Found and noted in one round trip, the same for a digest that nobody has; most requests find that the note is fresh
# enough, and write nothing.
_OPENED = text("""
WITH found AS (SELECT * FROM share_link WHERE digest = :digest),
     noted AS (UPDATE share_link SET last_opened_at = now() FROM found
               WHERE share_link.digest = found.digest
                 AND found.revoked_at IS NULL AND found.expires_at > now()
                 AND (found.last_opened_at IS NULL OR found.last_opened_at < now() - interval '1 minute'))
SELECT found.*, event.name AS event_name, event.starts_at AS event_starts_at, event.ends_at AS event_ends_at,
       event.slot_ids AS event_slot_ids, event.created_by AS event_created_by, event.created_at AS event_created_at,
       now() AS read_at
FROM found LEFT JOIN event ON event.id = found.event_id
""")


_CLOSED = text("""
UPDATE share_link SET event_id = NULL, name = coalesce(nullif(name, ''), :event_name),
       revoked_at = coalesce(revoked_at, now()),
       revoked_by = CASE WHEN revoked_at IS NULL THEN :author ELSE revoked_by END
WHERE event_id = :event_id
""")


def _content(event: Event) -> dict[str, Any]:
    return {
        "name": event.name,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "slot_ids": sorted(event.slot_ids),
    }


def _event(row: Row[Any]) -> Event:
    slots = frozenset(row.slot_ids)
    return Event(row.id, row.name, row.starts_at, row.ends_at, slots, row.created_by, row.created_at)


def _link(row: Row[Any]) -> ShareLink:
    return ShareLink(
        id=row.id,
        digest=row.digest,
        name=row.name,
        slot_id=row.slot_id,
        event=_event_of(row),
        audience=Audience(row.audience),
        allows_archive=row.allows_archive,
        password_hash=row.password_hash,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        last_opened_at=row.last_opened_at,
        read_at=row.read_at,
    )


def _event_of(row: Row[Any]) -> Event | None:
    if row.event_id is None:
        return None
    return Event(
        row.event_id,
        row.event_name,
        row.event_starts_at,
        row.event_ends_at,
        frozenset(row.event_slot_ids),
        row.event_created_by,
        row.event_created_at,
    )
