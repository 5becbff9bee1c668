"""The wake-up call of a worker, inside one process."""

import contextlib
import queue


class MemoryJobSignal:
    """Implements ports.JobSignal; the queue is the one of the library that a signal handler may use."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[None] = queue.SimpleQueue()

    def wait(self, seconds: float) -> None:
        with contextlib.suppress(queue.Empty):
            self._calls.get(timeout=seconds)
            while True:
                self._calls.get_nowait()

    def wake(self) -> None:
        self._calls.put(None)

    def close(self) -> None:
        pass
