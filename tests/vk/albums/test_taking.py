"""The same contract: who sends which photos, and what nobody knows the outcome of."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

from app.domain.vk.community import Community
from app.ports.vk.filling import AlbumUploads
from tests.vk.album_orders import CHOSEN, GATHERED, HOLD, Stores, connected, due, finish, photos_of, taken


class TestTaking:
    def test_five_at_once_the_oldest_first(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        photos = []
        for _ in range(6):
            photos.append(finish(stores, community))
            stores.pass_time(1)
        stores.pass_time(GATHERED)
        first = taken(uploads)
        assert photos_of(first) == photos[:5]
        uploads.sent(first, dict(zip(photos, range(1, 6), strict=False)))
        assert photos_of(taken(uploads)) == photos[5:]

    def test_photos_gather_for_a_while_and_then_those_that_came_last_go_along(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        first = finish(stores, community)
        assert uploads.take(HOLD) is None
        stores.pass_time(GATHERED)
        last = finish(stores, community)
        assert photos_of(taken(uploads)) == [first, last]

    def test_one_batch_of_a_community_at_a_time(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        other = connected(stores, name="Другая", group_id=7)
        here, there = finish(stores, community), finish(stores, other)
        elsewhere = finish(stores, community, album="none")
        uploads.order(community.id, CHOSEN, {elsewhere: "slot-001"})
        stores.pass_time(GATHERED)
        both = [photos_of(taken(uploads)), photos_of(taken(uploads))]
        assert [there] in both
        assert both != [[here], [elsewhere]]
        assert uploads.take(HOLD) is None

    def test_none_of_a_community_that_rests(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        due(stores, community)
        assert uploads.take(HOLD, [community.id]) is None
        assert uploads.take(HOLD, [uuid4()])

    def test_whoever_died_is_replaced_and_cannot_come_back(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        [photo] = due(stores, community)
        dead = taken(uploads)
        stores.pass_time(HOLD + 1)
        heir = taken(uploads)
        assert (photos_of(heir), heir.uploads[0].attempts, heir.sent_at) == ([photo], 2, None)
        assert uploads.announce(dead, HOLD) is None
        uploads.failed(dead, "late", 0)
        uploads.give_up(dead, "late")
        assert uploads.take(HOLD) is None
        assert uploads.announce(heir, HOLD)

    def test_what_failed_waits_for_its_pause(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        [photo] = due(stores, community)
        uploads.failed(taken(uploads), "busy", 30)
        assert uploads.take(HOLD) is None
        assert (uploads.tally("slot-001").waiting, uploads.tally("slot-001").error) == (1, "busy")
        stores.pass_time(31)
        assert photos_of(taken(uploads)) == [photo]

    def test_many_at_once_take_each_once(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        photos = {finish(stores, community) for _ in range(7)}
        stores.pass_time(GATHERED)
        start = Barrier(4)

        def fill(_: int) -> list[UUID]:
            start.wait()
            found = photos_of(batch := uploads.take(HOLD))
            if batch:
                uploads.sent(batch, {photo: photo.int % 2**40 for photo in found})
            return found

        with ThreadPoolExecutor(4) as threads:
            sent = [photo for found in threads.map(fill, range(4)) for photo in found]
        assert len(sent) == len(set(sent))
        while batch := uploads.take(HOLD):
            sent += photos_of(batch)
        assert set(sent) == photos


class TestUnknownOutcomes:
    def test_what_was_announced_comes_back_together_and_says_when_it_was_sent(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photos = due(stores, community, 2)
        sent = uploads.announce(taken(uploads), HOLD)
        assert sent is not None
        later = finish(stores, community)
        stores.pass_time(HOLD + 1)
        found = taken(uploads)
        assert set(photos_of(found)) == set(photos)
        assert later not in photos_of(found)
        assert found.sent_at is not None

    def test_no_other_batch_of_the_community_is_begun_before_that_is_known(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        due(stores, community)
        sent = uploads.announce(taken(uploads), HOLD)
        assert sent is not None
        uploads.failed(sent, "outcome_unknown", 60, is_unknown=True)
        due(stores, community)
        assert uploads.take(HOLD) is None
        stores.pass_time(60)
        assert taken(uploads).sent_at is not None

    def test_a_failure_that_is_known_takes_the_announcement_back(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        due(stores, community)
        sent = uploads.announce(taken(uploads), HOLD)
        assert sent is not None
        uploads.failed(sent, "busy", 0)
        assert taken(uploads).sent_at is None

    def test_it_is_looked_for_even_when_its_photo_is_hidden(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        [photo] = due(stores, community)
        uploads.announce(taken(uploads), HOLD)
        stores.photos.hide([photo])
        stores.pass_time(HOLD + 1)
        assert photos_of(taken(uploads)) == [photo]
