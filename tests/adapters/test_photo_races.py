"""Administrators and the cleanup at the same photo at the same moment: one of them wins, and the other knows it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.photo import UNDO_SECONDS, PhotoState
from tests.adapters.photographs import Stores, found, photographed
from tests.support.postgres_stores import PostgresStores
from tests.waiting import until

RACES = 20

only_postgres = pytest.mark.parametrize("stores", ["postgres"], indirect=True)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What each returns when all begin at once."""
    start = Barrier(len(calls))

    def begin(call: Callable[[], Any]) -> Any:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(begin, call) for call in calls]]


def purged(stores: Stores) -> list[UUID]:
    return [job_id for job_id, _, _ in stores.queue.forget_results(10)]


def test_a_photo_is_restored_or_its_file_goes_but_never_both(stores: Stores) -> None:
    for _ in range(RACES):
        job_id = photographed(stores, apart=False)
        stores.photos.delete([job_id])
        stores.pass_time(UNDO_SECONDS)
        restored, gone = together(lambda: stores.photos.restore([job_id]), lambda: purged(stores))  # noqa: B023
        assert bool(restored) != bool(gone)
        assert (stores.photos.find(job_id) is not None) == bool(restored)


@only_postgres
def test_a_photo_is_kept_at_the_last_moment_or_goes_but_never_both(stores: PostgresStores) -> None:
    for _ in range(RACES):
        job_id = photographed(stores, apart=False)
        with stores.transaction() as session:
            session.execute(text("UPDATE job SET result_expires_at = clock_timestamp() + interval '2 ms'"))
        kept, gone = together(lambda: stores.photos.keep([job_id]), lambda: purged(stores))  # noqa: B023
        assert not (kept and gone)
        assert (stores.photos.find(job_id) is not None) >= bool(kept)
        stores.reset()


@only_postgres
def test_a_photo_that_is_being_purged_cannot_be_hidden_any_more(stores: PostgresStores) -> None:
    job_id = photographed(stores)
    with stores.transaction() as session:
        session.execute(text("UPDATE job SET result_expires_at = now() + interval '1 hour'"))
    with ThreadPoolExecutor(1) as administrator:
        with stores.transaction() as session:
            session.execute(text("UPDATE job SET result_file_path = NULL"))
            hidden = administrator.submit(stores.photos.hide, [job_id])
            _wait_for_the_row(session, hidden)
        assert hidden.result() == {}


@only_postgres
def test_a_photo_that_is_being_kept_is_left_by_the_cleanup(stores: PostgresStores) -> None:
    job_id = photographed(stores)
    with stores.transaction() as session:
        session.execute(text("UPDATE job SET deleted_at = now() - interval '1 hour'"))
    with ThreadPoolExecutor(1) as cleanup:
        with stores.transaction():
            assert stores.photos.restore([job_id]) == {job_id: "slot-001"}
            assert cleanup.submit(purged, stores).result() == []
        assert purged(stores) == []
    assert found(stores, job_id).state is PhotoState.VISIBLE


def test_two_administrators_change_each_photo_once(stores: Stores) -> None:
    photos = [photographed(stores, apart=False) for _ in range(20)]
    for there, back in (("hide", "show"), ("delete", "restore"), ("keep", "release")):
        for name in (there, back):
            change = getattr(stores.photos, name)
            first, second = together(lambda: change(photos), lambda: change(photos[::-1]))  # noqa: B023
            assert sorted([*first, *second]) == sorted(photos)


def _wait_for_the_row(session: Any, call: Future[Any]) -> None:
    waiting = text("SELECT count(*) = 1 FROM pg_locks WHERE NOT granted")
    until(lambda: session.scalar(waiting), what="the change waits for the row")
    assert not call.done()
