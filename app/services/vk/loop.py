"""Runs steps side by side until it is asked to stop: each again at once while there is work, else after its pause."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from app.domain.errors import Unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """`run` says whether there was work. `threads` of it go on at once, so that one that hangs keeps up no other."""

    name: str
    run: Callable[[], bool]
    pause_seconds: float
    threads: int = 1


class StepLoop:
    """Steps in threads of their own."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(step,), name=f"{step.name}-{number}", daemon=True)
            for step in steps
            for number in range(step.threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, grace_seconds: float) -> bool:
        """Begin no further step, and give those that run so long; whether all have ended."""
        self._stopping.set()
        ends_at = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _repeat(self, step: Step) -> None:
        while not self._stopping.is_set():
            if not _did_work(step):
                self._stopping.wait(step.pause_seconds)


def _did_work(step: Step) -> bool:
    try:
        return step.run()
    except Unavailable as error:
        log.warning("step_interrupted", step=step.name, error=str(error))
    except Exception:
        log.exception("step_crashed", step=step.name)
    return False
