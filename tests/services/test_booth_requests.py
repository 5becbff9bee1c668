"""What booths sent is written by a thread of its own, whose failures are seen and for which nobody waits."""

import threading
from collections.abc import Iterator

import pytest
import structlog

from app.domain.booth_request import BoothRequest
from app.domain.errors import DatabaseUnavailable
from app.services.booth_requests import BoothRequestService
from tests.adapters.test_booth_requests import REQUEST
from tests.waiting import until


class Shelf:
    """Implements ports.BoothRequests: keeps what comes while `is_open`, and raises the next of `troubles`."""

    def __init__(self) -> None:
        self.kept: list[BoothRequest] = []
        self.troubles: list[Exception] = []
        self.writer: threading.Thread | None = None
        self.is_open = threading.Event()
        self.is_open.set()

    def note(self, request: BoothRequest) -> None:
        self.writer = threading.current_thread()
        self.is_open.wait(10)
        if self.troubles:
            raise self.troubles.pop()
        self.kept.append(request)

    def latest(self, slot_id: str) -> list[BoothRequest]:
        return [request for request in self.kept if request.slot_id == slot_id]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def service(shelf: Shelf) -> Iterator[BoothRequestService]:
    service = BoothRequestService(shelf)
    yield service
    service.close()


@pytest.mark.parametrize(
    ("trouble", "level"),
    [(DatabaseUnavailable("gone"), "warning"), (ValueError("no JSON"), "error")],
    ids=["the database is away", "anything else"],
)
def test_what_cannot_be_written_is_logged_and_the_next_is_kept(
    shelf: Shelf, service: BoothRequestService, trouble: Exception, level: str
) -> None:
    shelf.troubles = [trouble]
    with structlog.testing.capture_logs() as lines:
        service.note(REQUEST)
        service.note(REQUEST)
        until(lambda: service.latest("slot-001"), what="the second is kept")
    assert [(line["event"], line["log_level"]) for line in lines] == [("booth_request_not_noted", level)]


def test_at_the_end_nothing_waits_for_what_is_queued(shelf: Shelf, service: BoothRequestService) -> None:
    shelf.is_open.clear()
    for _ in range(3):
        service.note(REQUEST)
    writer = until(lambda: shelf.writer, what="the first is being written")
    service.close()
    shelf.is_open.set()
    writer.join(10)
    assert len(shelf.kept) == 1
