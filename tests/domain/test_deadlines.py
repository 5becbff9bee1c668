"""Time limits of one photo."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.deadlines import (
    RESULT_RETENTION_HOURS_DEFAULT,
    RESULT_RETENTION_HOURS_RANGE,
    SYNC_RESPONSE_DEFAULT,
    SYNC_RESPONSE_RANGE,
    Deadline,
    poll_interval,
)


@given(ends_at=st.floats(0, 1e9), now=st.floats(0, 1e9))
def test_what_is_left_is_never_negative(ends_at: float, now: float) -> None:
    left = Deadline(ends_at).remaining(now)
    assert left >= 0
    assert (left == 0) == (now >= ends_at)


def test_what_is_left_is_counted_in_seconds() -> None:
    assert Deadline(148.5).remaining(100) == 48.5


def test_defaults_lie_in_their_ranges() -> None:
    for default, (low, high) in (
        (SYNC_RESPONSE_DEFAULT, SYNC_RESPONSE_RANGE),
        (RESULT_RETENTION_HOURS_DEFAULT, RESULT_RETENTION_HOURS_RANGE),
    ):
        assert low <= default <= high


@given(setting=st.floats(0.05, 2), waiting=st.integers(1, 10_000), age=st.floats(0, 60))
def test_the_tick_keeps_its_bounds(setting: float, waiting: int, age: float) -> None:
    tick = poll_interval(setting, waiting, age)
    assert 0.05 <= tick <= setting
    assert age >= 1 or tick <= 0.1


@given(setting=st.floats(0.05, 2), waiting=st.integers(1, 10_000))
def test_waiting_costs_at_most_a_read_a_second_each_at_the_default(setting: float, waiting: int) -> None:
    reads_a_second = 1 / poll_interval(setting, waiting, youngest_age=30)
    assert reads_a_second <= max(1 / setting, min(20, waiting / setting)) + 1e-9


def test_the_tick_is_shared_among_those_who_wait() -> None:
    assert poll_interval(1.0, 1, 30) == 1.0
    assert poll_interval(1.0, 4, 30) == 0.25
    assert poll_interval(1.0, 500, 30) == 0.05
