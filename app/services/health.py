"""Whether this installation can do its work."""

import threading
import time
from collections.abc import Callable

from app.domain.errors import Unavailable
from app.ports.media import MediaStore
from app.ports.upkeep import Heartbeats

_STORE_VERDICT_SECONDS = 5.0  # to ask the store is to write, sync and delete a file


class HealthService:
    """`clock` gives seconds, as time.monotonic does."""

    def __init__(
        self, *, heartbeats: Heartbeats, media: MediaStore, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._heartbeats = heartbeats
        self._media = media
        self._clock = clock
        self._asking = threading.Lock()
        self._store_answers = False
        self._ask_store_at = clock()

    def readiness(self) -> dict[str, bool]:
        """Which of database, media_store and worker are there; the store as it was a few seconds ago at most."""
        database = _answers(self._heartbeats.check)
        return {
            "database": database,
            "media_store": self._media_store(),
            "worker": database and self._heartbeats.alive("worker"),
        }

    def _media_store(self) -> bool:
        with self._asking:
            if self._clock() >= self._ask_store_at:
                self._store_answers = _answers(self._media.check)
                self._ask_store_at = self._clock() + _STORE_VERDICT_SECONDS
            return self._store_answers


def _answers(check: Callable[[], None]) -> bool:
    try:
        check()
    except Unavailable:
        return False
    return True
