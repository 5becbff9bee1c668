"""A bounded amount, shared by threads in the order in which they came."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from app.adapters.images.allowance import Allowance
from app.domain.deadlines import Deadline
from app.domain.errors import Reason, Refused
from tests.waiting import until


class User:
    """Holds a share in a thread of its own until it is let go."""

    def __init__(self, allowance: Allowance, wanted: int, pool: ThreadPoolExecutor) -> None:
        self._allowance = allowance
        self._wanted = wanted
        self._enough = Event()
        self.has_it = Event()
        self._done: Future[None] = pool.submit(self._hold)

    def leave(self) -> None:
        self._enough.set()
        self._done.result(10)

    def _hold(self) -> None:
        with self._allowance.taken(self._wanted):
            self.has_it.set()
            self._enough.wait(10)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def in_line(allowance: Allowance, number: int) -> None:
    until(lambda: len(allowance._line) == number, what=f"{number} wait")


def soon() -> Deadline:
    return Deadline(time.monotonic() + 0.05)


def test_as_many_hold_it_as_fit(pool: ThreadPoolExecutor) -> None:
    allowance = Allowance(10)
    users = [User(allowance, 5, pool), User(allowance, 5, pool)]
    for user in users:
        assert user.has_it.wait(10)
    with pytest.raises(Refused) as caught, allowance.taken(1, soon()):
        pass
    assert caught.value.reason is Reason.QUEUE_BUSY
    assert caught.value.retry_after
    users[0].leave()
    with allowance.taken(5, soon()):
        pass
    users[1].leave()


def test_who_wants_more_than_there_is_gets_everything(pool: ThreadPoolExecutor) -> None:
    allowance = Allowance(10)
    greedy = User(allowance, 99, pool)
    assert greedy.has_it.wait(10)
    with pytest.raises(Refused), allowance.taken(1, soon()):
        pass
    greedy.leave()
    with allowance.taken(10, soon()):
        pass


def test_nobody_overtakes_who_waits_for_much(pool: ThreadPoolExecutor) -> None:
    allowance = Allowance(10)
    first = User(allowance, 5, pool)
    assert first.has_it.wait(10)
    large = User(allowance, 10, pool)
    in_line(allowance, 1)
    small = User(allowance, 1, pool)
    in_line(allowance, 2)
    assert not small.has_it.is_set()
    first.leave()
    assert large.has_it.wait(10)
    assert not small.has_it.is_set()
    large.leave()
    assert small.has_it.wait(10)
    small.leave()


def test_who_gives_up_is_out_of_the_way(pool: ThreadPoolExecutor) -> None:
    allowance = Allowance(10)
    first = User(allowance, 5, pool)
    assert first.has_it.wait(10)
    with pytest.raises(Refused), allowance.taken(10, soon()):
        pass
    with allowance.taken(5, soon()):
        pass
    first.leave()


def test_it_is_given_back_when_the_use_fails() -> None:
    allowance = Allowance(1)
    with pytest.raises(ZeroDivisionError), allowance.taken(1):
        raise ZeroDivisionError
    with allowance.taken(1, soon()):
        pass
