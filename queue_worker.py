"""The worker process: signals and a loop. What it does is in app.services.work and app.services.processing."""

import os
import signal
import sys

from app.startup import startup
from app.wiring import Wiring

_CARE_CONNECTIONS = 3  # claims, leases and heartbeats, beside one connection for each running job


def main() -> int:
    with startup("worker") as settings:
        wiring = Wiring(settings, role="worker", pool_size=settings.worker_concurrency + _CARE_CONNECTIONS)
        worker = wiring.worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.ask_to_stop())
    worker.start()
    while not worker.is_stopping:
        if not worker.step():
            worker.idle()
    worker.drain(settings.shutdown_grace_seconds)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A thread inside a provider's call cannot be stopped, and its job belongs to another worker by now.
    os._exit(code)
