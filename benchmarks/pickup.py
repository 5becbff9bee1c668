"""Pick-up latency: from the insert's commit to a waiting worker having the job in hand.

    python -m benchmarks.pickup [--jobs 300]

The worker is idle before each job.
"""

import argparse
import json
import random
import statistics
import threading
import time

from app.adapters.db.connection import Database
from app.adapters.db.queue import PostgresJobQueue
from app.domain.job import ClaimedJob
from benchmarks.servers import running_worker, scratch_database
from tests.factories import SUCCESS, new_job, stored_result


def measure(url: str, jobs: int) -> list[float]:
    """Milliseconds for each job."""
    database = Database(url, pool_size=6, application_name="benchmark")
    queue = PostgresJobQueue(database, max_active=100)
    picked_up: list[float] = []
    done = threading.Event()

    def process(job: ClaimedJob, _cancelled: threading.Event) -> None:
        picked_up.append(time.perf_counter())
        queue.finalize_success(job, stored_result(job.id), None, SUCCESS, [SUCCESS])
        done.set()

    latencies = []
    with running_worker(database, queue, process, concurrency=4):
        for _ in range(jobs):
            time.sleep(random.uniform(0.01, 0.05))
            done.clear()
            queue.enqueue(new_job())
            committed = time.perf_counter()
            done.wait()
            latencies.append((picked_up[-1] - committed) * 1000)
    return latencies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=300)
    jobs = parser.parse_args().jobs
    with scratch_database() as url:
        latencies = sorted(measure(url, jobs))
    print(
        json.dumps(
            {
                "jobs": jobs,
                "pickup_ms": {
                    "p50": round(statistics.median(latencies), 2),
                    "p95": round(latencies[int(jobs * 0.95)], 2),
                    "p99": round(latencies[int(jobs * 0.99)], 2),
                },
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
