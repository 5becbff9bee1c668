"""Drain rate: the worker's loop with jobs that do nothing, beside a bare loop of psycopg2 running the same SQL.

    python -m benchmarks.queue_drain [--jobs 4000] [--concurrency 10]

Both run in one process over the same server, alternating, three rounds each; the medians are compared.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable

import psycopg2
from psycopg2.extras import register_uuid
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import psycopg2 as dialect

from app.adapters.db import queue_sql as sql
from app.adapters.db.connection import Database
from app.adapters.db.queue import PostgresJobQueue
from app.domain.job import LEASE_SECONDS, ClaimedJob
from benchmarks.servers import running_worker, scratch_database
from tests.factories import SUCCESS, new_job, stored_result

ROUNDS = 3


def fill(url: str, jobs: int) -> None:
    """Pending jobs of one slot, inserted at once: what is measured is taking them out."""
    job = new_job(window_seconds=3600)
    database = Database(url, pool_size=1, application_name="benchmark")
    PostgresJobQueue(database, max_active=10).enqueue(job)
    with database.transaction() as session:
        columns = (
            "slot_id, source, settings, booth_fields, provider, operation, payload_path, payload_mime_type,"
            " payload_size_bytes, payload_sha256, created_at"
        )
        session.execute(
            text(
                f"INSERT INTO job (id, {columns}, expires_at) SELECT gen_random_uuid(), {columns},"
                " expires_at + n * interval '1 ms' FROM job, generate_series(2, :jobs) AS n WHERE id = :id"
            ),
            {"jobs": jobs, "id": job.id},
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE job"))
    database.close()


def bare(url: str, concurrency: int, batch: int) -> None:
    """Claim, finalize, repeat: nothing but psycopg2 and the queue's two statements."""
    claim, finalize = (_pyformat(statement) for statement in (sql.CLAIM, sql.FINALIZE_SUCCESS))

    def loop(worker: str) -> None:
        connection = psycopg2.connect(url.replace("+psycopg2", ""))
        register_uuid(conn_or_curs=connection)
        with connection.cursor() as cursor:
            while True:
                cursor.execute(claim, {"worker": worker, "limit": batch, "lease_seconds": LEASE_SECONDS})
                rows = cursor.fetchall()
                connection.commit()
                if not rows:
                    break
                for row in rows:
                    cursor.execute(finalize, _finalize_parameters(row, worker))
                    connection.commit()
        connection.close()

    psycopg2.extensions.set_wait_callback(None)
    threads = [threading.Thread(target=loop, args=[f"bare-{n}"]) for n in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _finalize_parameters(row: tuple[object, ...], worker: str) -> dict[str, object]:
    result = stored_result(row[0])  # type: ignore[arg-type]
    return {
        "id": row[0], "attempt": row[2], "worker": worker, "provider": "local", "operation": "image_edit", "model": "",
        "path": result.path, "mime_type": result.mime_type, "size_bytes": result.size_bytes,
        "checksum": result.checksum, "width": result.width, "height": result.height, "inline_base64": None,
        "cost_usd": 0,
        "default_retention_hours": 72,
        "events": json.dumps([
            {"event": "attempt", "duration_ms": 12, "detail": {"provider": "local", "operation": "image_edit"}},
            {"event": "finalized", "detail": {}},
        ]),
    }  # fmt: skip


def _pyformat(statement: TextClause) -> str:
    return str(statement.compile(dialect=dialect.dialect()))


def ours(url: str, concurrency: int, jobs: int) -> None:
    """The worker of production; only the photo's work is left out."""
    database = Database(url, pool_size=concurrency + 3, application_name="benchmark")
    queue = PostgresJobQueue(database, max_active=10)
    done = threading.Semaphore(0)

    def process(job: ClaimedJob, _cancelled: threading.Event) -> None:
        queue.finalize_success(job, stored_result(job.id), None, SUCCESS, [SUCCESS])
        done.release()

    with running_worker(database, queue, process, concurrency):
        for _ in range(jobs):
            done.acquire()


def rate(url: str, jobs: int, run: Callable[[], None]) -> float:
    fill(url, jobs)
    began = time.perf_counter()
    run()
    return jobs / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=4000)
    parser.add_argument("--concurrency", type=int, default=10)
    arguments = parser.parse_args()
    jobs, concurrency = arguments.jobs, arguments.concurrency
    rates: dict[str, list[float]] = {"bare": [], "bare_batches_of_ten": [], "ours": []}
    for _ in range(ROUNDS):
        with scratch_database() as url:
            rates["bare"].append(rate(url, jobs, lambda: bare(url, concurrency, 1)))
        with scratch_database() as url:
            rates["bare_batches_of_ten"].append(rate(url, jobs, lambda: bare(url, concurrency, 10)))
        with scratch_database() as url:
            rates["ours"].append(rate(url, jobs, lambda: ours(url, concurrency, jobs)))
    medians = {name: round(statistics.median(values)) for name, values in rates.items()}
    print(json.dumps({
        "jobs": jobs, "concurrency": concurrency, "jobs_per_second": medians,
        "ratio_to_bare": round(medians["ours"] / medians["bare"], 2),
        "ratio_to_bare_batches_of_ten": round(medians["ours"] / medians["bare_batches_of_ten"], 2),
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()
