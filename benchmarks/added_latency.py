"""What PhotoChanger adds: from the provider's answer inside the worker to the last byte at the booth.

    python -m benchmarks.added_latency [--shots 40]

Real web and worker processes; the provider answers 1.2 s after the shot came, when the quick first second of polling
is over. One booth at a time for each tick of INGEST_POLL_SECONDS: the wait for the tick is part of the figure.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from benchmarks.servers import scratch_database
from tests.support.booths import photo, shoot
from tests.support.installation import Installation, installation

TICKS = (1.0, 0.1)


def measure(url: str, tick: float, shots: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        installation(url, Path(folder), INGEST_POLL_SECONDS=str(tick)) as house,
    ):
        house.start_web()
        worker = house.start_scripted_worker("stamp", 1.2)
        added = sorted(one(house, worker.log_path, n) for n in range(shots))
    return {"p50_ms": round(added[shots // 2]), "p95_ms": round(added[int(shots * 0.95)]), "max_ms": round(added[-1])}


def one(house: Installation, log: Path, number: int) -> float:
    """Milliseconds from the provider's answer to the last byte; both on the machine's monotonic clock."""
    answer = shoot(house, data=photo(1200, 800, seed=number))
    finished = time.monotonic()
    assert answer.status_code == 200, answer.text
    stamps = [line for line in log.read_text().splitlines() if line.startswith("answered-at ")]
    time.sleep(0.013 * (number % 20))  # so that shots fall everywhere between two ticks
    return (finished - float(stamps[-1].split()[1])) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=40)
    shots = parser.parse_args().shots
    results = {}
    for tick in TICKS:
        with scratch_database() as url:
            figures = measure(url, tick, shots)
        results[f"tick_{tick:g}_s"] = {**figures, "p95_beyond_tick_ms": round(figures["p95_ms"] - tick * 1000)}
    print(json.dumps({"shots": shots, "added_latency": results}, indent=2))


if __name__ == "__main__":
    main()
