"""From what VK told us to what administrators' pages show: which communities changed."""

from collections.abc import Sequence
from uuid import UUID

from app.ports.vk.communities import RefreshQueue
from app.ports.vk.updates import UpdateLog

PROGRAM = "program"
"""The reader of whoever does not say which of an administrator's readers it is."""


class UpdateTracker:
    """Durable, and the same for every process; no reader takes an update from another."""

    def __init__(self, *, updates: UpdateLog, queue: RefreshQueue) -> None:
        self._updates = updates
        self._queue = queue

    def add_updated_project(self, project: UUID) -> None:
        """To be called once what is stored of the community is what VK has."""
        self._updates.mark(project)

    def get_and_clear_updates(self, username: str, reader: str = PROGRAM) -> Sequence[UUID]:
        """What changed since this reader of the administrator asked last.

        One that never asked is told what the administrator has not seen yet.
        """
        return self._updates.take(username, reader)

    def is_more_coming(self) -> bool:
        """VK has told of a change that is being read at this moment: it pays to ask again soon."""
        return bool(self._queue.pending())

    def unseen(self, username: str) -> frozenset[UUID]:
        """What changed since the administrator opened the community: its blue dot."""
        return self._updates.unseen(username)

    def see(self, username: str, project: UUID) -> None:
        """The administrator has opened the community: its blue dot goes, in other tabs too once they ask."""
        self._updates.see(username, project)
