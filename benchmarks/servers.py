"""A migrated database for a benchmark, and a worker on it."""

import contextlib
import os
import threading
from collections.abc import Iterator

from app.adapters.db.connection import Database
from app.adapters.db.queue import PostgresJobQueue
from app.adapters.db.signal import PostgresJobSignal
from app.adapters.db.upkeep import PostgresHeartbeats
from app.services.work import Process, Worker
from tests.support import databases


@contextlib.contextmanager
def scratch_database() -> Iterator[str]:
    """The URL of a fresh database, on the server of DATABASE_URL or on an embedded one.

    The embedded server keeps its production settings, fsync included.
    """
    given = os.environ.get("DATABASE_URL")
    with contextlib.ExitStack() as stack:
        server = given or stack.enter_context(databases.private_server()).ensure_running()
        template = stack.enter_context(databases.migrated_template(server))
        yield stack.enter_context(databases.new_database(server, template))


@contextlib.contextmanager
def running_worker(database: Database, queue: PostgresJobQueue, process: Process, concurrency: int) -> Iterator[None]:
    """The worker as it runs in production, leases and rescue included, but in a thread of this process.

    `process` takes the place of the photo's work.
    """
    worker = Worker(
        name="benchmark",
        queue=queue,
        signal=PostgresJobSignal(database),
        heartbeats=PostgresHeartbeats(database),
        process=process,
        concurrency=concurrency,
    )
    worker.start()
    threading.Thread(target=_loop, args=[worker], daemon=True).start()
    try:
        yield
    finally:
        worker.ask_to_stop()
        worker.drain(1)


def _loop(worker: Worker) -> None:
    while not worker.is_stopping:
        if not worker.step():
            worker.idle()
