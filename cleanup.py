"""The cleanup process: purges every 15 minutes and when somebody asks, tells alerts, copies photos to the studio."""

import signal
import threading
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from app.domain.errors import Unavailable
from app.services.copies import CopyService
from app.services.notices import NoticeService
from app.services.retention import RetentionService
from app.startup import startup
from app.wiring import Wiring

log = structlog.get_logger(__name__)

PURGE_MINUTES = 15
_LOOK_SECONDS = 2
_TELL_SECONDS = 15
_COPY_SECONDS = 2
_POOL_SIZE = 4  # a connection for each of the tasks


def main() -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with startup("cleanup") as settings:
        wiring = Wiring(settings, role="cleanup", pool_size=_POOL_SIZE)
        scheduler = schedule(wiring.retention, wiring.notices, wiring.copies)
    scheduler.start()
    stopping.wait()
    scheduler.shutdown(wait=True)


def schedule(retention: RetentionService, notices: NoticeService, copies: CopyService) -> BackgroundScheduler:
    """A purge at start and every 15 minutes; administrators' requests and copies within two seconds; alerts within 15.

    Each runs in a thread of its own, so that a disk that hangs holds up copies alone. Late runs are caught up once
    instead of being dropped, which is the library's default.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(_ask, "interval", [retention], minutes=PURGE_MINUTES, next_run_time=datetime.now(UTC))
    scheduler.add_job(_run, "interval", [retention], seconds=_LOOK_SECONDS, next_run_time=datetime.now(UTC))
    scheduler.add_job(_tell, "interval", [notices], seconds=_TELL_SECONDS, next_run_time=datetime.now(UTC))
    scheduler.add_job(_copy, "interval", [copies], seconds=_COPY_SECONDS, next_run_time=datetime.now(UTC))
    return scheduler


def _ask(retention: RetentionService) -> None:
    try:
        retention.request(None)
    except Unavailable as error:
        log.warning("purge_not_requested", error=str(error))


def _run(retention: RetentionService) -> None:
    try:
        while retention.run_requested():
            pass
    except Unavailable as error:
        log.warning("purge_interrupted", error=str(error))


def _tell(notices: NoticeService) -> None:
    try:
        notices.run()
    except Unavailable as error:
        log.warning("alerts_not_told", error=str(error))


def _copy(copies: CopyService) -> None:
    try:
        copies.run()
    except Unavailable as error:
        log.warning("copies_interrupted", error=str(error))


if __name__ == "__main__":
    main()
