"""What studios shoot: a named stretch of time at some of the booths."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """A named time window, aware, from `starts_at` on and before `ends_at`; no `slot_ids` mean all slots."""

    id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    slot_ids: frozenset[str]
    created_by: str | None
    created_at: datetime
