"""Two ways to the same picture, the second begun when the first takes long."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Event
from typing import TypeVar

from app.domain.errors import FaultKind, ProviderFault

T = TypeVar("T")
Runner = Callable[[Event], T]

_GLANCE_SECONDS = 0.1  # how soon a job that ended elsewhere ends here


def race(first: Runner[T], second: Runner[T], *, head_start: float, cancelled: Event, drop: Callable[[T], None]) -> T:
    """What the first runner to succeed returns; the other is told by its own event and left to end by itself.

    `second` begins `head_start` seconds after `first`, unless that has ended by then. What the other returns all the
    same is given to `drop`. Raises the fault of the runner that failed last, or CANCELLED.
    """
    stops = (Event(), Event())
    pool = ThreadPoolExecutor(2, thread_name_prefix="hedge")
    running = [_start(pool, first, stops[0])]
    winner: Future[T] | None = None
    try:
        if not _wait(set(running), head_start, cancelled):
            running.append(_start(pool, second, stops[1]))
        winner = _first_success(set(running), cancelled)
        return winner.result()
    finally:
        for stop in stops:
            stop.set()
        for loser in running:
            if loser is not winner:
                loser.add_done_callback(lambda future: None if future.exception() else drop(future.result()))
        pool.shutdown(wait=False)


def _start(pool: ThreadPoolExecutor, runner: Runner[T], stop: Event) -> Future[T]:
    """In a thread that logs for the same job."""
    return pool.submit(copy_context().run, runner, stop)


def _first_success(running: set[Future[T]], cancelled: Event) -> Future[T]:
    while True:
        done = _wait(running, None, cancelled)
        running = running - done
        for future in done:
            if future.exception() is None:
                return future
        if not running:
            done.pop().result()  # raises


def _wait(running: set[Future[T]], seconds: float | None, cancelled: Event) -> set[Future[T]]:
    """Those that ended, at the latest after `seconds`; raises CANCELLED when the job ended elsewhere."""
    left = float("inf") if seconds is None else seconds
    while left > 0:
        if cancelled.is_set():
            raise ProviderFault(FaultKind.CANCELLED, "The job ended before its picture was ready.", permanent=False)
        done = wait(running, timeout=min(_GLANCE_SECONDS, left), return_when=FIRST_COMPLETED).done
        if done:
            return done
        left -= _GLANCE_SECONDS
    return set()
