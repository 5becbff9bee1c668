"""Events, and links for guests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.events import Event
from app.domain.share_link import Audience, ShareLink


class EventStore(Protocol):
    """Events, those that began last first."""

    def add(self, event: Event) -> Event:
        """Returns the event as it is stored: it was created now, by the database's clock."""

    def get(self, event_id: UUID) -> Event | None: ...

    def page(self, page: int, page_size: int) -> tuple[Sequence[Event], int]:
        """A page of them, and how many there are in all."""

    def change(self, event: Event) -> Event | None:
        """Store name, window and slots; None if there is no such event."""

    def remove(self, event_id: UUID, author: str) -> Event | None:
        """Delete it; returns what is gone. The links to it lead to nothing, and are revoked if they were not.

        Those without a name of their own are called as the event was.
        """


@dataclass(frozen=True, slots=True)
class NewShareLink:
    """A link to be stored; `digest` is SHA-256 in hex of its token. It lives `lifetime_seconds` from now."""

    id: UUID
    digest: str = field(repr=False)
    name: str
    slot_id: str | None
    event_id: UUID | None
    audience: Audience
    allows_archive: bool
    password_hash: str | None = field(repr=False)
    lifetime_seconds: float
    author: str


class ShareLinkStore(Protocol):
    """Links by the digests of their tokens. Expired and revoked ones stay for a while, to say so."""

    def add(self, link: NewShareLink) -> ShareLink:
        """Raises LookupError if there is no such event any more."""

    def get(self, link_id: UUID) -> ShareLink | None: ...

    def opened(self, digest: str) -> ShareLink | None:
        """The link as it was before, open or not; being opened is noted at most once a minute."""

    def page(
        self, page: int, page_size: int, *, slot_id: str | None = None, event_id: UUID | None = None
    ) -> tuple[Sequence[ShareLink], int]:
        """A page of them, newest first, open ones before others, and how many there are in all."""

    def revoke(self, link_id: UUID, author: str) -> ShareLink | None:
        """The link, which is revoked from now on; None if there is no such link, or it was not open any more."""

    def prolong(self, link_id: UUID, expires_at: datetime) -> ShareLink | None:
        """Let an open link live until `expires_at`; None as above."""
