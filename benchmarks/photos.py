"""What galleries ask the database, over 10,000 or 100,000 photos among a past of 90 days.

    python -m benchmarks.photos [--photos 10000] [--jobs 300000] [--plans]

Prints milliseconds for each question, half of them quicker than p50, one in twenty slower than p95; with `--plans` how
PostgreSQL answers it.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.adapters.db.connection import Database
from app.adapters.db.photos import PostgresPhotos
from app.adapters.db.queue import PostgresJobQueue
from app.domain.photo import PhotoFilter, PhotoState
from benchmarks.history import live_through
from benchmarks.servers import scratch_database
from tests.support.plans import plans

Questions = dict[str, Callable[[], Any]]

ALL, SLOT = PhotoFilter(), PhotoFilter(frozenset(["slot-003"]))
TIMES = 20
_HOW = "ANALYZE, BUFFERS, COSTS OFF, SUMMARY ON"

# Of a hundred photos one is hidden and one deleted; the booths of one slot keep their originals.
_LIVED_IN = """
UPDATE job SET placeholder = repeat('U', 120),
    hidden_at = CASE WHEN hashtext(id::text) % 100 = 0 THEN finalized_at + interval '1 minute' END,
    deleted_at = CASE WHEN hashtext(id::text) % 100 = 1 THEN now() END,
    payload_path = CASE WHEN slot_id = 'slot-003' THEN 'payloads/' || id || '.jpg' END,
    settings = CASE WHEN slot_id = 'slot-003' THEN settings || '{"keeping": {"originals": true}}' ELSE settings END
WHERE result_file_path IS NOT NULL
"""


def questions(database: Database) -> Questions:
    photos, queue = PostgresPhotos(database), PostgresJobQueue(database, max_active=100)
    newest, now = photos.older(ALL, None, 200), datetime.now(UTC)
    middle = photos.older(ALL, None, 1, 4_000)[0]
    day = PhotoFilter(start=now - timedelta(hours=30), end=now - timedelta(hours=6))
    chosen = PhotoFilter(ids=frozenset(photo.id for photo in newest))
    return {
        "the newest 60": lambda: photos.older(ALL, None, 61),
        "the newest 60 of a slot": lambda: photos.older(SLOT, None, 61),
        "the newest 60 of a booth": lambda: photos.older(PhotoFilter(booth="BOOTH-3"), None, 61),
        "the newest 60 of a slot's day": lambda: photos.older(replace(day, slot_ids=SLOT.slot_ids), None, 61),
        "60 that are older than the 4,000th": lambda: photos.older(ALL, middle.place, 61),
        "the newest 60 that are hidden": lambda: photos.older(PhotoFilter(state=PhotoState.HIDDEN), None, 61),
        "the newest 60 that are deleted": lambda: photos.older(PhotoFilter(state=PhotoState.DELETED), None, 61),
        "a selection of 200": lambda: photos.older(chosen, None, 200),
        "a booth that nobody has": lambda: photos.older(PhotoFilter(booth="nobody"), None, 61),
        "1,000 for an archive": lambda: photos.older(ALL, None, 1000),
        "arrivals": lambda: photos.newer(ALL, newest[10].place, 200),
        "withdrawn within the hour": lambda: photos.withdrawn(SLOT, 3600),
        "one photo": lambda: photos.find(middle.id),
        "tally of all": lambda: photos.tally(ALL),
        "tally of a slot": lambda: photos.tally(SLOT),
        "days": lambda: photos.by_day(ALL, "Europe/Moscow"),
        "slots": lambda: photos.by_slot(ALL),
        "booths": lambda: photos.by_booth(ALL),
        "hiding 200 and showing them again": lambda: (
            photos.hide([photo.id for photo in newest]),
            photos.show([photo.id for photo in newest]),
        ),
        "the cleanup's look for results": lambda: queue.forget_results(200),
        "the cleanup's look for payloads": lambda: queue.forget_payloads(200),
    }


def milliseconds(ask: Callable[[], Any]) -> tuple[float, float]:
    """p50 and p95."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), sorted(took)[int(TIMES * 0.95) - 1]


def live_in(url: str, photos: int, jobs: int) -> None:
    live_through(url, jobs, photos)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(_LIVED_IN))
        connection.execute(text("VACUUM ANALYZE job"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=300_000)
    parser.add_argument("--plans", action="store_true")
    arguments = parser.parse_args()
    with scratch_database() as url:
        live_in(url, arguments.photos, arguments.jobs)
        database = Database(url, pool_size=2, application_name="benchmark")
        print(f"{arguments.photos:,} photos of {arguments.jobs:,} jobs    p50 ms   p95 ms")
        for name, ask in questions(database).items():
            p50, p95 = milliseconds(ask)
            print(f"{name:40} {p50:8.1f} {p95:8.1f}", flush=True)
            if arguments.plans:
                print(*plans(database, ask, _HOW), sep="\n")
        database.close()


if __name__ == "__main__":
    main()
