"""The media store in a directory, when disks fill up, permissions are missing and processes die."""

import contextlib
import errno
import io
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.adapters.files import open_media_store
from app.domain.errors import MediaMissing, MediaNotDeleted, MediaStoreUnavailable
from tests.waiting import until

NOBODY = 65534
FOREVER = datetime.now(UTC) + timedelta(days=1)


def files_below(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def mount(*arguments: str) -> None:
    command = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if command.returncode:
        pytest.skip(f"mounting needs root and a permission: {command.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk))
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@contextlib.contextmanager
def acting_as(user: int) -> Iterator[None]:
    """Root is stopped by no permission, so it becomes somebody else for a while."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


class TestOpening:
    def test_the_directory_is_made_with_its_parents(self, tmp_path: Path) -> None:
        open_media_store(str(tmp_path / "var" / "media"))

        assert (tmp_path / "var" / "media").is_dir()

    def test_what_is_there_stays(self, tmp_path: Path) -> None:
        open_media_store(str(tmp_path)).write("results/a.jpg", b"a")

        assert open_media_store(str(tmp_path)).read("results/a.jpg") == b"a"

    def test_a_file_in_the_way_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "media").write_text("not a directory")

        with pytest.raises(MediaStoreUnavailable, match=r"/media: cannot make the directory: File exists"):
            open_media_store(str(tmp_path / "media"))

    @pytest.mark.parametrize("name", ["with space", "фото", "a#1", "50%25", "dots..inside"])
    def test_the_directory_may_have_any_name(self, tmp_path: Path, name: str) -> None:
        store = open_media_store(str(tmp_path / name))

        store.write("results/a.jpg", b"a")

        assert store.read("results/a.jpg") == b"a"
        assert [entry.key for entry in store.list("")] == ["results/a.jpg"]
        assert files_below(tmp_path / name) == {"results/a.jpg"}

    def test_a_relative_path_holds_when_the_process_moves(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        store = open_media_store("media")
        store.write("results/a.jpg", b"a")

        monkeypatch.chdir("/")

        assert store.read("results/a.jpg") == b"a"
        assert store.open("results/a.jpg")[0].read() == b"a"

    @pytest.mark.parametrize("url", ["https://host/bucket", "file:///tmp/x", "gs://bucket", "s3://", "s3:///a"])
    def test_other_addresses_are_no_media_store(self, url: str) -> None:
        with pytest.raises(ValueError, match="the media store is a path or s3://bucket/prefix"):
            open_media_store(url)


class TestFullDisk:
    """A write that does not fit says so, leaves nothing behind, and hurts nothing that was there."""

    @pytest.mark.parametrize("data", [bytes(3_000_000), io.BytesIO(bytes(3_000_000))], ids=["bytes", "file"])
    def test_nothing_is_left_of_what_does_not_fit(self, small_disk: Path, data: bytes | io.BytesIO) -> None:
        store = open_media_store(str(small_disk))
        store.write("results/old.jpg", b"old")

        for key in ("results/old.jpg", "results/new.jpg", "previews/new/grid.webp"):
            with pytest.raises(MediaStoreUnavailable, match=f"cannot write {key}: No space left on device"):
                store.write(key, data)
            if isinstance(data, io.BytesIO):
                data.seek(0)

        assert files_below(small_disk) == {"results/old.jpg"}
        assert store.read("results/old.jpg") == b"old"
        store.write("results/small.jpg", bytes(1_000_000))

    def test_the_check_notices(self, small_disk: Path) -> None:
        store = open_media_store(str(small_disk))
        store.check()
        with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

        with pytest.raises(MediaStoreUnavailable, match="No space left on device"):
            store.check()
        assert files_below(small_disk) == {"filler"}

    def test_a_disk_that_turns_out_full_only_in_the_end_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Network file systems and quotas take the bytes and refuse at fsync or close."""
        store = open_media_store(str(tmp_path))
        store.write("results/a.jpg", b"old")

        def refuse(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(MediaStoreUnavailable, match=r"results/a\.jpg: No space left on device"):
            store.write("results/a.jpg", b"new")

        assert files_below(tmp_path) == {"results/a.jpg"}
        assert store.read("results/a.jpg") == b"old"


class TestPermissions:
    def test_a_read_only_disk_still_serves(self, small_disk: Path) -> None:
        store = open_media_store(str(small_disk))
        store.write("results/a.jpg", b"a")
        mount("-o", "remount,ro", str(small_disk))

        for call in (
            lambda: store.write("results/b.jpg", b"b"),
            lambda: store.delete(["results/a.jpg"]),
            store.check,
        ):
            with pytest.raises(MediaStoreUnavailable, match="Read-only file system"):
                call()

        assert store.read("results/a.jpg") == b"a"
        assert [entry.key for entry in store.list("results")] == ["results/a.jpg"]

    def test_a_directory_of_somebody_else_is_said(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            root.chmod(0o755)
            store = open_media_store(str(root / "media"))
            store.write("results/a.jpg", b"a")

            with acting_as(NOBODY):
                for call in (
                    lambda: store.write("results/b.jpg", b"b"),
                    lambda: store.delete(["results/a.jpg"]),
                    store.check,
                    lambda: open_media_store(str(root / "other")),
                ):
                    with pytest.raises(MediaStoreUnavailable, match="Permission denied"):
                        call()
                assert store.read("results/a.jpg") == b"a"

    def test_a_file_that_may_not_be_read_is_not_called_missing(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            root.chmod(0o755)
            store = open_media_store(directory)
            store.write("results/a.jpg", b"a")
            (root / "results/a.jpg").chmod(0o600)

            with acting_as(NOBODY):
                for call in (lambda: store.read("results/a.jpg"), lambda: store.open("results/a.jpg")):
                    with pytest.raises(MediaStoreUnavailable, match=r"results/a\.jpg: Permission denied"):
                        call()

    def test_a_file_that_may_not_be_deleted_holds_no_other_up(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            root.chmod(0o777)
            store = open_media_store(directory)
            keys = ["results/a.jpg", "previews/a.webp", "results/b.jpg", "payloads/a.jpg"]
            for key in keys:
                store.write(key, b"a")
            for folder in ("previews", "payloads"):
                (root / folder).chmod(0o777)

            with acting_as(NOBODY), pytest.raises(MediaNotDeleted, match=r"a\.jpg: Permission denied") as failure:
                store.delete(keys)

            assert failure.value.keys == {"results/a.jpg", "results/b.jpg"}
            assert files_below(root) == {"results/a.jpg", "results/b.jpg"}

    def test_a_root_that_has_gone_is_not_made_again(self, tmp_path: Path) -> None:
        """It may be a volume that is not mounted: photos written below would be lost when it is back."""
        store = open_media_store(str(tmp_path / "media"))
        (tmp_path / "media").rmdir()

        with pytest.raises(MediaStoreUnavailable, match="No such file or directory"):
            store.check()

        assert not (tmp_path / "media").exists()


class TestOtherPeoplesFiles:
    def test_a_folder_in_a_files_place_holds_no_deletion_up(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))
        for key in ("results/a.jpg/somebodys", "results/b.jpg"):
            store.write(key, b"a")

        with pytest.raises(MediaNotDeleted) as failure:
            store.delete(["results/a.jpg", "results/b.jpg"])

        assert failure.value.keys == {"results/a.jpg"}
        assert files_below(tmp_path) == {"results/a.jpg/somebodys"}

    def test_what_is_no_key_is_not_listed(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))
        store.write("results/a.jpg", b"a")
        for name in (".DS_Store", "IMG 1.jpg", "results/b.jpg#1", "lost+found", "results/фото.jpg"):
            (tmp_path / name).write_bytes(b"x")

        assert [entry.key for entry in store.list("")] == ["results/a.jpg"]

    def test_a_file_that_vanished_is_missing(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))
        store.write("results/a.jpg", b"a")
        (entry,) = store.list("results")
        (tmp_path / "results/a.jpg").unlink()

        with pytest.raises(MediaMissing):
            store.read(entry.key)
        store.delete([entry.key])

    def test_empty_folders_go_with_their_last_file(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))
        store.write("previews/one/grid.webp", b"a")
        store.write("previews/two/grid.webp", b"a")

        store.delete(["previews/one/grid.webp"])

        assert {path.name for path in (tmp_path / "previews").iterdir()} == {"two"}


class TestAtOnce:
    def test_folders_that_come_and_go_disturb_no_write(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))

        def write_and_delete(name: str) -> None:
            for _ in range(100):
                store.write(f"results/deep/{name}.jpg", b"x")
                store.delete([f"results/deep/{name}.jpg"])

        assert failures_in_threads(lambda: write_and_delete("a"), lambda: write_and_delete("b")) == []
        assert files_below(tmp_path) == set()

    def test_a_listing_survives_a_cleanup(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))

        def churn() -> None:
            for number in range(100):
                store.write(f"previews/{number}/grid.webp", b"x")
                store.delete([f"previews/{number}/grid.webp"])

        def look() -> None:
            for _ in range(100):
                list(store.list("previews"))
                list(store.list(""))

        assert failures_in_threads(churn, look) == []


