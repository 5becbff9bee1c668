"""What every media store promises, held by the one in memory, in a directory and in a bucket."""

import io
import itertools
import os
import secrets
import tempfile
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.adapters.files import open_media_store
from app.adapters.files.directory import DirectoryFiles
from app.domain.errors import MediaMissing, MediaStoreUnavailable
from app.ports.media import MediaStore
from tests.support.s3 import S3Server
from tests.twins.memory_media_store import MemoryMediaStore

BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../secret",
    "results/../../secret",
    "results/..",
    "results/./a.jpg",
    "results//a.jpg",
    "results/",
    "results/.hidden",
    ".incoming/a",
    "results\\a.jpg",
    "C:/a.jpg",
    "a\x00b",
    "a\nb",
    "a b",
    "a#1",
    "a%2e%2e",
    "ü.jpg",
    "a" * 201,
    "a/" * 8 + "a",
]


@pytest.fixture(params=["memory", "directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "memory":
        return MemoryMediaStore()
    if request.param == "directory":
        return open_media_store(str(tmp_path / "media"))
    server: S3Server = request.getfixturevalue("s3")
    return open_media_store(server.url(f"test/{secrets.token_hex(8)}"), server.options)


class BreaksAfter(io.BytesIO):
    """A file whose reading fails once `good_bytes` have been read, as one on a broken disk does."""

    def __init__(self, content: bytes, good_bytes: int) -> None:
        super().__init__(content)
        self._good_bytes = good_bytes

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0 or self.tell() + size > self._good_bytes:
            raise OSError(5, "Input/output error")
        return super().read(size)


def keys(store: MediaStore, prefix: str) -> set[str]:
    return {entry.key for entry in store.list(prefix)}


class TestWriting:
    @pytest.mark.parametrize("size", [0, 10_000, 12_000_000])
    def test_bytes_come_back_as_they_were(self, store: MediaStore, size: int) -> None:
        content = os.urandom(size)
        store.write("results/a.jpg", content)

        assert store.read("results/a.jpg") == content

    @pytest.mark.parametrize("size", [0, 10_000, 12_000_000])
    def test_a_file_is_stored_whole(self, store: MediaStore, size: int) -> None:
        content = os.urandom(size)
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)

            store.write("payloads/a.jpg", file)

        assert store.read("payloads/a.jpg") == content

    @pytest.mark.parametrize("size", [100, 6_000_000], ids=["in memory", "rolled over to disk"])
    def test_an_upload_as_the_web_framework_spools_it_is_stored(self, store: MediaStore, size: int) -> None:
        content = os.urandom(size)
        with tempfile.SpooledTemporaryFile(max_size=500_000) as upload:
            upload.write(content)
            upload.seek(0)

            store.write("payloads/a.jpg", upload)  # type: ignore[arg-type]

        assert store.read("payloads/a.jpg") == content

    @pytest.mark.parametrize("size", [100, 6_000_000])
    def test_a_file_is_stored_from_its_current_position(self, store: MediaStore, size: int) -> None:
        file = io.BytesIO(b"seen before" + b"x" * size)
        file.seek(len(b"seen before"))

        store.write("payloads/a.jpg", file)

        assert store.read("payloads/a.jpg") == b"x" * size

    def test_the_last_write_wins(self, store: MediaStore) -> None:
        store.write("results/a.jpg", b"a much longer first version")
        store.write("results/a.jpg", b"second")

        assert store.read("results/a.jpg") == b"second"
        assert keys(store, "results") == {"results/a.jpg"}

    @pytest.mark.parametrize("good_bytes", [0, 8_000_000])
    def test_a_file_that_breaks_while_it_is_read_changes_nothing(self, store: MediaStore, good_bytes: int) -> None:
        store.write("results/old.jpg", b"old")

        for key in ("results/old.jpg", "results/new.jpg"):
            with pytest.raises(MediaStoreUnavailable, match=f"cannot write {key}: Input/output error"):
                store.write(key, BreaksAfter(b"x" * 15_000_000, good_bytes))

        assert store.read("results/old.jpg") == b"old"
        assert keys(store, "") == {"results/old.jpg"}

    def test_a_reader_never_sees_a_part(self, store: MediaStore) -> None:
        versions = [bytes([letter]) * 600_000 for letter in b"ab"]
        store.write("results/a.jpg", versions[0])
        done = threading.Event()

        def rewrite() -> None:
            try:
                for version in itertools.islice(itertools.cycle(versions), 20):
                    store.write("results/a.jpg", version)
            finally:
                done.set()

        writer = threading.Thread(target=rewrite)
        writer.start()
        seen = [store.read("results/a.jpg")]
        while not done.is_set():
            seen.append(store.read("results/a.jpg"))
        writer.join()

        assert set(seen) <= set(versions)


class TestReading:
    def test_what_is_not_there_is_missing(self, store: MediaStore) -> None:
        store.write("results/a.jpg", b"a")

        for key in ("results/b.jpg", "nowhere/b.jpg", "results"):
            with pytest.raises(MediaMissing, match=key):
                store.read(key)
            with pytest.raises(MediaMissing, match=key):
                store.open(key)
            with pytest.raises(MediaMissing, match=key):
                store.size(key)

    @pytest.mark.parametrize("size", [0, 1_000, 6_000_000])
    def test_how_much_there_is_can_be_said_without_reading_it(self, store: MediaStore, size: int) -> None:
        store.write("results/a.jpg", bytes(size))

        assert store.size("results/a.jpg") == size

    @pytest.mark.parametrize("size", [0, 1_000, 6_000_000])
    def test_an_open_file_reads_any_range(self, store: MediaStore, size: int) -> None:
        content = os.urandom(size)
        store.write("results/a.jpg", content)

        reader, reported = store.open("results/a.jpg")

        with closing(reader):
            assert reported == size
            assert reader.tell() == 0
            assert reader.seekable()
            for start in (size // 2, 0, max(0, size - 10)):
                reader.seek(start)
                assert reader.read(500) == content[start : start + 500]
            assert reader.seek(0, os.SEEK_END) == size
            assert reader.read(1) == b""

    def test_a_reader_is_not_disturbed_by_the_cleanup(self, store: MediaStore) -> None:
        content = os.urandom(3_000_000)
        store.write("results/a.jpg", content)
        reader, _ = store.open("results/a.jpg")

        with closing(reader):
            beginning = reader.read(1000)
            store.delete(["results/a.jpg"])

            assert beginning + reader.read() == content


class TestDeleting:
    def test_only_what_was_named_goes(self, store: MediaStore) -> None:
        for name in "abc":
            store.write(f"results/{name}.jpg", b"x")

        store.delete(["results/a.jpg", "results/c.jpg"])

        assert keys(store, "results") == {"results/b.jpg"}

    def test_missing_keys_are_no_error_and_hold_nothing_up(self, store: MediaStore) -> None:
        store.write("results/last.jpg", b"x")
        missing = [f"results/{number}.jpg" for number in range(1100)]

        store.delete([*missing, "results/last.jpg", "results/last.jpg", "nowhere/a.jpg"])
        store.delete([])

        assert keys(store, "results") == set()


class TestListing:
    def test_a_folder_is_no_beginning_of_a_name(self, store: MediaStore) -> None:
        for key in ("results/a.jpg", "results/deep/b.jpg", "results-old/c.jpg", "resultsd.jpg"):
            store.write(key, b"x")

        assert keys(store, "results") == {"results/a.jpg", "results/deep/b.jpg"}
        assert keys(store, "results/deep") == {"results/deep/b.jpg"}
        assert keys(store, "nowhere") == set()
        assert len(keys(store, "")) == 4

    def test_entries_tell_size_and_time(self, store: MediaStore) -> None:
        store.write("results/a.jpg", b"12345")

        (entry,) = store.list("results")

        assert entry.size_bytes == 5
        assert entry.modified_at.tzinfo is not None
        assert abs(datetime.now(UTC) - entry.modified_at) < timedelta(minutes=1)


class TestKeys:
    @pytest.mark.parametrize("key", BAD_KEYS)
    def test_what_could_leave_the_store_or_needs_escaping_is_refused(self, store: MediaStore, key: str) -> None:
        for call in (
            lambda: store.write(key, b"x"),
            lambda: store.read(key),
            lambda: store.open(key),
            lambda: store.size(key),
            lambda: store.delete(["results/a.jpg", key]),
        ):
            with pytest.raises(ValueError, match="not a media key"):
                call()

    @pytest.mark.parametrize("prefix", [key for key in BAD_KEYS if key])
    def test_a_folder_to_list_is_held_to_the_same(self, store: MediaStore, prefix: str) -> None:
        with pytest.raises(ValueError, match="not a media key"):
            list(store.list(prefix))

    @pytest.mark.parametrize("key", ["a", "results/0f-1_2.3.jpg", "a/b/c/d/e/f/g/h", "-", "x" * 200])
    def test_ordinary_names_are_taken(self, store: MediaStore, key: str) -> None:
        store.write(key, b"x")

        assert keys(store, "") == {key}
        assert store.read(key) == b"x"


class TestUpkeep:
    def test_the_check_leaves_no_trace(self, store: MediaStore) -> None:
        store.check()

        assert keys(store, "") == set()

    def test_checks_of_several_processes_do_not_disturb_each_other(self, store: MediaStore) -> None:
        failures: list[Exception] = []

        def check_often() -> None:
            try:
                for _ in range(10):
                    store.check()
            except MediaStoreUnavailable as error:
                failures.append(error)

        threads = [threading.Thread(target=check_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []

    def test_nothing_finished_is_ever_taken_for_abandoned(self, store: MediaStore) -> None:
        store.write("results/a.jpg", b"x")

        assert store.discard_abandoned(before=datetime.now(UTC) + timedelta(days=1)) == 0
        assert keys(store, "") == {"results/a.jpg"}


def test_how_full_it_is_can_be_said_of_a_disk_only(store: MediaStore) -> None:
    room = store.room()
    assert room is None or 0 < room.free_bytes < room.total_bytes
    assert (room is not None) is isinstance(store, DirectoryFiles)
