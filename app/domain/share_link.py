"""A link by which guests come to the photos of a slot or an event."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.events import Event
from app.domain.photo import PhotoFilter


class Audience(StrEnum):
    """ALL: whoever has the link sees every photo. OWN: only those whose own codes were opened on the same device."""

    ALL = "all"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link without its token. Either `slot_id` or `event` is set. `last_opened_at` lags up to a minute behind.

    `password_hash` is None for a link without a password; `allows_archive`: guests may take all photos as a ZIP.
    """

    id: UUID
    name: str
    slot_id: str | None
    event: Event | None
    audience: Audience
    allows_archive: bool
    password_hash: str | None
    created_by: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    last_opened_at: datetime | None
    read_at: datetime  # the database's clock when this was read

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.read_at < self.expires_at

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None

    @property
    def wanted(self) -> PhotoFilter:
        """The photos that the link leads to; those of test runs are never among them."""
        if self.event is not None:
            return PhotoFilter(self.event.slot_ids or None, start=self.event.starts_at, end=self.event.ends_at)
        return PhotoFilter(frozenset([self.slot_id or ""]))
