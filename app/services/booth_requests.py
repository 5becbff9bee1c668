"""What booths really sent, for the day when nothing works."""

import structlog

from app.domain.booth_request import BoothRequest
from app.domain.errors import DatabaseUnavailable
from app.ports.booth_requests import BoothRequests

log = structlog.get_logger(__name__)

NO_SLOT = ""


class BoothRequestService:
    def __init__(self, requests: BoothRequests) -> None:
        self._requests = requests

    def note(self, request: BoothRequest) -> None:
        """Keep the request. Without a database it is lost: the booth has its answer, and nobody may wait for this."""
        try:
            self._requests.note(request)
        except DatabaseUnavailable as error:
            log.warning("booth_request_not_noted", error=str(error))

    def latest(self, slot_id: str) -> list[BoothRequest]:
        """The slot's newest requests, the newest first."""
        return self._requests.latest(slot_id)

    def astray(self) -> list[BoothRequest]:
        """The newest requests whose address leads to no slot."""
        return self._requests.latest(NO_SLOT)
