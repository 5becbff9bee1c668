"""The contract of VkCache, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.vk.content import ContentKind
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import WallPost
from app.ports.vk.communities import Freshness
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores
from tests.vk.community import GROUP_ID, a_community

Stores = MemoryStores | PostgresStores

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALBUM, OTHER = 300_000_001, 300_000_002
NOBODY = UUID(int=0)


def an_album(album_id: int = ALBUM, size: int = 0, title: str = "Свадьба") -> VkAlbum:
    return VkAlbum(album_id, -GROUP_ID, title, "20 ноября", size, "https://vk.test/cover.jpg", True, NOON)


def a_photo(photo_id: int, album_id: int = ALBUM, minutes: int = 0) -> VkPhoto:
    at = NOON + timedelta(minutes=minutes)
    url, preview = f"https://vk.test/{photo_id}_w.jpg", f"https://vk.test/{photo_id}_x.jpg"
    return VkPhoto(photo_id, -GROUP_ID, album_id, url, preview, 2560, 1707, "#свадьба", at, "f00d")


def a_post(post_id: int, minutes: int = 0) -> WallPost:
    at = NOON + timedelta(minutes=minutes)
    return WallPost(post_id, -GROUP_ID, False, at, "Смотрите!", ((-GROUP_ID, 5), (9, 6)), ("https://vk.test/5.jpg",), 3)


@pytest.fixture
def community(stores: Stores) -> UUID:
    return stores.communities.add(a_community()).id


def sizes(stores: Stores, community: UUID) -> dict[int, int]:
    return {album.album_id: album.size for album in stores.vk_cache.albums(community)}


def ids(stores: Stores, community: UUID, album_id: int = ALBUM) -> list[int]:
    photos, total = stores.vk_cache.photos(community, album_id, 1, 100)
    assert total == len(photos)
    return [photo.photo_id for photo in photos]


def wall(stores: Stores, community: UUID, *, is_postponed: bool = False) -> list[int]:
    return [post.post_id for post in stores.vk_cache.posts(community, is_postponed, 100)]


class TestAlbums:
    def test_they_stand_in_the_order_of_vk(self, stores: Stores, community: UUID) -> None:
        listed = [an_album(7, 3), replace(an_album(9), updated_at=None), an_album(8)]
        stores.vk_cache.replace_albums(community, listed)
        assert stores.vk_cache.albums(community) == listed
        assert stores.vk_cache.albums(NOBODY) == []

    def test_a_new_list_takes_the_place_of_the_old_one(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(7), an_album(8)])
        renewed = [an_album(9), an_album(7, 12, "Юбилей")]
        stores.vk_cache.replace_albums(community, renewed)
        assert stores.vk_cache.albums(community) == renewed

    def test_photos_go_with_their_album(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(), an_album(OTHER)])
        for album_id, photo_id in ((ALBUM, 1), (OTHER, 2)):
            stores.vk_cache.replace_photos(community, album_id, [a_photo(photo_id, album_id)])
        stores.vk_cache.replace_albums(community, [an_album(OTHER, 1)])
        assert (ids(stores, community), ids(stores, community, OTHER)) == ([], [2])
        assert (ContentKind.PHOTOS, ALBUM) not in stores.vk_cache.freshness(community)

    def test_one_that_was_made_here_stands_first(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(7), an_album(8)])
        stores.vk_cache.add_album(community, an_album(9))
        stores.vk_cache.add_album(community, an_album(10))
        stores.vk_cache.add_album(community, an_album(7, 99))
        assert list(sizes(stores, community).items()) == [(10, 0), (9, 0), (7, 0), (8, 0)]

    def test_one_that_was_just_made_stays_though_vk_listed_it_not(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.add_album(community, an_album(9))
        stores.vk_cache.replace_albums(community, [an_album(7)])
        assert list(sizes(stores, community)) == [9, 7]
        stores.pass_time(121)
        stores.vk_cache.replace_albums(community, [an_album(7)])
        assert list(sizes(stores, community)) == [7]

    def test_one_that_was_made_here_and_listed_since_goes_like_all_others(
        self, stores: Stores, community: UUID
    ) -> None:
        stores.vk_cache.add_album(community, an_album(9))
        stores.vk_cache.replace_albums(community, [an_album(9)])
        stores.vk_cache.replace_albums(community, [])
        assert stores.vk_cache.albums(community) == []


class TestPhotos:
    def test_the_newest_come_first_in_pages(self, stores: Stores, community: UUID) -> None:
        photos = [a_photo(1), a_photo(3, minutes=5), a_photo(2, minutes=5), a_photo(4, minutes=1)]
        stores.vk_cache.replace_photos(community, ALBUM, photos)
        found = [stores.vk_cache.photos(community, ALBUM, page, 3) for page in (1, 2, 3)]
        assert [[photo.photo_id for photo in page] for page, _ in found] == [[3, 2, 4], [1], []]
        assert {total for _, total in found} == {4}
        assert found[1][0] == [a_photo(1)]

    def test_all_of_an_album_is_replaced_and_nothing_else(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_photos(community, OTHER, [a_photo(9, OTHER)])
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1), a_photo(2, minutes=1)])
        changed = replace(a_photo(2), url="https://vk.test/another.jpg", text="")
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(3, minutes=1), changed])
        assert ids(stores, community) == [3, 2]
        assert stores.vk_cache.photos(community, ALBUM, 2, 1)[0] == [changed]
        assert ids(stores, community, OTHER) == [9]

    def test_a_photo_that_was_moved_is_in_one_album(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1)])
        stores.vk_cache.replace_photos(community, OTHER, [a_photo(1, OTHER)])
        assert (ids(stores, community), ids(stores, community, OTHER)) == ([], [1])

    def test_one_is_found_by_its_number(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1), a_photo(2)])
        assert stores.vk_cache.photo(community, 2) == a_photo(2)
        assert stores.vk_cache.photo(community, 3) is None
        assert stores.vk_cache.photo(NOBODY, 2) is None

    def test_what_vk_lists_twice_is_there_once(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1), a_photo(1)])
        assert ids(stores, community) == [1]

    def test_the_size_of_the_album_is_their_number(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(ALBUM, 700), an_album(OTHER, 5)])
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1), a_photo(2)])
        assert sizes(stores, community) == {ALBUM: 2, OTHER: 5}

    def test_an_uploaded_one_is_added_and_counted_once(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(ALBUM, 700), an_album(OTHER, 5)])
        assert stores.vk_cache.add_photo(community, a_photo(1))
        assert not stores.vk_cache.add_photo(community, a_photo(1))
        assert (ids(stores, community), sizes(stores, community)) == ([1], {ALBUM: 701, OTHER: 5})

    def test_one_that_a_refresh_has_found_is_not_counted_again(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(ALBUM, 0)])
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1)])
        assert not stores.vk_cache.add_photo(community, a_photo(1))
        assert sizes(stores, community) == {ALBUM: 1}

    def test_one_that_was_just_uploaded_stays_though_vk_listed_it_not(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_albums(community, [an_album(ALBUM, 0)])
        stores.vk_cache.add_photo(community, a_photo(1))
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(2)])
        assert (set(ids(stores, community)), sizes(stores, community)) == ({1, 2}, {ALBUM: 2})
        stores.pass_time(121)
        stores.vk_cache.replace_photos(community, ALBUM, [a_photo(2)])
        assert (ids(stores, community), sizes(stores, community)) == ([2], {ALBUM: 1})

    def test_a_photo_of_an_album_that_nobody_knows_is_kept(self, stores: Stores, community: UUID) -> None:
        assert stores.vk_cache.add_photo(community, a_photo(1))
        assert (ids(stores, community), sizes(stores, community)) == ([1], {})


class TestPosts:
    def test_they_are_kept_whole(self, stores: Stores, community: UUID) -> None:
        post = a_post(1)
        stores.vk_cache.replace_posts(community, False, [post])
        assert stores.vk_cache.posts(community, False, 10) == [post]

    def test_published_ones_are_listed_newest_first_postponed_ones_next_first(
        self, stores: Stores, community: UUID
    ) -> None:
        posts = [a_post(1), a_post(3, minutes=5), a_post(2, minutes=5)]
        for is_postponed in (False, True):
            stores.vk_cache.replace_posts(community, is_postponed, posts)
        assert wall(stores, community) == [3, 2, 1]
        assert wall(stores, community, is_postponed=True) == [1, 2, 3]
        assert [post.post_id for post in stores.vk_cache.posts(community, False, 2)] == [3, 2]

    def test_either_kind_is_replaced_by_itself(self, stores: Stores, community: UUID) -> None:
        stores.vk_cache.replace_posts(community, True, [a_post(1)])
        stores.vk_cache.replace_posts(community, False, [a_post(1), a_post(2)])
        stores.vk_cache.replace_posts(community, False, [a_post(3)])
        assert (wall(stores, community), wall(stores, community, is_postponed=True)) == ([3], [1])
        assert [post.is_postponed for post in stores.vk_cache.posts(community, True, 9)] == [True]

    def test_they_are_counted_for_every_wall(self, stores: Stores, community: UUID) -> None:
        other = stores.communities.add(a_community(group_id=GROUP_ID + 1)).id
        assert stores.vk_cache.wall_sizes() == {}
        stores.vk_cache.replace_posts(community, True, [a_post(1)])
        for one in (community, other):
            stores.vk_cache.replace_posts(one, False, [a_post(1), a_post(2)])
        assert stores.vk_cache.wall_sizes() == {(community, True): 1, (community, False): 2, (other, False): 2}


class TestFreshness:
    def test_whatever_was_read_says_when(self, stores: Stores, community: UUID) -> None:
        assert stores.vk_cache.freshness(community) == {}
        stores.vk_cache.replace_albums(community, [])
        stores.vk_cache.replace_photos(community, ALBUM, [])
        stores.vk_cache.replace_posts(community, True, [])
        stores.vk_cache.replace_posts(community, False, [])
        found = stores.vk_cache.freshness(community)
        assert set(found) == {
            (ContentKind.ALBUMS, 0),
            (ContentKind.PHOTOS, ALBUM),
            (ContentKind.SCHEDULED_POSTS, 0),
            (ContentKind.PUBLISHED_POSTS, 0),
        }
        for fresh in found.values():
            assert fresh.refreshed_at is not None
            assert fresh.refreshed_at - datetime.now(UTC) == pytest.approx(timedelta(), abs=timedelta(seconds=5))

    def test_a_failure_is_told_until_it_succeeds(self, stores: Stores, community: UUID) -> None:
        def fresh() -> Freshness:
            return stores.vk_cache.freshness(community)[ContentKind.ALBUMS, 0]

        stores.vk_cache.note_failure(community, ContentKind.ALBUMS, 0, "token_refused")
        assert fresh() == Freshness(None, "token_refused")
        stores.vk_cache.replace_albums(community, [an_album()])
        read_at = fresh().refreshed_at
        assert fresh() == Freshness(read_at, "")
        stores.vk_cache.note_failure(community, ContentKind.ALBUMS, 0, "busy")
        assert fresh() == Freshness(read_at, "busy")
        assert len(stores.vk_cache.albums(community)) == 1


class TestReadingsAtOnce:
    """Nobody can tell which of two that overlapped is the newer one."""

    @pytest.fixture(params=[ContentKind.ALBUMS, ContentKind.PHOTOS, ContentKind.PUBLISHED_POSTS])
    def kind(self, request: pytest.FixtureRequest) -> ContentKind:
        return request.param  # type: ignore[no-any-return]

    def place(self, kind: ContentKind) -> tuple[ContentKind, int]:
        return kind, ALBUM if kind is ContentKind.PHOTOS else 0

    def known(self, stores: Stores, community: UUID, kind: ContentKind) -> Freshness:
        return stores.vk_cache.freshness(community).get(self.place(kind), Freshness(None))

    def store(self, stores: Stores, community: UUID, kind: ContentKind, known: Freshness) -> None:
        match kind:
            case ContentKind.ALBUMS:
                stores.vk_cache.replace_albums(community, [], known=known)
            case ContentKind.PHOTOS:
                stores.vk_cache.replace_photos(community, ALBUM, [], known=known)
            case _:
                stores.vk_cache.replace_posts(community, False, [], known=known)

    def wishes(self, stores: Stores) -> list[tuple[ContentKind, int]]:
        return [(task.kind, task.album_id) for task in stores.refreshes.take(10, 60)]

    def test_are_followed_by_one_more(self, stores: Stores, community: UUID, kind: ContentKind) -> None:
        for _ in range(2):
            known = self.known(stores, community, kind)
            self.store(stores, community, kind, known)
            stores.pass_time(1)
            assert self.wishes(stores) == []
            self.store(stores, community, kind, known)
            [task] = stores.refreshes.take(10, 60)
            assert (task.kind, task.album_id) == self.place(kind)
            stores.refreshes.done(task)

    def test_a_wish_that_was_there_stays_one(self, stores: Stores, community: UUID, kind: ContentKind) -> None:
        known = self.known(stores, community, kind)
        self.store(stores, community, kind, known)
        stores.refreshes.wish(community, *self.place(kind))
        stores.pass_time(1)
        self.store(stores, community, kind, known)
        assert self.wishes(stores) == [self.place(kind)]

    def test_one_that_had_failed_overtakes_nobody(self, stores: Stores, community: UUID, kind: ContentKind) -> None:
        known = self.known(stores, community, kind)
        stores.vk_cache.note_failure(community, *self.place(kind), "busy")
        self.store(stores, community, kind, known)
        assert self.wishes(stores) == []


def test_nothing_is_written_of_a_community_that_is_gone(stores: Stores, community: UUID) -> None:
    stores.communities.remove(community)
    stores.vk_cache.replace_albums(community, [an_album()])
    stores.vk_cache.add_album(community, an_album())
    stores.vk_cache.replace_photos(community, ALBUM, [a_photo(1)])
    stores.vk_cache.replace_posts(community, True, [a_post(1)])
    stores.vk_cache.note_failure(community, ContentKind.ALBUMS, 0, "busy")
    assert not stores.vk_cache.add_photo(community, a_photo(2))
    assert stores.vk_cache.freshness(community) == {}
    assert (stores.vk_cache.albums(community), ids(stores, community)) == ([], [])
