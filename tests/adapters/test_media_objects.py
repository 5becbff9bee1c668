"""The contract of temporary public files, held by PostgreSQL and by the twin in memory."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.domain.media import MediaObject
from tests.factories import new_job
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
DAY = 24 * 3600


def added(
    stores: Stores, *, lifetime_seconds: float = 48, job_id: UUID | None = None, size_bytes: int = 5
) -> MediaObject:
    media_id = UUID(bytes=secrets.token_bytes(16))
    path = f"media/{media_id}.jpg"
    return stores.media_objects.add(media_id, path, "image/jpeg", size_bytes, job_id, lifetime_seconds)


def found(stores: Stores, media_id: UUID) -> MediaObject:
    row = stores.media_objects.get(media_id)
    assert row is not None
    return row


def seconds_between(earlier: datetime, later: datetime) -> float:
    return (later - earlier) / timedelta(seconds=1)


class TestLifetime:
    def test_it_is_counted_from_now_by_the_databases_clock(self, stores: Stores) -> None:
        row = added(stores, lifetime_seconds=47.5)
        assert seconds_between(row.created_at, row.expires_at) == 47.5
        assert row.is_available

    def test_it_never_outlives_its_job(self, stores: Stores) -> None:
        job = new_job(window_seconds=48, age_seconds=20)
        queued = stores.queue.enqueue(job)
        assert added(stores, job_id=job.id).expires_at == queued.expires_at
        sooner = added(stores, job_id=job.id, lifetime_seconds=10)
        assert seconds_between(sooner.created_at, sooner.expires_at) == 10

    def test_it_ends_to_the_second_and_the_row_tells_so_ever_after(self, stores: Stores) -> None:
        row = added(stores, lifetime_seconds=48)
        stores.pass_time(46)
        assert found(stores, row.id).is_available
        stores.pass_time(2)
        over = found(stores, row.id)
        assert (over.is_available, over.path) == (False, row.path)


def test_what_was_added_comes_back(stores: Stores) -> None:
    row = added(stores, size_bytes=5_000_000_000)
    again = found(stores, row.id)
    assert (again.path, again.mime_type, again.size_bytes) == (row.path, "image/jpeg", 5_000_000_000)
    assert (again.job_id, again.created_at, again.expires_at) == (None, row.created_at, row.expires_at)
    assert again.read_at >= row.read_at
    assert stores.media_objects.get(UUID(int=0)) is None


class TestForgettingFiles:
    def test_each_file_past_its_time_is_given_out_once_in_batches(self, stores: Stores) -> None:
        over = [added(stores, size_bytes=n) for n in range(1, 6)]
        added(stores, lifetime_seconds=100)
        assert stores.media_objects.forget_media(10) == []
        stores.pass_time(49)
        batches = [stores.media_objects.forget_media(3) for _ in range(3)]
        assert [len(batch) for batch in batches] == [3, 2, 0]
        assert {file for batch in batches for file in batch} == {(row.path, row.size_bytes) for row in over}

    def test_a_row_without_its_file_is_not_available(self, stores: Stores) -> None:
        row = added(stores)
        stores.pass_time(49)
        stores.media_objects.forget_media(1)
        assert (found(stores, row.id).path, found(stores, row.id).is_available) == (None, False)

    def test_what_is_referred_to_are_the_files_that_rows_still_have(self, stores: Stores) -> None:
        forgotten, kept = added(stores), added(stores, lifetime_seconds=100)
        stores.pass_time(49)
        stores.media_objects.forget_media(10)
        ids = [forgotten.id, kept.id, UUID(int=0)]
        assert stores.media_objects.referenced_media(ids) == {kept.path}
        assert stores.media_objects.referenced_media([]) == set()


class TestForgettingRows:
    @pytest.fixture(autouse=True)
    def past_their_time(self, stores: Stores) -> None:
        for _ in range(3):
            added(stores, lifetime_seconds=60)
        stores.pass_time(61)
        stores.media_objects.forget_media(10)

    def test_they_go_thirty_days_after_their_time(self, stores: Stores) -> None:
        stores.pass_time(30 * DAY - 30)
        assert stores.media_objects.forget_expired(10) == 0
        stores.pass_time(30)
        assert [stores.media_objects.forget_expired(2) for _ in range(3)] == [2, 1, 0]

    def test_but_not_before_their_files(self, stores: Stores) -> None:
        row = added(stores)
        stores.pass_time(60 * DAY)
        assert stores.media_objects.forget_expired(10) == 3
        assert stores.media_objects.forget_media(10) == [(row.path, row.size_bytes)]
