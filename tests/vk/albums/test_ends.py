"""The same contract: what becomes of a photo in the end, and how long one waits for that."""

from uuid import uuid4

from app.domain.vk.community import Community
from app.domain.vk.filling import AWAITED_HOURS
from app.ports.vk.filling import AlbumUploads, UploadTally
from tests.vk.album_orders import CHOSEN, GATHERED, HOLD, Stores, due, finish, photos_of, taken

HOUR = 3600.0
RETENTION = 72 * HOUR
AWAITED = AWAITED_HOURS * HOUR


class TestWithdrawnPhotos:
    def test_hidden_ones_wait_until_they_are_shown_again(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community)
        stores.photos.hide([photo])
        stores.pass_time(GATHERED)
        assert uploads.take(HOLD) is None
        assert uploads.tally("slot-001") == UploadTally(withheld=1)
        stores.photos.show([photo])
        assert photos_of(taken(uploads)) == [photo]

    def test_they_hold_up_no_others(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        hidden = [finish(stores, community) for _ in range(5)]
        shown = finish(stores, community)
        stores.photos.delete(hidden)
        stores.pass_time(GATHERED)
        assert photos_of(taken(uploads)) == [shown]


class TestPatience:
    def test_a_photo_that_waits_outlives_its_own_time(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        [photo] = due(stores, community)
        stores.pass_time(RETENTION)
        assert (uploads.close(), stores.queue.forget_results(10)) == (0, [])
        batch = taken(uploads)
        assert uploads.sendable(batch) == {photo}
        assert batch.uploads[0].path == f"results/{photo}.jpg"
        uploads.sent(batch, {photo: 456})
        assert [job_id for job_id, *_ in stores.queue.forget_results(10)] == [photo]

    def test_counted_from_its_order(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        photo = finish(stores, community, album="none")
        stores.pass_time(RETENTION - HOUR)
        uploads.order(community.id, CHOSEN, {photo: "slot-001"})
        uploads.give_up(taken(uploads), "album_full")
        stores.pass_time(HOUR / 2)
        uploads.order(community.id, CHOSEN, {photo: "slot-001"})
        stores.pass_time(AWAITED - 5)
        assert photos_of(taken(uploads)) == [photo]
        stores.pass_time(HOLD + 10)
        assert (uploads.take(HOLD), uploads.close()) == (None, 1)
        assert len(stores.queue.forget_results(10)) == 1

    def test_one_that_is_withdrawn_is_not_kept_for_it(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        [photo] = due(stores, community)
        batch = taken(uploads)
        stores.photos.hide([photo])
        assert uploads.sendable(batch) == frozenset()
        stores.pass_time(RETENTION)
        assert len(stores.queue.forget_results(10)) == 1
        assert (uploads.close(), uploads.in_albums(photo)) == (0, [])

    def test_its_original_goes_all_the_same(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        finish(stores, community, originals=True)
        stores.pass_time(HOUR)
        assert stores.queue.forget_payloads(10) == []
        stores.pass_time(RETENTION)
        assert len(stores.queue.forget_payloads(10)) == 1


class TestTheEnd:
    def test_what_is_sent_lies_in_vk_under_its_id(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        [photo] = due(stores, community)
        batch = taken(uploads)
        uploads.sent(batch, {photo: 456})
        uploads.failed(batch, "after all", 0)
        assert uploads.take(HOLD) is None
        [place] = uploads.in_albums(photo)
        assert (place.community_id, place.vk_photo_id, place.is_given_up, place.error) == (community.id, 456, False, "")
        assert uploads.known(community.id, [455, 456]) == {456}
        assert uploads.known(uuid4(), [456]) == frozenset()
        assert uploads.tally("slot-001") == UploadTally(sent=1)

    def test_what_is_given_up_stays_so_until_somebody_orders_it_anew(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community, album="none")
        uploads.order(community.id, CHOSEN, {photo: "slot-001"})
        uploads.give_up(taken(uploads), "album_full")
        assert uploads.take(HOLD) is None
        [place] = uploads.in_albums(photo)
        assert (place.is_given_up, place.error) == (True, "album_full")
        assert uploads.tally("slot-001") == UploadTally(lost=1)
        assert uploads.order(community.id, CHOSEN, {photo: "slot-001"}) == 1
        assert photos_of(taken(uploads)) == [photo]

    def test_photos_whose_time_is_over_are_given_up_and_withdrawn_ones_forgotten(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        lost, withdrawn = finish(stores, community), finish(stores, community)
        stores.photos.hide([withdrawn])
        assert uploads.close() == 0
        stores.pass_time(AWAITED + 1)
        assert uploads.take(HOLD) is None
        assert uploads.close() == 1
        assert [place.is_given_up for place in uploads.in_albums(lost)] == [True]
        assert uploads.tally("slot-001") == UploadTally(lost=1)
        assert uploads.in_albums(withdrawn) == []

    def test_but_not_under_the_hands_of_who_sends_them(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        finish(stores, community)
        stores.pass_time(AWAITED - 5)
        taken(uploads)
        stores.pass_time(10)
        assert uploads.close() == 0

    def test_rows_go_after_a_month(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        photo = finish(stores, community)
        stores.pass_time(29 * 86400)
        assert stores.album_uploads.forget_expired(10) == 0
        stores.pass_time(2 * 86400)
        assert stores.album_uploads.forget_expired(10) == 1
        assert uploads.in_albums(photo) == []
