"""What booths really sent, for the day when nothing works."""

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog

from app.domain.booth_request import BoothRequest
from app.domain.errors import DatabaseUnavailable
from app.ports.booth_requests import BoothRequests

log = structlog.get_logger(__name__)

NO_SLOT = ""
_WAITING_MAX = 32


class BoothRequestService:
    """Writes in a thread of its own: no booth waits for it, and no deadline."""

    def __init__(self, requests: BoothRequests) -> None:
        self._requests = requests
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="booth-requests")
        self._room = threading.BoundedSemaphore(_WAITING_MAX)

    def note(self, request: BoothRequest) -> None:
        """Keep the request soon. What comes while the database is away, or faster than it writes, is lost."""
        if self._room.acquire(blocking=False):
            self._writer.submit(self._write, request)

    def close(self) -> None:
        """The process ends: what still waits to be written is dropped."""
        self._writer.shutdown(wait=False, cancel_futures=True)

    def latest(self, slot_id: str) -> list[BoothRequest]:
        """The slot's newest requests, the newest first."""
        return self._requests.latest(slot_id)

    def astray(self) -> list[BoothRequest]:
        """The newest requests whose address leads to no slot."""
        return self._requests.latest(NO_SLOT)

    def _write(self, request: BoothRequest) -> None:
        try:
            self._requests.note(request)
        except DatabaseUnavailable as error:
            log.warning("booth_request_not_noted", error=str(error))
        except Exception as error:  # nobody looks at the future
            log.error("booth_request_not_noted", exc_info=error)
        finally:
            self._room.release()
