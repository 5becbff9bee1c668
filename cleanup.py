"""The cleanup process: APScheduler asks for a purge every 15 minutes, and runs whatever was asked for."""

import signal
import threading
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from app.domain.errors import Unavailable
from app.services.retention import RetentionService
from app.startup import startup
from app.wiring import Wiring

log = structlog.get_logger(__name__)

PURGE_MINUTES = 15
_LOOK_SECONDS = 2


def main() -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with startup("cleanup") as settings:
        scheduler = schedule(Wiring(settings, role="cleanup", pool_size=2).retention)
    scheduler.start()
    stopping.wait()
    scheduler.shutdown(wait=True)


def schedule(retention: RetentionService) -> BackgroundScheduler:
    """A purge at start and every 15 minutes; administrators' requests within two seconds.

    Late runs are caught up once instead of being dropped, which is the library's default.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(_ask, "interval", [retention], minutes=PURGE_MINUTES, next_run_time=datetime.now(UTC))
    scheduler.add_job(_run, "interval", [retention], seconds=_LOOK_SECONDS, next_run_time=datetime.now(UTC))
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


if __name__ == "__main__":
    main()
