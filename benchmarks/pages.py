"""Server time of every page over a long past, one visitor at a time; a table in Markdown.

Run it by `python -m benchmarks.pages [--jobs 1000000] [--results 10000] [--visits 60]`.
"""

import argparse
import tempfile
import time
from pathlib import Path

import requests

from app import create_app
from app.config import load_settings
from benchmarks.held_requests import log_in
from benchmarks.history import live_through
from benchmarks.servers import scratch_database
from tests.support import addresses
from tests.support.installation import Installation, installation
from tests.support.quick_wiring import QuickWiring
from tests.web.inhabited import inhabited

MORE = (
    "/stats?period=30d",
    "/stats?period=7d&slot=slot-003",
    "/jobs?state=failed",
    "/jobs?slot=slot-003&booth=BOOTH-3",
    "/jobs?reason=content_blocked",
    "/api/jobs?page_size=200",
    "/api/jobs?state=failed&page=50&page_size=200",
    "/api/stats/global?group_by=day,provider",
)
"""Addresses whose queries ask for more than the plain page does."""


def paths(house: Installation, job_id: object) -> list[str]:
    """Every page and part of a page, in a house where something of each kind exists."""
    wiring = QuickWiring(load_settings(house.environment), role="benchmark")
    examples = {**inhabited(wiring), "job_id": job_id}
    found = addresses.readable(create_app(wiring.settings, wiring.services()).url_map, examples)
    wiring.database.close()
    del found["pages.gallery_archive"]  # of photos that have no files here; benchmarks.archive is about it
    return [*found.values(), *MORE]


def visit(session: requests.Session, url: str, visits: int) -> tuple[int, list[float], int]:
    """Status, sorted milliseconds and bytes; the first visits, which fill caches, are not counted."""
    taken = []
    for _ in range(visits + 3):
        began = time.perf_counter()
        answer = session.get(url, timeout=30, allow_redirects=False)
        taken.append((time.perf_counter() - began) * 1000)
    return answer.status_code, sorted(taken[3:]), len(answer.content)


def measure(house: Installation, job_id: object, visits: int) -> None:
    wanted = paths(house, job_id)
    house.start_web()
    house.start_worker()
    session = log_in(house)
    print("| address | status | p50, ms | p95, ms | KB |\n| --- | --- | --- | --- | --- |")
    for path in wanted:
        status, taken, size = visit(session, house.url + path, visits)
        p50, p95 = (taken[int(len(taken) * share)] for share in (0.5, 0.95))
        name = path.replace(str(job_id), "…")
        print(f"| `{name}` | {status} | {p50:.1f} | {p95:.1f} | {size / 1000:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--results", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=60)
    arguments = parser.parse_args()
    with scratch_database() as url, tempfile.TemporaryDirectory() as folder:
        job_id = live_through(url, arguments.jobs, arguments.results)
        with installation(url, Path(folder)) as house:
            measure(house, job_id, arguments.visits)


if __name__ == "__main__":
    main()
