"""What we add to a provider's own time, for a shot of 8 MB (24 megapixels) and an answer of 2 MB.

    python -m benchmarks.provider_overhead [--calls 60] [--rounds 3]

The fake answers from memory in a process of its own, and its stopwatch says how long it took. Wall time beyond that
and CPU time of this process, both in milliseconds for one call: of a bare client that sends bytes made beforehand, of
the drivers alone, and of a whole attempt with its gate, its log and its pictures' conversion and finish. Of all rounds
the best is printed; the status is 1 if a driver needs more than 80 ms.
"""

import argparse
import base64
import http.client
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from app.adapters.db.templates import PostgresTemplateStore
from app.config import load_settings
from app.domain.deadlines import Deadline
from app.domain.job import ClaimedJob
from app.ports.providers import Connection, InputImage
from app.services.processing.attempt import Attempts, Means
from app.services.processing.chain import Chain
from app.services.processing.journal import Journal
from app.services.processing.plan import Plan
from app.wiring import Wiring
from benchmarks.fakes import Stopwatch
from benchmarks.servers import scratch_database
from tests.factories import new_job
from tests.pictures import jpeg
from tests.providers.drivers import driver
from tests.providers.requests import provider_request
from tests.support.fakes import openai
from tests.support.fakes.gemini_requests import KEY
from tests.support.fakes.gemini_troubles import inline
from tests.support.fakes.messages import Reply
from tests.support.fakes.process import FakeProcess

TARGET_MS = 80
DRIVERS = ("gemini", "openai")
WARM_UP = 3

Call = Callable[[], object]
Figures = dict[str, dict[str, float]]


def overheads(shot: InputImage, picture: bytes, calls: int, rounds: int) -> dict[str, Figures]:
    replies = {"gemini": _gemini_answer(picture), "openai": openai.answered(openai.images(picture))}
    found: dict[str, Figures] = {}
    for name, reply in replies.items():
        with FakeProcess(partial(Stopwatch, reply)) as fake:
            connection = Connection(fake.url, KEY)
            found[f"{name} driver"] = _best(_driver_call(name, connection, shot), fake, calls, rounds)
            if name == "gemini":
                found["bare client"] = _best(_bare_call(fake.url, shot), fake, calls, rounds)
                with _attempt_call(fake.url, shot) as call:
                    found["gemini attempt"] = _best(call, fake, calls, rounds)
    return found


def _gemini_answer(picture: bytes) -> Reply:
    candidate = {"content": {"parts": [inline(picture)], "role": "model"}, "finishReason": "STOP", "index": 0}
    return Reply.json({"candidates": [candidate], "responseId": "benchmark"})


def _driver_call(name: str, connection: Connection, shot: InputImage) -> Call:
    run = driver(name).run
    return lambda: run(provider_request(name, "image_edit", connection, shot=shot))


def _bare_call(url: str, shot: InputImage) -> Call:
    """The same bytes to and fro, without anything of ours."""
    body = b'{"data":"%b"}' % base64.b64encode(shot.data)

    def call() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("POST", "/", body)
        connection.getresponse().read()
        connection.close()

    return call


@contextmanager
def _attempt_call(url: str, shot: InputImage) -> Iterator[Call]:
    """A chain of one step, each time with inputs of its own; the breaker, the quota and the log are real."""
    with scratch_database() as database, tempfile.TemporaryDirectory() as folder:
        values = {"DATABASE_URL": database, "VAR_DIR": folder, "GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": url}
        wiring = Wiring(load_settings(values), role="benchmark")
        means, job = _means(wiring), _claimed(wiring)

        def call() -> None:
            plan = Plan(job, wiring.providers, Deadline(time.monotonic() + job.window_seconds))
            journal = Journal(wiring.stores.queue, job)
            Chain(job, plan, Attempts(means, job, shot.data, plan, journal), journal, Event()).run()

        yield call
        wiring.database.close()


def _means(wiring: Wiring) -> Means:
    return Means(
        queue=wiring.stores.queue,
        photos=wiring.stores.photos,
        media=wiring.media,
        images=wiring.images,
        templates=PostgresTemplateStore(wiring.database),
        providers=wiring.providers,
        connections=wiring.connections,
        gate=wiring.stores.gate,
        links=wiring.public_media,
        guest_address=None,
    )


def _claimed(wiring: Wiring) -> ClaimedJob:
    settings = {"prompt": "Make them pirates", "aspect_ratio": "auto", "safety": "BLOCK_ONLY_HIGH"}
    job = new_job()
    step = {"provider": "gemini", "operation": "image_edit", "settings": settings}
    wiring.stores.queue.enqueue(replace(job, settings={**job.settings, "steps": [step]}))
    [claimed] = wiring.stores.queue.claim("benchmark", 1)
    return claimed


def _best(call: Call, fake: FakeProcess[Stopwatch], calls: int, rounds: int) -> Figures:
    for _ in range(WARM_UP):
        call()
    return min((_round(call, fake, calls) for _ in range(rounds)), key=lambda figures: figures["wall_ms"]["p95"])


def _round(call: Call, fake: FakeProcess[Stopwatch], calls: int) -> Figures:
    taken, cpu = [], []
    for _ in range(calls):
        began, used = time.monotonic(), time.process_time()
        call()
        taken.append(time.monotonic() - began)
        cpu.append(time.process_time() - used)
    added = [seconds - own for seconds, own in zip(taken, fake.ask(Stopwatch.own_seconds)[-calls:], strict=True)]
    return {"wall_ms": _figures(added), "cpu_ms": _figures(cpu)}


def _figures(seconds: list[float]) -> dict[str, float]:
    ms = sorted(1000 * value for value in seconds)
    return {"p50": round(ms[len(ms) // 2], 1), "p95": round(ms[int(len(ms) * 0.95)], 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    shot = InputImage(jpeg(6000, 4000, quality=98, optimize=True), "image/jpeg")
    picture = jpeg(2400, 1600, quality=99)
    found = overheads(shot, picture, given.calls, given.rounds)
    sizes: dict[str, Any] = {"shot_bytes": len(shot.data), "picture_bytes": len(picture), "calls": given.calls}
    print(json.dumps({**sizes, **found}, indent=2))
    return 0 if all(found[f"{name} driver"]["wall_ms"]["p95"] <= TARGET_MS for name in DRIVERS) else 1


if __name__ == "__main__":
    sys.exit(main())
