"""The cleanup process: APScheduler asks for a purge every 15 minutes, and runs whatever was asked for."""

import signal
import sys
import threading
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from app.config import ConfigError, load_settings
from app.domain.errors import Unavailable
from app.logs import configure_logs
from app.services.retention import RetentionService
from app.wiring import Wiring

log = structlog.get_logger(__name__)

PURGE_MINUTES = 15
_LOOK_SECONDS = 2


def main() -> int:
    try:
        settings = load_settings()
    except ConfigError as error:
        print(f"cleanup: {error}", file=sys.stderr)
        return 2
    configure_logs("cleanup")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    scheduler = schedule(Wiring(settings, role="cleanup", pool_size=2).retention)
    scheduler.start()
    stopping.wait()
    scheduler.shutdown(wait=True)
    return 0


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
    sys.exit(main())
