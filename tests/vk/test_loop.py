"""The loop of the tracker's process: steps side by side, each at once again while there is work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.domain.errors import DatabaseUnavailable
from app.services.vk.loop import Step, StepLoop
from tests.waiting import until

NEVER_AGAIN = 3600.0


@contextmanager
def running(*steps: Step) -> Iterator[StepLoop]:
    loop = StepLoop(steps)
    loop.start()
    yield loop
    assert loop.stop(10)


class Work:
    """A step with so many pieces of work; `troubles` are raised first."""

    def __init__(self, pieces: int, *troubles: Exception) -> None:
        self.calls = 0
        self._pieces = pieces
        self._troubles = list(troubles)

    def __call__(self) -> bool:
        self.calls += 1
        if self._troubles:
            raise self._troubles.pop(0)
        self._pieces -= 1
        return self._pieces >= 0


def test_a_step_goes_on_at_once_while_there_is_work() -> None:
    work = Work(50)
    with running(Step("work", work, NEVER_AGAIN)):
        until(lambda: work.calls == 51, what="all is done")


def test_then_it_looks_again_after_its_pause() -> None:
    work = Work(0)
    with running(Step("work", work, 0.01)):
        until(lambda: work.calls > 3, what="it has looked again")


@pytest.mark.parametrize("trouble", [DatabaseUnavailable("away"), ZeroDivisionError()])
def test_one_that_fails_is_tried_again_after_its_pause(trouble: Exception) -> None:
    work = Work(1, trouble, trouble)
    with running(Step("work", work, 0.01)):
        until(lambda: work.calls > 4, what="it goes on")


def test_one_that_hangs_keeps_up_no_other() -> None:
    end, work = threading.Event(), Work(5)
    with running(Step("hangs", _hanging(end), NEVER_AGAIN), Step("work", work, NEVER_AGAIN)):
        until(lambda: work.calls == 6, what="the other is done")
        end.set()


def test_several_threads_of_one_step_work_at_once() -> None:
    together = threading.Barrier(3)
    met = threading.Event()

    def meet() -> bool:
        together.wait(10)
        met.set()
        return False

    with running(Step("meet", meet, NEVER_AGAIN, threads=3)):
        assert met.wait(10)


def test_who_is_asked_to_stop_ends_what_it_does_and_begins_nothing() -> None:
    end, begun = threading.Event(), threading.Event()
    calls: list[bool] = []

    def step() -> bool:
        calls.append(True)
        begun.set()
        end.wait(10)
        return True

    loop = StepLoop([Step("slow", step, NEVER_AGAIN)])
    loop.start()
    assert begun.wait(10)
    assert not loop.stop(0.01)
    end.set()
    assert loop.stop(10)
    assert len(calls) == 1


def test_pauses_end_when_it_is_asked_to_stop() -> None:
    work = Work(0)
    loop = StepLoop([Step("work", work, NEVER_AGAIN)])
    loop.start()
    until(lambda: work.calls == 1, what="it pauses")
    assert loop.stop(10)


def _hanging(end: threading.Event) -> Callable[[], bool]:
    def hang() -> bool:
        end.wait(10)
        return False

    return hang
