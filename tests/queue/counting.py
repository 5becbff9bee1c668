"""Ends of photos, and what was counted of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.domain.job import NewJob
from app.domain.periods import FINE_STEP, Period
from app.domain.statistics import Counts, Dimension, Outcome, Selection, Spent
from app.ports.jobs import JobQueue
from app.ports.statistics import Cut
from tests.queue.steps import PROVIDER_ERROR, TIMEOUT, Stores, claimed, succeeded

ZONE = ZoneInfo("Europe/Moscow")
EVERYTHING = Selection()


def cut(stores: Stores, selection: Selection = EVERYTHING, *, step: timedelta = FINE_STEP) -> Cut:
    """The last two hours."""
    now = stores.statistics.now()
    period = Period(now - timedelta(hours=2), now).widened(step)
    epoch = stores.statistics.epoch(selection.slot_id) if selection.slot_id else None
    return Cut(period, step, ZONE, selection, epoch.epoch if epoch else None)


def counted(stores: Stores, selection: Selection = EVERYTHING, *, step: timedelta = FINE_STEP) -> Counts:
    [found] = stores.statistics.photos(cut(stores, selection, step=step), [()])
    return found.get((), Counts())


def spent(stores: Stores, selection: Selection = EVERYTHING) -> Spent:
    [found] = stores.statistics.calls(cut(stores, selection), [()])
    return found.get((), Spent())


def endings(stores: Stores) -> dict[tuple[object, ...], int]:
    [found] = stores.statistics.photos(cut(stores), [(Dimension.OUTCOME, Dimension.REASON)])
    return {key: counts.requests for key, counts in found.items()}


def end_by_waiting(queue: JobQueue, job: NewJob) -> None:
    queue.enqueue(job)
    queue.end_waiting(job.id, TIMEOUT)


def end_by_rescue(queue: JobQueue, job: NewJob) -> None:
    queue.enqueue(replace(job, window_seconds=1, age_seconds=3))
    assert queue.rescue()["timed_out"] == 1


def end_by_failing(queue: JobQueue, job: NewJob) -> None:
    assert queue.finalize_failure(claimed(queue, job), PROVIDER_ERROR)


def end_by_cancelling(queue: JobQueue, job: NewJob) -> None:
    queue.enqueue(job)
    assert queue.cancel(job.id)


ENDS: dict[str, tuple[Callable[[JobQueue, NewJob], object], Outcome, str]] = {
    "a picture": (succeeded, Outcome.SUCCESS, ""),
    "the booth's window": (end_by_waiting, Outcome.TIMEOUT, "timeout"),
    "nobody waited": (end_by_rescue, Outcome.TIMEOUT, "timeout"),
    "the provider's fault": (end_by_failing, Outcome.PROVIDER_ERROR, "hang"),
    "an administrator": (end_by_cancelling, Outcome.CANCELLED, "cancelled"),
}
