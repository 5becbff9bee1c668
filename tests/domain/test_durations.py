"""Percentiles out of a histogram: never further off than its bounds are apart."""

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from app.domain.statistics import DURATION_BOUNDS_MS, NO_DURATIONS, Counts, Durations, added

LONGEST = DURATION_BOUNDS_MS[-1]
times = st.lists(st.integers(0, 90_000), min_size=1, max_size=200)
shares = st.floats(0, 1)


def histogram(milliseconds: list[int]) -> Durations:
    counts = [0] * len(NO_DURATIONS)
    for took in milliseconds:
        counts[bisect_right(DURATION_BOUNDS_MS, took)] += 1
    return Durations(tuple(counts), sum(milliseconds))


def percentile(durations: Durations, share: float) -> int:
    found = durations.percentile_ms(share)
    assert found is not None
    return found


@given(times, shares)
def test_a_percentile_lies_in_the_step_of_the_time_it_stands_for(milliseconds: list[int], share: float) -> None:
    found = percentile(histogram(milliseconds), share)
    place = min(int(share * len(milliseconds)), len(milliseconds) - 1)
    edges = [0, *DURATION_BOUNDS_MS]
    near = sorted(milliseconds)[max(place - 1, 0) : place + 1]
    low = max(edge for edge in edges if edge <= near[0])
    high = min((edge for edge in edges if edge > near[-1]), default=LONGEST)
    assert low <= found <= high


@given(times, shares, shares)
def test_a_larger_share_takes_no_less_time(milliseconds: list[int], one: float, another: float) -> None:
    durations = histogram(milliseconds)
    low, high = sorted((one, another))
    assert percentile(durations, low) <= percentile(durations, high)


@given(times)
def test_percentiles_are_within_bounds(milliseconds: list[int]) -> None:
    durations = histogram(milliseconds)
    assert 0 <= percentile(durations, 0) <= percentile(durations, 1) <= LONGEST
    assert durations.mean_ms == round(sum(milliseconds) / len(milliseconds))


@given(times, times, shares)
def test_two_together_lie_between_the_two(some: list[int], others: list[int], share: float) -> None:
    together = percentile(added([histogram(some), histogram(others)]), share)
    low, high = sorted((percentile(histogram(some), share), percentile(histogram(others), share)))
    assert low - 1 <= together <= high + 1


@given(times, times)
def test_adding_is_counting_all(some: list[int], others: list[int]) -> None:
    assert added([histogram(some), histogram(others)]) == histogram(some + others)


def test_of_nothing_there_is_no_time() -> None:
    assert Durations().percentile_ms(0.95) is Durations().mean_ms is None
    assert added([]) == Durations()


def test_times_between_two_bounds_count_as_spread_evenly() -> None:
    durations = histogram([5100] * 10)
    assert [durations.percentile_ms(share) for share in (0, 0.5, 1)] == [5000, 6250, 7500]


def test_a_share_is_of_the_photos_that_nobody_cancelled() -> None:
    assert Counts(success=3, timeout=1, cancelled=4, refused=9).success_share == 0.75
    assert Counts(cancelled=4, refused=9).success_share is None
