"""The post tracker's process: signals and a loop. What it does is in app.services.vk, step by step."""

import os
import signal
import sys

import structlog

from app.startup import startup
from app.wiring import Wiring

log = structlog.get_logger(__name__)

_POOL_SIZE = 12  # a connection for each thread of the loop


def main() -> int:
    with startup("tracker") as settings:
        wiring = Wiring(settings, role="tracker", pool_size=_POOL_SIZE)
        loop = wiring.tracker()
    # Blocked here and in the threads that follow, signals wait to be asked for: no handler can come in between.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    loop.start()
    log.info("tracker_started", tracker=wiring.process_id)
    signal.sigwait(signals)
    has_ended = loop.stop(settings.shutdown_grace_seconds)
    log.info("tracker_stopped", left_work=not has_ended)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A thread inside a call of VK's cannot be stopped; its post is looked for, or taken again, by whoever runs then.
    os._exit(code)
