"""Whether an archive that is being sent may go on."""

import threading
import time
from collections.abc import Callable, Collection
from uuid import UUID

from app.domain.photo import PhotoFilter
from app.ports.photos import COMMITS_SECONDS, PhotoReader


class Cut(Exception):
    """The archive ends here; the message says why."""


class Watch:
    """Over the photos `ids`, which are like `wanted`; looks for withdrawn ones every `seconds`.

    `since` is when somebody began to look for them, on this process's monotonic clock.
    """

    def __init__(
        self,
        photos: PhotoReader,
        wanted: PhotoFilter,
        ids: Collection[UUID],
        interrupted: threading.Event,
        seconds: float,
        since: float,
    ) -> None:
        self._photos = photos
        self._wanted = wanted
        self._ids = frozenset(ids)
        self._interrupted = interrupted
        self._seconds = seconds
        self._looked_at = since

    def check(self, is_gone: Callable[[], bool], is_allowed: Callable[[], bool]) -> None:
        """Raises Cut; costs a statement and `is_allowed` when it is time for them, and next to nothing otherwise."""
        if self._interrupted.is_set():
            raise Cut("this process stops")
        if is_gone():
            raise Cut("the reader is gone")
        now = time.monotonic()
        if now - self._looked_at >= self._seconds:
            self._look(now - self._looked_at, is_allowed)
            self._looked_at = now

    def _look(self, elapsed: float, is_allowed: Callable[[], bool]) -> None:
        if not is_allowed():
            raise Cut("it is not allowed any more")
        if self._ids and not self._ids.isdisjoint(self._photos.withdrawn(self._wanted, elapsed + COMMITS_SECONDS)):
            raise Cut("a photo was withdrawn")
