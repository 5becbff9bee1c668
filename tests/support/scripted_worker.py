"""queue_worker.py with a provider that misbehaves on command: `python -m tests.support.scripted_worker SCRIPT [N]`.

echo   answers with the shot
slow   answers after N seconds
stamp  as slow, and prints when it answered, on the machine's monotonic clock
late   answers N seconds past its deadline, deaf to cancellation
hang   never answers
crash  takes the process down
"""

import os
import sys
import time

import queue_worker
from app.domain.deadlines import Deadline
from app.ports.providers import Connection, ProviderAnswer, ProviderRequest
from app.wiring import providers


class ScriptedProvider:
    """Implements ports.Provider."""

    def __init__(self, script: str, seconds: float) -> None:
        self._script = script
        self._seconds = seconds

    def check(self, connection: Connection, deadline: Deadline) -> None:
        """Nothing to ask."""

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        if self._script == "crash":
            os._exit(9)
        if self._script == "hang":
            time.sleep(3600)
        if self._script in ("slow", "stamp"):
            request.cancelled.wait(self._seconds)
        if self._script == "stamp":
            print("answered-at", time.monotonic(), flush=True)
        if self._script == "late":
            time.sleep(request.deadline.remaining(time.monotonic()) + self._seconds)
        return ProviderAnswer(request.shot.data)


if __name__ == "__main__":
    script, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    assert providers.load, "the scripted provider must take the place of what loads the real ones"
    providers.load = lambda adapter, tools: ScriptedProvider(script, seconds)
    code = queue_worker.main()
    sys.stdout.flush()
    os._exit(code)
