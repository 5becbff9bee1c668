"""Photos as one ZIP: what is in it, that it is the same each time, and when there is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.errors import Reason, Refused
from app.domain.photo import PhotoFilter, PhotoState
from app.services.archives import ArchiveService
from app.services.archives.contents import MANIFEST_NAME
from tests.services.depot import EVERYTHING, Depot, names_only
from tests.services.house import shot

HIDDEN = PhotoFilter(state=PhotoState.HIDDEN)
DELETED = PhotoFilter(state=PhotoState.DELETED)


@pytest.fixture
def depot() -> Depot:
    return Depot()


def whole(depot: Depot, service: ArchiveService | None = None) -> bytes:
    archive = (service or depot.archives).open(EVERYTHING, names_only)
    try:
        return b"".join(archive.read())
    finally:
        archive.close()


def reason(depot: Depot, wanted: PhotoFilter) -> Reason:
    with pytest.raises(Refused) as raised:
        depot.opened(wanted)
    return raised.value.reason


class TestContent:
    def test_the_photos_as_people_call_them_oldest_first_and_then_the_manifest(self, depot: Depot) -> None:
        photos = depot.pictured(3)
        archive = depot.sent()
        assert archive.testzip() is None
        assert archive.namelist() == [*depot.names(*photos), MANIFEST_NAME]
        assert archive.read(depot.names(photos[1])[0]) == shot()

    def test_the_manifest_is_made_of_what_is_in_the_archive(self, depot: Depot) -> None:
        photos = depot.pictured(2)
        assert depot.sent().read(MANIFEST_NAME).decode().split() == depot.names(*photos)

    def test_files_have_the_time_of_the_house(self, depot: Depot) -> None:
        depot.finished_at(datetime(2026, 11, 20, 20, 30, 40, tzinfo=UTC))
        [photo, manifest] = depot.sent().infolist()
        assert photo.filename == "slot-001_2026-11-21_013040.jpg"
        assert photo.date_time == manifest.date_time == (2026, 11, 21, 1, 30, 40)

    def test_photos_of_one_second_have_names_of_their_own(self, depot: Depot) -> None:
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        for milliseconds in range(3):
            depot.finished_at(at + timedelta(milliseconds=milliseconds))
        assert len(set(depot.sent().namelist())) == 4

    def test_photos_of_an_hour_that_came_twice_have_too(self, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
        """When clocks were put back, it was 02:30 in Berlin at 00:30 UTC and again at 01:30."""
        monkeypatch.setattr("tests.services.album.ZONE", ZoneInfo("Europe/Berlin"))
        _, again = [depot.finished_at(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1)]
        name = "slot-001_2026-10-25_023000"
        assert depot.sent().namelist() == [f"{name}.jpg", f"{name}_{again.hex[:8]}.jpg", MANIFEST_NAME]

    def test_only_what_is_wanted(self, depot: Depot) -> None:
        photos = depot.pictured(3)
        wanted = PhotoFilter(ids=frozenset(photos[:2]))
        assert depot.sent(wanted).namelist() == [*depot.names(*photos[:2]), MANIFEST_NAME]

    def test_more_photos_than_one_statement_reads(self, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.archives._PAGE", 2)
        photos = depot.pictured(5)
        assert depot.sent().namelist() == [*depot.names(*photos), MANIFEST_NAME]


class TestSameEachTime:
    def test_its_size_is_known_before(self, depot: Depot) -> None:
        depot.pictured(2)
        archive = depot.opened()
        assert sum(map(len, archive.read())) == archive.size_bytes

    def test_from_whichever_byte_it_is_read(self, depot: Depot, subtests: pytest.Subtests) -> None:
        depot.pictured(2)
        archive = depot.opened()
        data = b"".join(archive.read())
        second, size = data.index(b"PK\x03\x04", 1), len(data)
        for start in (0, 1, 30, 60, second - 1, second, second + 1, second + 60, size // 2, size - 30, size - 1):
            with subtests.test(start=start):
                assert b"".join(archive.read(start)) == data[start:]

    def test_by_a_process_that_has_read_none_of_it_before(self, depot: Depot) -> None:
        depot.pictured(3)
        data = whole(depot)
        elsewhere = depot.another().open(EVERYTHING, names_only)
        assert b"".join(elsewhere.read(len(data) - 5)) == data[-5:]

    def test_what_was_read_once_is_not_read_again_to_be_left_out(self, depot: Depot) -> None:
        depot.pictured(3)
        archive = depot.opened()
        data = b"".join(archive.read())
        depot.media.unavailable = True
        assert b"".join(archive.read(len(data) - 5)) == data[-5:]

    def test_what_is_wanted_comes_before_what_is_only_read_for_the_directory(self, depot: Depot) -> None:
        depot.pictured(3)
        data = whole(depot)
        third = data.index(b"PK\x03\x04", data.index(b"PK\x03\x04", 1) + 1)
        del depot.media.files[depot.stores.photos.older(EVERYTHING, None, 3)[2].result.path]
        reading = depot.another().open(EVERYTHING, names_only).read(third)
        assert next(reading) + next(reading) == data[third : data.index(b"PK\x03\x04", third + 1)]

    def test_the_etag_says_so(self, depot: Depot) -> None:
        depot.pictured(2)
        assert depot.opened().etag == depot.another().open(EVERYTHING, names_only).etag


class TestGoingOn:
    def test_what_came_later_is_left_out_of_an_archive_that_goes_on(self, depot: Depot) -> None:
        depot.pictured(2)
        before = whole(depot)
        etag = depot.opened().etag
        depot.pictured(1)
        continued = depot.another().open(EVERYTHING, names_only, continued=etag)
        assert (continued.etag, b"".join(continued.read())) == (etag, before)

    def test_a_new_one_has_it_behind_the_others(self, depot: Depot) -> None:
        """So even a program that goes on without naming what it has a part of ends with a whole archive."""
        first = depot.pictured(2)
        before = whole(depot)
        [late] = depot.pictured(1)
        after = whole(depot)
        photos_end = before.index(b"PK\x03\x04", before.index(depot.names(first[1])[0].encode()))
        assert after[:photos_end] == before[:photos_end]
        assert depot.names(late)[0].encode() in after

    def test_without_a_photo_that_is_gone_it_begins_anew_with_all_that_there_are(self, depot: Depot) -> None:
        photos = depot.pictured(2)
        etag = depot.opened().etag
        photos += depot.pictured(1)
        depot.gallery.hide(photos[:1], "serg")
        assert depot.sent(continued=etag).namelist() == [*depot.names(*photos[1:]), MANIFEST_NAME]

    def test_the_end_of_a_day_stays_its_end(self, depot: Depot) -> None:
        photos = depot.pictured(3)
        day = replace(EVERYTHING, end=depot.gallery.find(photos[1]).finalized_at)
        continued = depot.archives.open(day, names_only, continued=depot.opened().etag)
        assert continued.etag == depot.opened(day).etag

    @pytest.mark.parametrize("etag", ["something else", "-" * 40, f"0-{'0' * 32}", f"{'f' * 13}-{'0' * 32}"])
    def test_an_etag_of_something_else_continues_nothing(self, depot: Depot, etag: str) -> None:
        depot.pictured()
        assert depot.opened(continued=etag).etag == depot.opened().etag


class TestWhatIsLeftOut:
    def test_hidden_and_deleted_photos_and_test_runs(self, depot: Depot) -> None:
        shown, hidden, deleted = depot.pictured(3)
        depot.gallery.hide([hidden], "serg")
        depot.gallery.delete([deleted], "serg")
        assert depot.sent().namelist() == [*depot.names(shown), MANIFEST_NAME]

    def test_administrators_may_take_hidden_ones_and_guests_never(self, depot: Depot) -> None:
        shown, hidden = depot.pictured(2)
        depot.gallery.hide([hidden], "serg")
        assert depot.sent(HIDDEN).namelist() == [*depot.names(hidden), MANIFEST_NAME]
        assert depot.sent(HIDDEN, guest="198.51.100.4").namelist() == [*depot.names(shown), MANIFEST_NAME]

    def test_nobody_takes_deleted_ones(self, depot: Depot) -> None:
        depot.gallery.delete(depot.pictured(), "serg")
        assert reason(depot, DELETED) is Reason.NOT_FOUND


class TestNone:
    @pytest.mark.parametrize("wanted", [EVERYTHING, PhotoFilter(booth="\0"), PhotoFilter(ids=frozenset())])
    def test_there_is_none_of_nothing(self, depot: Depot, wanted: PhotoFilter) -> None:
        assert reason(depot, wanted) is Reason.NOT_FOUND

    def test_there_is_none_of_too_many(self, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.archives.ARCHIVE_MAX", 2)
        depot.pictured(3)
        with pytest.raises(Refused) as raised:
            depot.opened()
        assert raised.value.reason is Reason.ARCHIVE_TOO_LARGE
        assert raised.value.details == {"photos": 3, "maximum": 2}


class TestPlaces:
    def test_whoever_comes_beyond_them_is_told_when_to_come_again(self, depot: Depot) -> None:
        depot.pictured()
        held = [depot.opened(), depot.opened()]
        with pytest.raises(Refused) as raised:
            depot.opened()
        assert (raised.value.reason, raised.value.retry_after) == (Reason.ARCHIVES_BUSY, 30.0)
        held[0].close()
        held[0].close()
        assert depot.opened().size_bytes

    def test_guests_leave_one_to_administrators(self, depot: Depot) -> None:
        depot.pictured()
        held = depot.opened(guest="198.51.100.4")
        with pytest.raises(Refused):
            depot.opened(guest="198.51.100.5")
        assert depot.opened().size_bytes == held.size_bytes

    @pytest.mark.parametrize(("ones", "others"), [("198.51.100.4", "198.51.100.5"), ("2001:db8::1", "2001:db8:0:1::1")])
    def test_one_guest_has_two_at_most_and_others_the_rest(self, ones: str, others: str) -> None:
        depot = Depot(at_once=6, guests_at_once=4)
        depot.pictured()
        held = [depot.opened(guest=ones) for _ in range(2)]
        with pytest.raises(Refused) as raised:
            depot.opened(guest=ones)
        assert raised.value.reason is Reason.ARCHIVES_BUSY
        held += [depot.opened(guest=others) for _ in range(2)]
        held[0].close()
        assert depot.opened(guest=ones).size_bytes

    def test_an_archive_that_nobody_reads_and_nobody_closes_gives_its_place_up(self, depot: Depot) -> None:
        depot.pictured()
        for _ in range(5):
            depot.opened()

    def test_one_that_was_refused_took_none(self, depot: Depot) -> None:
        for _ in range(5):
            assert reason(depot, EVERYTHING) is Reason.NOT_FOUND
        depot.database.go_away(1)
        with pytest.raises(Exception, match="away"):
            depot.opened()
        depot.pictured()
        assert [depot.opened(), depot.opened()]
