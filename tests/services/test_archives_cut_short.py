"""An archive that must not or cannot go on ends, and its reader has less than was announced."""

import time
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from app.domain.errors import Refused
from app.domain.photo import PhotoFilter, PhotoState
from app.services.archives.archive import Archive
from app.services.archives.contents import MANIFEST_NAME
from tests.services.depot import EVERYTHING, Depot, names_only


@pytest.fixture
def depot() -> Depot:
    depot = Depot()
    depot.pictured(3)
    return depot


def is_whole(archive: Archive) -> bool:
    return sum(map(len, archive.read())) == archive.size_bytes


def cleaned_up(depot: Depot) -> None:
    """The time of all photos is over, and their files are deleted."""
    depot.stores.pass_time(72 * 3600)
    depot.media.delete([path for _, path, _ in depot.stores.queue.forget_results(10)])


def paths(depot: Depot) -> list[str]:
    """Where the photos of an archive lie, in its order."""
    photos = depot.stores.photos.older(EVERYTHING, None, 10)
    return [photo.result.path for photo in reversed(photos)]


class TestWithdrawnMeanwhile:
    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_photo_before_or_after_the_place_where_the_reader_is(self, depot: Depot, number: int) -> None:
        photo = depot.stores.photos.older(EVERYTHING, None, 10)[number]
        assert depot.cut_by(lambda: depot.gallery.hide([photo.id], "serg"))

    def test_a_deleted_photo(self, depot: Depot) -> None:
        photo = depot.stores.photos.older(EVERYTHING, None, 10)[0]
        assert depot.cut_by(lambda: depot.gallery.delete([photo.id], "serg"))

    def test_in_the_middle_of_the_last_file_nothing_of_the_rest_is_sent(self, depot: Depot) -> None:
        archive = depot.opened()
        pieces = len(list(archive.read()))
        reading = depot.opened().read()
        begun = [next(reading) for _ in range(pieces - 1)]
        depot.gallery.hide([depot.stores.photos.older(EVERYTHING, None, 1)[0].id], "serg")
        assert (len(begun), list(reading)) == (pieces - 1, [])

    def test_while_a_large_archive_was_prepared(self, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
        """Which may take longer than a withdrawal is looked back for."""
        archive = depot.opened()
        depot.gallery.hide([depot.stores.photos.older(EVERYTHING, None, 1)[0].id], "serg")
        depot.stores.pass_time(60)
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 60)
        monkeypatch.setattr("app.services.archives.watch.time", later)
        assert not is_whole(archive)

    def test_a_photo_that_is_in_no_archive_cuts_none(self, depot: Depot) -> None:
        [newest, *others] = depot.stores.photos.older(EVERYTHING, None, 10)
        archive = depot.opened(PhotoFilter(ids=frozenset(photo.id for photo in others)))
        depot.gallery.hide([newest.id], "serg")
        assert is_whole(archive)

    def test_one_that_was_withdrawn_before_does_not_cut_the_archive_without_it(self, depot: Depot) -> None:
        depot.gallery.hide([depot.stores.photos.older(EVERYTHING, None, 1)[0].id], "serg")
        assert is_whole(depot.opened())

    def test_hidden_photos_were_withdrawn_already(self, depot: Depot) -> None:
        photos = [photo.id for photo in depot.stores.photos.older(EVERYTHING, None, 10)]
        depot.gallery.hide(photos, "serg")
        assert MANIFEST_NAME in depot.sent(PhotoFilter(ids=frozenset(photos), state=PhotoState.HIDDEN)).namelist()


class TestReaders:
    def test_one_who_is_gone_is_sent_nothing_more(self, depot: Depot) -> None:
        archive = depot.opened()
        assert list(archive.read(is_gone=lambda: True)) == []

    def test_nor_is_anything_looked_up_for_them(self, depot: Depot) -> None:
        archive = depot.opened()
        depot.database.go_away()
        assert list(archive.read(archive.size_bytes - 1, is_gone=lambda: True)) == []

    def test_one_who_is_not_allowed_any_more(self, depot: Depot) -> None:
        answers = iter([True, True, False])
        archive = depot.opened()
        sent = list(archive.read(is_allowed=lambda: next(answers)))
        assert 0 < sum(map(len, sent)) < archive.size_bytes

    def test_all_of_them_when_the_process_stops(self, depot: Depot) -> None:
        assert depot.cut_by(depot.archives.interrupt)


class TestFiles:
    def test_one_that_has_vanished_ends_an_archive_once(self, depot: Depot) -> None:
        """The next archive is without it: no file may keep people from all others."""
        lost = paths(depot)[1]
        content = depot.media.files.pop(lost)
        assert not is_whole(depot.opened())
        assert len(depot.sent().namelist()) == 3
        depot.media.write(lost, content)
        assert len(depot.sent().namelist()) == 4

    def test_a_cleanup_in_the_middle_ends_an_archive_and_people_are_told_so_next_time(self, depot: Depot) -> None:
        assert depot.cut_by(lambda: cleaned_up(depot))
        with pytest.raises(Refused, match="no photos"):
            depot.opened()

    def test_no_more_than_so_many_are_remembered(self, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.archives.sources._REMEMBERED", 1)
        for path in paths(depot)[:2]:
            del depot.media.files[path]
        assert [is_whole(depot.opened()) for _ in range(3)] == [False] * 3, "the first one is forgotten meanwhile"

    def test_whether_it_is_back_is_asked_without_reading_it(
        self, depot: Depot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """From a bucket the whole file would come."""
        lost, whole = paths(depot)[1], depot.opened().size_bytes
        depot.media.files.pop(lost)
        assert not is_whole(depot.opened())
        depot.media.write(lost, b"half")
        monkeypatch.setattr(depot.media, "open", lambda key: pytest.fail(f"{key} was opened"))
        assert depot.opened().size_bytes < whole

    def test_one_that_was_cut_does_too(self, depot: Depot) -> None:
        depot.media.write(paths(depot)[1], b"half")
        assert not is_whole(depot.opened())
        assert len(depot.sent().namelist()) == 3

    def test_if_all_have_vanished_people_are_told_so_in_the_end(self, depot: Depot) -> None:
        for path in paths(depot):
            del depot.media.files[path]
            assert not is_whole(depot.opened())
        with pytest.raises(Exception, match="no photos"):
            depot.opened()

    def test_a_file_becomes_no_shorter_while_it_is_read(self, depot: Depot) -> None:
        """It would move everything behind it."""
        archive = depot.opened()
        reading = archive.read()
        next(reading)
        depot.media.write(paths(depot)[1], b"half")
        assert len(b"".join(reading)) < archive.size_bytes

    def test_an_outage_of_the_store_or_the_database(self, depot: Depot) -> None:
        assert depot.cut_by(lambda: setattr(depot.media, "unavailable", True))
        depot.media.unavailable = False
        assert depot.cut_by(depot.database.go_away)


class TestLog:
    def test_the_log_says_what_has_ended_it_and_where(self, depot: Depot) -> None:
        archive = depot.archives.open(EVERYTHING, names_only)
        with capture_logs() as logs:
            assert list(archive.read(is_gone=lambda: True)) == []
        [entry] = logs
        assert (entry["event"], entry["log_level"], entry["error"]) == ("archive_cut", "warning", "the reader is gone")
        assert (entry["bytes"], entry["of_bytes"]) == (0, archive.size_bytes)

    def test_and_what_was_sent_to_the_end(self, depot: Depot) -> None:
        with capture_logs() as logs:
            depot.sent()
        assert [(entry["event"], entry["files"]) for entry in logs] == [("archive_sent", 4)]
