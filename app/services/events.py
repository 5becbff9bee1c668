"""Events: what a studio shoots, named, so that its photos are found and shared together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.domain.errors import Reason, Refused
from app.domain.events import Event, event_problems
from app.ports.audit import AuditLog
from app.ports.sharing import EventStore, ShareLinkStore
from app.ports.slots import SlotStore
from app.ports.upkeep import Transaction


class EventService:
    """Every `wanted` holds `name`, `starts_at` and `ends_at`, aware, and `slot_ids`, which may be left out for all."""

    def __init__(
        self,
        *,
        events: EventStore,
        links: ShareLinkStore,
        slots: SlotStore,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._events = events
        self._links = links
        self._slots = slots
        self._audit = audit
        self._transaction = transaction

    def page(self, page: int, page_size: int) -> tuple[Sequence[Event], int]:
        """A page of them, those that began last first, and how many there are in all."""
        return self._events.page(page, page_size)

    def find(self, event_id: UUID) -> Event:
        """Raises Refused(NOT_FOUND)."""
        return _found(self._events.get(event_id))

    def create(self, wanted: Mapping[str, Any], author: str) -> Event:
        """Raises Refused(INVALID_SETTINGS) with details by field."""
        content = self._content(wanted)
        with self._transaction():
            event = self._events.add(Event(uuid4(), **content, created_by=author, created_at=datetime.now(UTC)))
            self._audit.record(author, "event.created", str(event.id), {"label": event.name, **_told(event)})
        return event

    def change(self, event_id: UUID, wanted: Mapping[str, Any], author: str) -> Event:
        """Replace all of it; links to it lead to the photos of the new window. Raises as `find` and `create`."""
        content = self._content(wanted)
        with self._transaction():
            old = self.find(event_id)
            event = _found(self._events.change(replace(old, **content)))
            before, after = ({"name": one.name, **_told(one)} for one in (old, event))
            changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
            if changes:
                self._audit.record(author, "event.changed", str(event.id), {"label": old.name, **changes})
        return event

    def remove(self, event_id: UUID, author: str) -> None:
        """Delete it, close the links to it, and leave its photos alone; raises Refused(NOT_FOUND)."""
        with self._transaction():
            _, links = self._links.page(1, 1, event_id=event_id)
            event = _found(self._events.remove(event_id, author))
            self._audit.record(author, "event.removed", str(event.id), {"label": event.name, "links": links})

    def _content(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        problems = event_problems(wanted, [slot.id for slot in self._slots.all()])
        if problems:
            raise Refused(Reason.INVALID_SETTINGS, "The event cannot be like this.", details={"fields": problems})
        return {
            "name": wanted["name"].strip(),
            "starts_at": wanted["starts_at"].astimezone(UTC),
            "ends_at": wanted["ends_at"].astimezone(UTC),
            "slot_ids": frozenset(wanted.get("slot_ids", [])),
        }


def _found(event: Event | None) -> Event:
    if event is None:
        raise Refused(Reason.NOT_FOUND, "There is no such event.")
    return event


def _told(event: Event) -> dict[str, Any]:
    """As the audit log tells it."""
    return {
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "slots": ", ".join(sorted(event.slot_ids)),
    }
