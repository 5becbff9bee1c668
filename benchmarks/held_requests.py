"""A web process that holds many booths: its memory, and how quick its pages and health checks stay.

Run it by `python -m benchmarks.held_requests [--held 256] [--seconds 10]`.
"""

import argparse
import json
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from benchmarks.servers import scratch_database
from tests.support.booths import photo
from tests.support.installation import ADMIN_PASSWORD, INGEST_PASSWORD, Installation, Process, installation
from tests.waiting import until

PATHS = ("/healthz", "/", "/slots/slot-001")


def memory_mb(process: Process) -> float:
    """Resident memory, from /proc."""
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    return round(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024, 1)


def hold(house: Installation, count: int, data: bytes) -> ThreadPoolExecutor:
    """Let `count` booths wait; returns once all of them do."""
    booths = ThreadPoolExecutor(count)
    for _ in range(count):
        booths.submit(
            requests.post,
            f"{house.url}/ingest/slot-001",
            data={"password": INGEST_PASSWORD},
            files={"fileToUpload": ("a.jpg", data, "image/jpeg")},
            timeout=120,
        )
    until(lambda: house.ledger.count("NOT is_finalized") == count, seconds=60, what="all booths wait")
    return booths


def log_in(house: Installation) -> requests.Session:
    session = requests.Session()
    page = session.get(f"{house.url}/login", timeout=10).text
    csrf = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    form = {"username": "serg", "password": ADMIN_PASSWORD, "csrf_token": csrf}
    assert session.post(f"{house.url}/login", data=form, timeout=10).ok
    return session


def latencies(session: requests.Session, url: str, seconds: float) -> dict[str, float]:
    """One visitor at a time, for `seconds`."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        assert session.get(url, timeout=30, allow_redirects=False).status_code == 200
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return {"p50_ms": round(taken[len(taken) // 2], 1), "p95_ms": round(taken[int(len(taken) * 0.95)], 1)}


def measure(house: Installation, held: int, seconds: float) -> dict[str, object]:
    web = house.start_web()
    session = log_in(house)
    report: dict[str, object] = {"held": held, "idle_memory_mb": memory_mb(web)}
    report["idle"] = {path: latencies(session, house.url + path, 2) for path in PATHS}
    hold(house, held, photo(1800, 1200))
    report["held_memory_mb"] = memory_mb(web)
    report["while_held"] = {path: latencies(session, house.url + path, seconds) for path in PATHS}
    report["held_memory_after_mb"] = memory_mb(web)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    environment = {
        "HELD_REQUESTS_MAX": str(arguments.held),
        "QUEUE_MAX_ACTIVE_JOBS": str(arguments.held),
        "SYNC_RESPONSE_SECONDS": str(arguments.seconds * len(PATHS) * 2 + 60),
    }
    with (
        scratch_database() as url,
        tempfile.TemporaryDirectory() as folder,
        installation(url, Path(folder), **environment) as house,
    ):
        report = measure(house, arguments.held, arguments.seconds)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
