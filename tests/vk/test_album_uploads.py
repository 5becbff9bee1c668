"""The contract of ports.vk.AlbumUploads, held by PostgreSQL and by the twin."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from app.domain.events import Event
from app.domain.job import Source
from app.domain.vk.community import Community
from app.domain.vk.filling import AlbumKey, FilledAlbum
from app.ports.vk.filling import AlbumUploads, UploadTally
from tests.vk.album_orders import GATHERED, HOLD, Stores, connected, finish, photos_of, taken

HOUR = timedelta(hours=1)
CHOSEN = AlbumKey(album_id=77)
RETENTION = 72 * 3600


@pytest.fixture
def uploads(stores: Stores) -> AlbumUploads:
    return stores.album_uploads


@pytest.fixture
def community(stores: Stores) -> Community:
    return connected(stores)


def an_event(stores: Stores, *slots: str, begins: timedelta = -HOUR, ends: timedelta = HOUR) -> UUID:
    now = datetime.now(UTC)
    event = Event(uuid4(), "Свадьба", now + begins, now + ends, frozenset(slots), "serg", now)
    return stores.studio_events.add(event).id


class TestOrders:
    def test_a_photo_is_ordered_as_it_is_finished_for_the_album_of_its_day(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community)
        stores.pass_time(GATHERED)
        batch = taken(uploads)
        assert (batch.community_id, photos_of(batch), batch.sent_at) == (community.id, [photo], None)
        assert batch.key.day is not None
        assert (batch.uploads[0].width, batch.uploads[0].height, batch.uploads[0].attempts) == (640, 480, 1)

    def test_the_day_is_that_of_the_house(self, stores: Stores, uploads: AlbumUploads, community: Community) -> None:
        days = []
        for zone in ("Pacific/Kiritimati", "Pacific/Niue"):  # 25 hours apart
            stores.settings.put("time_zone", zone, "serg")
            finish(stores, community)
            stores.pass_time(GATHERED)
            batch = taken(uploads)
            uploads.sent(batch, {photos_of(batch)[0]: len(days) + 1})
            days.append(batch.key.day)
        assert days[1] < days[0]  # type: ignore[operator]  # both are days

    def test_or_of_the_event_that_it_belongs_to(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        an_event(stores, "slot-002")
        an_event(stores, begins=HOUR, ends=2 * HOUR)
        event = an_event(stores, "slot-001", "slot-003")
        finish(stores, community, album="event")
        stores.pass_time(GATHERED)
        assert taken(uploads).key == AlbumKey(event_id=event)

    def test_outside_of_events_it_belongs_to_no_events_album(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        an_event(stores, "slot-002")
        photo = finish(stores, community, album="event")
        assert uploads.in_albums(photo) == []

    @pytest.mark.parametrize(("source", "orders"), [(Source.INGEST, 1), (Source.RERUN, 1), (Source.TEST, 0)])
    def test_test_runs_are_nobodys_photos(
        self, stores: Stores, uploads: AlbumUploads, community: Community, source: Source, orders: int
    ) -> None:
        assert len(uploads.in_albums(finish(stores, community, source=source))) == orders

    def test_nothing_is_ordered_where_nothing_was_asked_for(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        for photo in (finish(stores, community, album="none"), finish(stores, None)):
            assert uploads.in_albums(photo) == []

    def test_a_community_that_is_gone_fails_no_photo(self, stores: Stores, uploads: AlbumUploads) -> None:
        gone = connected(stores)
        waiting = finish(stores, gone)
        stores.communities.remove(gone.id)
        assert uploads.in_albums(waiting) == []
        assert uploads.in_albums(finish(stores, gone)) == []

    @pytest.mark.parametrize(
        ("said", "orders"),
        [
            ({"{qr2}": "yes"}, 1),
            ({"QR2": " Да "}, 1),
            ({"qr2": "TRUE"}, 1),
            ({"{qr2}": "no"}, 0),
            ({"{qr2}": ""}, 0),
            ({"{qr2}": "yes", "qr2": "no"}, 0),
            ({"{qr22}": "yes"}, 0),
            ({}, 0),
        ],
    )
    def test_where_guests_are_asked_only_a_yes_counts(
        self, stores: Stores, uploads: AlbumUploads, community: Community, said: dict[str, str], orders: int
    ) -> None:
        assert len(uploads.in_albums(finish(stores, community, consent_field="{qr2}", **said))) == orders

    def test_people_order_photos_for_an_album_each_once(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photos = {finish(stores, community, album="none"): "slot-001" for _ in range(2)}
        assert uploads.order(community.id, CHOSEN, photos) == 2
        assert uploads.order(community.id, CHOSEN, photos) == 0
        assert set(photos_of(taken(uploads))) == set(photos)

    def test_also_those_that_their_slot_has_sent_elsewhere(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community)
        assert uploads.order(community.id, CHOSEN, {photo: "slot-001"}) == 1
        assert len(uploads.in_albums(photo)) == 2

    def test_for_no_community_that_is_gone(self, stores: Stores, uploads: AlbumUploads) -> None:
        photo = finish(stores, None)
        assert uploads.order(uuid4(), CHOSEN, {photo: "slot-001"}) == 0


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
        finish(stores, community)
        stores.pass_time(GATHERED)
        assert uploads.take(HOLD, [community.id]) is None
        assert uploads.take(HOLD, [uuid4()])

    def test_whoever_died_is_replaced_and_cannot_come_back(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community)
        stores.pass_time(GATHERED)
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
        photo = finish(stores, community)
        stores.pass_time(GATHERED)
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
        photos = [finish(stores, community) for _ in range(2)]
        stores.pass_time(GATHERED)
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
        finish(stores, community)
        stores.pass_time(GATHERED)
        sent = uploads.announce(taken(uploads), HOLD)
        assert sent is not None
        uploads.failed(sent, "outcome_unknown", 60, is_unknown=True)
        finish(stores, community)
        stores.pass_time(GATHERED)
        assert uploads.take(HOLD) is None
        stores.pass_time(60)
        assert taken(uploads).sent_at is not None

    def test_a_failure_that_is_known_takes_the_announcement_back(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        finish(stores, community)
        stores.pass_time(GATHERED)
        sent = uploads.announce(taken(uploads), HOLD)
        assert sent is not None
        uploads.failed(sent, "busy", 0)
        assert taken(uploads).sent_at is None

    def test_it_is_looked_for_even_when_its_photo_is_hidden(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community)
        stores.pass_time(GATHERED)
        uploads.announce(taken(uploads), HOLD)
        stores.photos.hide([photo])
        stores.pass_time(HOLD + 1)
        assert photos_of(taken(uploads)) == [photo]


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


class TestTheEnd:
    def test_what_is_sent_lies_in_vk_under_its_id(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        photo = finish(stores, community)
        stores.pass_time(GATHERED)
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
        stores.pass_time(RETENTION + 1)
        assert uploads.take(HOLD) is None
        assert uploads.close() == 1
        assert [place.is_given_up for place in uploads.in_albums(lost)] == [True]
        assert uploads.in_albums(withdrawn) == []

    def test_but_not_under_the_hands_of_who_sends_them(
        self, stores: Stores, uploads: AlbumUploads, community: Community
    ) -> None:
        finish(stores, community)
        stores.pass_time(RETENTION - 5)
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


class TestFilledAlbums:
    def test_the_newest_part_takes_photos(self, stores: Stores, community: Community) -> None:
        key, other = AlbumKey(event_id=uuid4()), AlbumKey(event_id=uuid4())
        assert stores.filled_albums.current(community.id, key) is None
        stores.filled_albums.remember(community.id, key, FilledAlbum(1, 100))
        stores.filled_albums.remember(community.id, key, FilledAlbum(2, 200))
        assert stores.filled_albums.current(community.id, key) == FilledAlbum(2, 200)
        assert stores.filled_albums.current(community.id, other) is None
        assert stores.filled_albums.taken(community.id) == {100, 200}
        assert stores.filled_albums.taken(uuid4()) == frozenset()
