"""Many booths at once, each sending its next shot when it has the answer to its last."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread

from app.booth.client import Answer, send
from app.booth.shots import ShotSource
from app.booth.troubles import NoAnswer
from app.booth.wire import Part, booth_parts, build_request


@dataclass(frozen=True, slots=True)
class Plan:
    """What to play. `rate` is shots a minute of all booths together; None: as fast as the answers come."""

    url: str
    shots: ShotSource
    count: int
    booths: int
    rate: float | None
    timeout: float
    password: str | None = None
    fields: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one shot went: exactly one of `answer` and `trouble` is set.

    `late` is how many seconds after its turn the shot was sent, because every booth was still waiting.
    """

    number: int
    late: float
    answer: Answer | None
    trouble: NoAnswer | None


def replay(plan: Plan) -> Generator[Outcome, None, None]:
    """Play the plan; outcomes come as they happen. Closing the iterator stops the booths before their next shot.

    Raises what `plan.shots` raises.
    """
    turns = _Turns(plan.count, plan.rate)
    outcomes: SimpleQueue[Outcome | Exception] = SimpleQueue()
    for booth in range(1, min(plan.booths, plan.count) + 1):
        Thread(target=_play_booth, args=(plan, booth, turns, outcomes), daemon=True).start()
    try:
        for _ in range(plan.count):
            outcome = outcomes.get()
            if isinstance(outcome, Exception):
                raise outcome
            yield outcome
    finally:
        turns.stop()


class _Turns:
    """Deals the numbers of the shots to the booths, each when it is due."""

    def __init__(self, count: int, rate: float | None) -> None:
        self._numbers = iter(range(1, count + 1))
        self._interval = 60 / rate if rate else 0.0
        self._started = time.monotonic()
        self._lock = Lock()
        self._stopped = Event()

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Numbers, and by how many seconds each is late; waits for the next one's time."""
        while (number := self._next()) is not None:
            late = time.monotonic() - self._started - (number - 1) * self._interval
            if self._stopped.wait(max(0.0, -late)):
                return
            yield number, max(0.0, late) if self._interval else 0.0

    def stop(self) -> None:
        self._stopped.set()

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)


def _play_booth(plan: Plan, booth: int, turns: _Turns, outcomes: SimpleQueue[Outcome | Exception]) -> None:
    try:
        for number, late in turns:
            outcomes.put(_shoot(plan, booth, number, late))
    except Exception as error:  # noqa: BLE001 - raised again where somebody listens
        outcomes.put(error)


def _shoot(plan: Plan, booth: int, number: int, late: float) -> Outcome:
    parts = booth_parts(booth, number, time=time.time(), password=plan.password, extra=plan.fields)
    request = build_request(plan.url, parts, plan.shots(number))
    try:
        return Outcome(number, late, send(plan.url, request, timeout=plan.timeout), None)
    except NoAnswer as trouble:
        return Outcome(number, late, None, trouble)
