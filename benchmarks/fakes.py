"""Fake providers for processes of their own: with bad days that follow a seed, or with a stopwatch."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.pictures import jpeg
from tests.support.fakes.gemini import FakeGemini, makes_a_picture
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer, Condition, FakeServer
from tests.support.fakes.turbotext import FakeTurbotext, is_download, is_poll
from tests.support.fakes.wire import Wire

HEALTHY = "healthy"


@dataclass(frozen=True)
class Mishap:
    """A row of the table of faults that happens to `share` of the calls.

    It shows after `seconds`, or when the picture would have been ready if they are None.
    """

    row: str
    share: float
    seconds: float | None = None


GEMINI_MISHAPS = (
    Mishap("no_image", 0.20, seconds=1.2),
    Mishap("overloaded_503", 0.10, seconds=0.5),
    Mishap("hang", 0.05, seconds=0.0),
    Mishap("corrupt_image", 0.05),
)


class Weather:
    """Draws for each call what becomes of it, in the order in which they come in: a Behaviour of `fake`.

    `usual` is how long a picture takes, mean and standard deviation in seconds.
    """

    def __init__(self, fake: FakeServer, mishaps: Sequence[Mishap], usual: tuple[float, float], seed: int) -> None:
        self._fake = fake
        self._mishaps = mishaps
        self._usual = usual
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.drawn: Counter[str] = Counter()

    def __call__(self, call: Call, answer: Answer, wire: Wire) -> Reply | None:
        row, seconds = self._draw()
        wire.wait(seconds)
        trouble = self._fake.misbehaviour(row)
        return trouble[0](call, answer, wire) if trouble else answer(call)

    def _draw(self) -> tuple[str, float]:
        with self._lock:
            luck, usual = self._random.random(), max(0.0, self._random.gauss(*self._usual))
            for mishap in self._mishaps:
                luck -= mishap.share
                if luck < 0:
                    self.drawn[mishap.row] += 1
                    return mishap.row, usual if mishap.seconds is None else mishap.seconds
            self.drawn[HEALTHY] += 1
            return HEALTHY, usual


class StormyGemini(FakeGemini):
    """Sends a picture of one megapixel after 3 s, if nothing happens."""

    def __init__(self, seed: int) -> None:
        super().__init__(keep_bodies=False)
        self.picture = jpeg(1248, 832)
        self.weather = Weather(self, GEMINI_MISHAPS, (3.0, 1.0), seed)
        self.always(self.weather, makes_a_picture)


class RainyTurbotext(FakeTurbotext):
    """Takes every order and has its picture ready after 8 s; a few questions and downloads are answered badly."""

    def __init__(self, seed: int) -> None:
        super().__init__(seconds=8.0, keep_bodies=False)
        self._have("html", 0.05, is_poll, seed)
        self._have("result_gone", 0.05, is_download, seed)

    def _have(self, row: str, share: float, on: Condition, seed: int) -> None:
        self.always(Weather(self, [Mishap(row, share)], (0.05, 0.0), seed), on)

    def orders(self) -> list[str]:
        """The prompt of each job, and each is billed."""
        return [job.parameters["content"] for job in self.jobs.values()]


class Stopwatch(FakeServer):
    """Gives every call the same answer from memory, a fifth of a second after it had read the call.

    `own_seconds`: how long after, of each call in order; the rest of what a caller waits is not the provider's.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__(keep_bodies=False)
        self._reply = reply
        self._own_seconds: list[float] = []

    def answer(self, call: Call) -> Reply:
        time.sleep(0.2)
        self._own_seconds.append(time.monotonic() - call.at)
        return self._reply

    def own_seconds(self) -> list[float]:
        return self._own_seconds