class TestCrash:
    def test_a_file_has_its_name_only_when_it_is_on_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = open_media_store(str(tmp_path))
        fsync, named_at_fsync = os.fsync, []

        def watch(descriptor: int) -> None:
            named_at_fsync.append((tmp_path / "results/a.jpg").exists())
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", watch)
        store.write("results/a.jpg", b"x")

        content, folder, root = named_at_fsync
        assert (content, folder, root) == (False, True, True)

    def test_a_killed_writer_leaves_only_what_a_sweep_removes(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))
        store.write("results/old.jpg", b"old")
        with half_way_through_a_write(tmp_path) as writer:
            writer.kill()
            writer.wait()

        (left,) = files_below(tmp_path) - {"results/old.jpg"}
        assert left.startswith(".incoming/")
        assert [entry.key for entry in store.list("")] == ["results/old.jpg"]

        assert store.discard_abandoned(before=datetime.now(UTC) - timedelta(hours=1)) == 0
        assert files_below(tmp_path) == {left, "results/old.jpg"}
        assert store.discard_abandoned(before=FOREVER) == 1
        assert files_below(tmp_path) == {"results/old.jpg"}

    def test_a_writer_whose_file_was_taken_for_abandoned_fails_whole(self, tmp_path: Path) -> None:
        store = open_media_store(str(tmp_path))

        class Frozen(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                store.discard_abandoned(before=FOREVER)
                return super().read(size)

        with pytest.raises(MediaStoreUnavailable, match="No such file or directory"):
            store.write("results/a.jpg", Frozen(b"x"))

        assert files_below(tmp_path) == set()


def failures_in_threads(*functions: Callable[[], None]) -> list[Exception]:
    failures: list[Exception] = []

    def run(function: Callable[[], None]) -> None:
        try:
            function()
        except MediaStoreUnavailable as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


_WRITER = """
import sys
from app.adapters.files import open_media_store
open_media_store(sys.argv[1]).write("results/new.jpg", sys.stdin.buffer)
"""


@contextlib.contextmanager
def half_way_through_a_write(root: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has stored 2 MB of a file and waits for the rest."""
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(root)], stdin=subprocess.PIPE) as writer:
        assert writer.stdin
        writer.stdin.write(bytes(2 * 1024 * 1024))
        writer.stdin.flush()
        until(lambda: any(path.stat().st_size for path in root.glob(".incoming/*")), what="the first megabyte")
        yield writer
