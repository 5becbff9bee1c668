"""The worker is woken when work arrives, and never hangs or fails when the wake-up is lost."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.adapters.db.connection import Database
from app.adapters.db.queue import PostgresJobQueue
from app.adapters.db.signal import PostgresJobSignal
from tests.factories import new_job
from tests.waiting import until

LONG = 10.0


def seconds(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


@pytest.fixture
def signal(database: Database) -> PostgresJobSignal:
    signal = PostgresJobSignal(database)
    signal.wait(0)  # connects
    return signal


def test_a_new_job_wakes_the_waiting_worker(signal: PostgresJobSignal, queue: PostgresJobQueue) -> None:
    threading.Timer(0.2, queue.enqueue, [new_job()]).start()
    assert 0.1 < seconds(lambda: signal.wait(LONG)) < LONG / 2


def test_a_job_that_came_before_the_wait_is_not_missed(signal: PostgresJobSignal, queue: PostgresJobQueue) -> None:
    queue.enqueue(new_job())
    assert seconds(lambda: signal.wait(LONG)) < LONG / 2


def test_without_work_the_wait_ends_by_itself(signal: PostgresJobSignal) -> None:
    assert 0.25 < seconds(lambda: signal.wait(0.3)) < LONG / 2


def test_wake_ends_the_wait_even_when_called_a_million_times_before(signal: PostgresJobSignal) -> None:
    for _ in range(100_000):
        signal.wake()
    assert seconds(lambda: signal.wait(LONG)) < LONG / 2
    assert seconds(lambda: signal.wait(0.2)) > 0.15


def listening(database: Database) -> list[int]:
    """The server's processes that were told to listen to this database."""
    told = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    return [row.pid for row in database.run(text(told))]


def listening_anew(signal: PostgresJobSignal, database: Database, old: int) -> bool:
    signal.wait(0.1)
    return bool(set(listening(database)) - {old})


def test_a_broken_connection_is_replaced(
    signal: PostgresJobSignal, database: Database, queue: PostgresJobQueue
) -> None:
    [old] = listening(database)
    with database.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": old})
    until(lambda: listening_anew(signal, database, old), what="it listens again")
    queue.enqueue(new_job())
    assert seconds(lambda: signal.wait(LONG)) < LONG / 2
