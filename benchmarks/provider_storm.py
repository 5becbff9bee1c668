"""Everything that Gemini can do to a party: what the booths get, with Turbotext as the fallback and without.

    python -m benchmarks.provider_storm [--shots 300] [--booths 40] [--seed 1] [--only fallback]

Real web and worker processes with the real window of 48 s; both providers are fakes in processes of their own. Each
call of Gemini draws from a seeded generator: 20 % NO_IMAGE, 10 % 503, 5 % silence, 5 % broken pictures, else a picture
after 3 ± 1 s. Prints JSON; the status is 1 if too few booths got their picture, or if any order was made twice.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from app.domain.deadlines import SYNC_RESPONSE_DEFAULT
from benchmarks.fakes import RainyTurbotext, StormyGemini
from benchmarks.servers import scratch_database
from tests.pictures import jpeg, opened
from tests.support.booths import shoot
from tests.support.fakes import gemini_requests, turbotext
from tests.support.fakes.process import FakeProcess
from tests.support.installation import ADMIN_PASSWORD, Installation, installation
from tests.support.ledger import Ledger

TARGET = 0.995
WORKERS = 2

EDIT = {"provider": "gemini", "operation": "image_edit", "settings": {"prompt": "Make guest {qr1} a pirate"}}
REDRAW = {"provider": "turbotext", "operation": "image_edit", "settings": {"prompt": "{qr1}"}}
SLOTS: dict[str, dict[str, Any]] = {
    "fallback": {**EDIT, "fallbacks": [REDRAW], "policy": {"hedge": False}},
    "alone": {**EDIT, "fallbacks": [], "policy": {"hedge": False}},
    "hedged": {**EDIT, "fallbacks": [REDRAW], "policy": {"hedge": True}},
}
"""The variants. The prompt that Turbotext gets is the number of the shot: so it is known what was ordered for whom."""

MUST_REACH_TARGET = ("fallback", "hedged")


@dataclass(frozen=True)
class Outcome:
    """What a booth got, after how many seconds."""

    status: int
    seconds: float
    is_picture: bool


def storm(url: str, slot: dict[str, Any], shots: int, booths: int, seed: int) -> dict[str, Any]:
    with (
        FakeProcess(partial(StormyGemini, seed)) as gemini_there,
        FakeProcess(partial(RainyTurbotext, seed)) as turbotext_there,
        tempfile.TemporaryDirectory() as folder,
        installation(
            url,
            Path(folder),
            WORKER_CONCURRENCY=str(-(-booths // WORKERS)),
            GEMINI_API_KEY=gemini_requests.KEY,
            GEMINI_BASE_URL=gemini_there.url,
            TURBOTEXT_API_KEY=turbotext.KEY,
            TURBOTEXT_BASE_URL=turbotext_there.url,
        ) as house,
    ):
        outcomes = _shots(house, slot, shots, booths)
        house.ledger.assert_sound()
        orders = Counter(turbotext_there.ask(RainyTurbotext.orders))
        return {**_answers(outcomes), **_attempts(house.ledger), "orders": _billed(house.ledger, orders)}


def _shots(house: Installation, slot: dict[str, Any], shots: int, booths: int) -> list[Outcome]:
    """All booths shoot until there are so many; afterwards the workers have ended, and everything is written down."""
    house.environment["PUBLIC_BASE_URL"] = house.url
    house.start_web()
    workers = [house.start_worker() for _ in range(WORKERS)]
    _set_slot(house, slot)
    data = jpeg(1800, 1200)
    with ThreadPoolExecutor(booths) as pool:
        outcomes = list(pool.map(lambda number: _shoot(house, data, number), range(shots)))
    for worker in workers:
        worker.popen.terminate()
        worker.wait()
    return outcomes


def _set_slot(house: Installation, slot: dict[str, Any]) -> None:
    login = {"username": "serg", "password": ADMIN_PASSWORD}
    token = requests.post(f"{house.url}/api/login", json=login, timeout=10).json()["access_token"]
    address, headers = f"{house.url}/api/slots/slot-001", {"Authorization": f"Bearer {token}"}
    version = requests.get(address, headers=headers, timeout=10).json()["version"]
    requests.put(address, headers=headers, json={**slot, "version": version}, timeout=10).raise_for_status()


def _shoot(house: Installation, data: bytes, number: int) -> Outcome:
    began = time.monotonic()
    answer = shoot(house, data=data, qr1=str(number))
    seconds = time.monotonic() - began
    return Outcome(answer.status_code, seconds, answer.ok and opened(answer.content).width > 0)


def _answers(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    taken = sorted(outcome.seconds for outcome in outcomes)
    in_time = [outcome for outcome in outcomes if outcome.is_picture and outcome.seconds <= SYNC_RESPONSE_DEFAULT]
    return {
        "answered_in_time": round(len(in_time) / len(outcomes), 4),
        "statuses": Counter(outcome.status for outcome in outcomes),
        "seconds": {
            "p50": round(taken[len(taken) // 2], 1),
            "p95": round(taken[int(len(taken) * 0.95)], 1),
            "max": round(taken[-1], 1),
        },
    }


def _attempts(ledger: Ledger) -> dict[str, Any]:
    """How the calls of the providers ended, and what they cost."""
    rows = ledger.ask(
        "SELECT detail ->> 'provider' AS provider, coalesce(detail ->> 'fault', 'picture') AS ending, count(*) AS calls"
        " FROM processing_log WHERE event = 'attempt' GROUP BY 1, 2 ORDER BY 1, 3 DESC"
    )
    attempts: dict[str, dict[str, int]] = {row.provider: {} for row in rows}
    for row in rows:
        attempts[row.provider][row.ending] = row.calls
    [cost] = ledger.ask("SELECT sum(cost_usd) AS total, avg(cost_usd) AS mean FROM job")
    return {"attempts": attempts, "cost_usd": {"all": round(cost.total, 2), "each": round(cost.mean, 4)}}


def _billed(ledger: Ledger, orders: Counter[str]) -> dict[str, int]:
    """Orders at Turbotext, `orders` by shot, beside the photos whose turn with it came."""
    reached = ledger.ask(
        "SELECT count(DISTINCT job_id) FROM processing_log"
        " WHERE event = 'attempt' AND detail ->> 'provider' = 'turbotext'"
    )
    return {
        "photos": reached[0][0],
        "made": orders.total(),
        "made_twice": sum(count > 1 for count in orders.values()),
    }


def _is_good(variant: str, figures: dict[str, Any]) -> bool:
    is_enough = figures["answered_in_time"] >= TARGET or variant not in MUST_REACH_TARGET
    return is_enough and figures["orders"]["made_twice"] == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=300)
    parser.add_argument("--booths", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=SLOTS)
    given = parser.parse_args()
    report = {}
    for variant, slot in SLOTS.items():
        if given.only in (None, variant):
            with scratch_database() as url:
                report[variant] = storm(url, slot, given.shots, given.booths, given.seed)
    print(json.dumps({**vars(given), **report}, indent=2, default=float))
    return 0 if all(_is_good(variant, figures) for variant, figures in report.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
