"""What several processes write into the cache at one moment, which only PostgreSQL can show."""

import threading
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.vk.content import ContentKind
from tests.support.postgres_stores import PostgresStores
from tests.vk.community import a_community
from tests.vk.test_vk_cache import ALBUM, a_photo, an_album


@pytest.fixture
def stores(shared_postgres: PostgresStores) -> PostgresStores:
    shared_postgres.reset()
    return shared_postgres


@pytest.fixture
def community(stores: PostgresStores) -> UUID:
    return stores.communities.add(a_community()).id


def at_once(*deeds: Callable[[], object]) -> None:
    """Each in a thread of its own, all let go together; raises what any of them raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(deeds), timeout=30)

    def run(deed: Callable[[], object]) -> None:
        try:
            start.wait()
            deed()
        except BaseException as failure:  # noqa: BLE001 - told by the test's thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure


def test_two_lists_at_once_leave_one_of_them(stores: PostgresStores, community: UUID) -> None:
    lists = [[a_photo(number) for number in range(first, first + 500)] for first in (1, 251, 501, 751)]
    at_once(*(lambda photos=photos: stores.vk_cache.replace_photos(community, ALBUM, photos) for photos in lists))
    found, total = stores.vk_cache.photos(community, ALBUM, 1, 1000)
    assert total == 500
    assert {photo.photo_id for photo in found} in [{photo.photo_id for photo in photos} for photos in lists]


def test_two_lists_of_albums_too(stores: PostgresStores, community: UUID) -> None:
    lists = [[an_album(number) for number in range(first, first + 50)] for first in (1, 26, 51)]
    at_once(*(lambda albums=albums: stores.vk_cache.replace_albums(community, albums) for albums in lists))
    assert list(stores.vk_cache.albums(community)) in lists


def test_one_photo_that_many_add_is_counted_once(stores: PostgresStores, community: UUID) -> None:
    stores.vk_cache.replace_albums(community, [an_album(size=7)])
    added: list[bool] = []
    at_once(*[lambda: added.append(stores.vk_cache.add_photo(community, a_photo(1)))] * 6)
    assert sorted(added) == [False] * 5 + [True]
    assert [album.size for album in stores.vk_cache.albums(community)] == [8]


def test_many_photos_that_are_added_are_all_counted(stores: PostgresStores, community: UUID) -> None:
    stores.vk_cache.replace_albums(community, [an_album(size=7)])
    at_once(*(lambda n=n: stores.vk_cache.add_photo(community, a_photo(n)) for n in range(6)))
    assert [album.size for album in stores.vk_cache.albums(community)] == [13]


def test_a_community_may_be_removed_while_it_is_read(stores: PostgresStores, community: UUID) -> None:
    photos = [a_photo(number) for number in range(500)]
    at_once(
        lambda: stores.vk_cache.replace_photos(community, ALBUM, photos),
        lambda: stores.communities.remove(community),
        lambda: stores.vk_cache.note_failure(community, ContentKind.ALBUMS, 0, "busy"),
    )
    assert stores.vk_cache.photos(community, ALBUM, 1, 1) == ([], 0)


def test_photos_and_their_album_may_change_and_go_together(stores: PostgresStores, community: UUID) -> None:
    photos = [a_photo(number) for number in range(200)]
    stores.vk_cache.replace_albums(community, [an_album()])
    stores.vk_cache.replace_photos(community, ALBUM, photos)
    at_once(
        lambda: stores.vk_cache.replace_albums(community, []),
        lambda: stores.vk_cache.replace_photos(community, ALBUM, photos),
        *(lambda n=n: stores.vk_cache.add_photo(community, a_photo(n)) for n in range(198, 202)),
    )
    assert stores.vk_cache.albums(community) == []


def test_an_event_and_a_list_of_albums_wait_for_one_another_in_one_order(
    stores: PostgresStores, community: UUID
) -> None:
    """An event locks what tells of albums before what tells of the photos of one: so does what forgets those."""
    stores.vk_cache.replace_albums(community, [an_album()])
    stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1)])
    has_albums = threading.Event()

    def event() -> None:
        with stores.transaction():
            stores.refreshes.wish(community, ContentKind.ALBUMS, 0)
            has_albums.set()
            while not somebody_waits(stores):
                time.sleep(0.01)
            stores.refreshes.wish(community, ContentKind.PHOTOS, ALBUM)

    def forget() -> None:
        assert has_albums.wait(30)
        stores.vk_cache.replace_albums(community, [])

    at_once(event, forget)
    assert stores.vk_cache.albums(community) == []


def somebody_waits(stores: PostgresStores) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(stores.database.run(text(waiting))[0][0])
