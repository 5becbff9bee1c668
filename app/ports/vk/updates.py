"""What VK told us, and which communities changed since somebody looked."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from app.domain.vk.content import ContentKind


class CallbackLedger(Protocol):
    """Callback events, remembered so that a repeated one changes nothing."""

    def receive(
        self, group_id: int, event_id: str, kind: str, community_id: UUID, wishes: Sequence[tuple[ContentKind, int]]
    ) -> bool:
        """Write the event down and wish for the refreshes in one transaction; False if it was known already."""


class UpdateLog(Protocol):
    """Durable marks of communities that changed, each administrator's reading being their own."""

    def mark(self, community_id: UUID) -> None: ...

    def take(self, username: str, reader: str) -> Sequence[UUID]:
        """What changed since this reader, a browser tab of the administrator, took last; a new one begins with what
        the administrator has not seen."""

    def unseen(self, username: str) -> frozenset[UUID]:
        """What changed since the administrator opened the community: blue dots."""

    def see(self, username: str, community_id: UUID) -> None: ...
