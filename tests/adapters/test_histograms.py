"""The database sorts a duration into the same step of the histogram as the domain does."""

from bisect import bisect_right

import pytest
from sqlalchemy import text

from app.adapters.db.histograms import unpacked
from app.domain.statistics import DURATION_BOUNDS_MS, NO_DURATIONS, Durations
from tests.support.postgres_stores import PostgresStores

EDGES = [0, *(bound + offset for bound in DURATION_BOUNDS_MS for offset in (-1, 0, 1)), 86_400_000]


def packed(stores: PostgresStores, *milliseconds: int) -> int:
    query = text("SELECT sum(duration_histogram(ms)) FROM unnest(CAST(:ms AS bigint[])) AS took (ms)")
    with stores.transaction() as session:
        return int(session.scalar(query, {"ms": list(milliseconds)}))


def test_every_bound_is_that_of_the_domain(shared_postgres: PostgresStores) -> None:
    for ms in EDGES:
        counts = [0] * len(NO_DURATIONS)
        counts[bisect_right(DURATION_BOUNDS_MS, ms)] = 1
        assert unpacked(packed(shared_postgres, ms), ms) == Durations(tuple(counts), ms)


@pytest.mark.parametrize("times", [1, 7, 10_000])
def test_sums_are_sums_of_each_step(shared_postgres: PostgresStores, times: int) -> None:
    number = packed(shared_postgres, *EDGES) * times
    assert unpacked(number, 5).counts == (2 * times, *[3 * times] * 19)


def test_of_nothing(shared_postgres: PostgresStores) -> None:
    assert unpacked(0, 0) == Durations()
