"""The wake-up call of a worker, inside one process."""

import threading


class MemoryJobSignal:
    """Implements ports.JobSignal."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def wait(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        pass
