"""Whether this installation can do its work."""

from collections.abc import Callable

from app.domain.errors import Unavailable
from app.ports import Heartbeats, MediaStore


class HealthService:
    def __init__(self, *, heartbeats: Heartbeats, media: MediaStore) -> None:
        self._heartbeats = heartbeats
        self._media = media

    def readiness(self) -> dict[str, bool]:
        """Which of database, media_store and worker are there."""
        database = _answers(self._heartbeats.check)
        return {
            "database": database,
            "media_store": _answers(self._media.check),
            "worker": database and self._heartbeats.alive("worker"),
        }


def _answers(check: Callable[[], None]) -> bool:
    try:
        check()
    except Unavailable:
        return False
    return True
