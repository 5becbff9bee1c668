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


def race(
    first: Runner[T],
    second: Runner[T],
    *,
    head_start: float,
    cancelled: Event,
    gives_up: Callable[[ProviderFault], bool],
) -> T:
    """What the first runner to succeed returns; the other is told by its own event and left to end by itself.

    `second` begins `head_start` seconds after `first`, unless that has ended by then. Raises the fault of the runner
    that failed last, or at once the one for which `gives_up` is true, or CANCELLED.
    """
    stops = (Event(), Event())
    pool = ThreadPoolExecutor(2, thread_name_prefix="hedge")
    try:
        running = {_start(pool, first, stops[0])}
        done = _wait(running, head_start, cancelled)
        if not done:
            running.add(_start(pool, second, stops[1]))
        return _first_success(running, cancelled, gives_up)
    finally:
        for stop in stops:
            stop.set()
        pool.shutdown(wait=False)


def _start(pool: ThreadPoolExecutor, runner: Runner[T], stop: Event) -> Future[T]:
    """In a thread that logs for the same job."""
    return pool.submit(copy_context().run, runner, stop)


def _first_success(running: set[Future[T]], cancelled: Event, gives_up: Callable[[ProviderFault], bool]) -> T:
    while True:
        done = _wait(running, None, cancelled)
        running = running - done
        faults = [future.exception() for future in done]
        for future, fault in zip(done, faults, strict=True):
            if fault is None:
                return future.result()
        for fault in faults:
            if fault and (not running or not isinstance(fault, ProviderFault) or gives_up(fault)):
                raise fault


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
