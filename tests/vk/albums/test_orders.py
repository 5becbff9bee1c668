"""The contract of ports.vk.AlbumUploads, held by PostgreSQL and by the twin: which photos go to which album."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.events import Event
from app.domain.job import Source
from app.domain.vk.community import Community
from app.domain.vk.filling import AlbumKey, FilledAlbum
from app.ports.vk.filling import AlbumUploads
from tests.vk.album_orders import CHOSEN, GATHERED, Stores, connected, finish, photos_of, taken

HOUR = timedelta(hours=1)


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
