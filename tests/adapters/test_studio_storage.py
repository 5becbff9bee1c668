"""Where copies may go: real folders and disks, a real S3 server, and places where they may not."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.files import studio
from app.adapters.files.studio import StudioFiles
from app.domain.copies import Destination, NotStored, StorageFault
from app.domain.errors import MediaStoreUnavailable
from tests.support import disks
from tests.support.s3 import KEYS, S3Server

NAME = "2026-11-20/slot-003/slot-003_2026-11-20_174512.jpg"
_prefixes = itertools.count()


@pytest.fixture
def storage() -> StudioFiles:
    return StudioFiles(["/srv/photochanger/media"], {})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small_disk(tmp_path / "studio") as folder:
        yield folder


def fault_of(storage: StudioFiles, destination: Destination) -> StorageFault:
    with pytest.raises(NotStored) as failure:
        storage.open(destination)
    return failure.value.fault


def bucket(s3: S3Server, prefix: str = "", secret: str = KEYS["AWS_SECRET_ACCESS_KEY"]) -> Destination:
    return Destination(s3.url(prefix or f"copies-{next(_prefixes)}"), KEYS["AWS_ACCESS_KEY_ID"], secret)


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "/mnt/studio",
            "/mnt/Фото студии",
            "s3://studio",
            "s3://studio/photos/2026",
            "s3://studio/photos?endpoint=https://s3.example.org&region=ru-1",
        ],
    )
    def test_folders_and_buckets_can_be_entered(self, storage: StudioFiles, url: str) -> None:
        storage.examine(url)

    @pytest.mark.parametrize(
        "url",
        [
            "photos",
            "./photos",
            "~/photos",
            "C:\\photos",
            "ftp://studio/photos",
            "https://studio.example.org/",
            "file:///mnt/studio",
            "/mnt/\0studio",
            "/mnt/\ud800",
            "/mnt/\nstudio",
            f"/{'a' * 1000}",
            "s3://",
            "s3:///photos",
            "s3://key:secret@studio",
            "s3://studio?access_key=x",
            "s3://studio?endpoint=s3.example.org",
            "s3://studio?endpoint=https://[::1",
            "s3://[studio",
        ],
        ids=ascii,
    )
    def test_nothing_else(self, storage: StudioFiles, url: str) -> None:
        with pytest.raises(NotStored) as failure:
            storage.examine(url)
        assert failure.value.fault is StorageFault.BAD_ADDRESS


class TestOwnPlaces:
    """What lies there unknown is swept away."""

    @pytest.mark.parametrize("inside", ["", "results", "results/deeper", "../media/results"])
    def test_no_copy_goes_where_our_own_files_are(self, tmp_path: Path, inside: str) -> None:
        (tmp_path / "media" / "results" / "deeper").mkdir(parents=True)
        storage = StudioFiles([str(tmp_path / "media")], {})
        assert fault_of(storage, Destination(str(tmp_path / "media" / inside))) is StorageFault.OWN_PLACE

    def test_also_not_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "media" / "results").mkdir(parents=True)
        (tmp_path / "studio").symlink_to(tmp_path / "media" / "results")
        storage = StudioFiles([str(tmp_path / "media")], {})
        assert fault_of(storage, Destination(str(tmp_path / "studio"))) is StorageFault.OWN_PLACE

    def test_beside_them_it_may(self, tmp_path: Path) -> None:
        for name in ("media", "media-copies"):
            (tmp_path / name).mkdir()
        storage = StudioFiles([str(tmp_path / "media")], {})
        storage.open(Destination(str(tmp_path / "media-copies")))
        storage.open(Destination(str(tmp_path)))

    @pytest.mark.parametrize(
        ("own", "options", "url"),
        [
            ("s3://photos/live", {}, "s3://photos/live"),
            ("s3://photos/live", {}, "s3://photos/live/results"),
            ("s3://photos", {}, "s3://photos/copies"),
            ("s3://photos?endpoint=https://a.example/", {}, "s3://photos/?endpoint=https://a.example"),
            ("s3://photos", {"AWS_ENDPOINT_URL": "https://a.example"}, "s3://photos/x?endpoint=https://a.example"),
            ("s3://photos", {}, "s3://photos/x?endpoint=https://s3.us-east-1.amazonaws.com/"),
            ("s3://photos?endpoint=https://s3.eu-north-1.amazonaws.com", {}, "s3://photos/x?region=eu-north-1"),
            ("s3://photos", {"AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"}, "s3://photos?region=us-east-1"),
        ],
    )
    def test_nor_into_our_own_bucket(self, own: str, options: dict[str, str], url: str) -> None:
        with pytest.raises(NotStored) as failure:
            StudioFiles([own], options).examine(url)
        assert failure.value.fault is StorageFault.OWN_PLACE

    @pytest.mark.parametrize(
        "url",
        [
            "s3://photos/copies",
            "s3://photos/live2",
            "s3://copies/live",
            "s3://photos/live?endpoint=https://other.example",
            "s3://photos/live?endpoint=https://s3.amazonaws.com.example",
            "/photos/live",
        ],
    )
    def test_others_are_the_studios(self, url: str) -> None:
        StudioFiles(["s3://photos/live"], {}).examine(url)


class TestFolders:
    def test_a_copy_is_a_file_with_its_name(self, storage: StudioFiles, tmp_path: Path) -> None:
        store = storage.open(Destination(str(tmp_path)))
        store.check()
        store.write(NAME, b"a photo")
        assert (tmp_path / NAME).read_bytes() == b"a photo"
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / NAME]

    def test_one_that_is_missing_is_not_made(self, storage: StudioFiles, tmp_path: Path) -> None:
        """It may be a disk that is not mounted, and this one would fill up instead of it."""
        assert fault_of(storage, Destination(str(tmp_path / "studio"))) is StorageFault.FOLDER_MISSING
        assert list(tmp_path.iterdir()) == []

    def test_nor_one_that_goes_while_it_is_open(self, storage: StudioFiles, tmp_path: Path) -> None:
        (tmp_path / "studio").mkdir()
        store = storage.open(Destination(str(tmp_path / "studio")))
        (tmp_path / "studio").rmdir()
        with pytest.raises(MediaStoreUnavailable, match="No such file or directory"):
            store.write(NAME, b"a photo")
        assert list(tmp_path.iterdir()) == []

    def test_a_file_is_no_folder(self, storage: StudioFiles, tmp_path: Path) -> None:
        (tmp_path / "studio").write_text("")
        assert fault_of(storage, Destination(str(tmp_path / "studio"))) is StorageFault.FOLDER_MISSING

    def test_a_disk_that_is_read_only_says_so(self, storage: StudioFiles, disk: Path) -> None:
        disks.make_read_only(disk)
        with pytest.raises(MediaStoreUnavailable, match="Read-only file system"):
            storage.open(Destination(str(disk))).check()

    def test_a_full_one_too_and_no_half_of_a_file_is_left(self, storage: StudioFiles, disk: Path) -> None:
        store = storage.open(Destination(str(disk)))
        ballast = disks.fill(disk)
        with pytest.raises(MediaStoreUnavailable, match="No space left on device"):
            store.write(NAME, bytes(100_000))
        ballast.unlink()
        assert [path for path in disk.rglob("*") if path.is_file()] == []
        store.write(NAME, bytes(100_000))
        assert (disk / NAME).stat().st_size == 100_000


class TestBuckets:
    def test_a_copy_is_an_object_with_its_name(self, storage: StudioFiles, s3: S3Server) -> None:
        store = storage.open(bucket(s3))
        store.check()
        store.write(NAME, b"a photo")
        assert store.read(NAME) == b"a photo"
        assert [entry.key for entry in store.list("")] == [NAME]

    def test_a_wrong_key_is_refused_and_not_shown(self, storage: StudioFiles, s3: S3Server) -> None:
        with pytest.raises(MediaStoreUnavailable, match="HTTP 403") as failure:
            storage.open(bucket(s3, secret="a-wrong-secret")).check()
        assert "a-wrong-secret" not in str(failure.value)

    def test_so_is_a_bucket_that_is_not_there(self, storage: StudioFiles, s3: S3Server) -> None:
        missing = Destination(s3.url("x", bucket="nobodys"), *KEYS.values())
        with pytest.raises(MediaStoreUnavailable, match="HTTP 404"):
            storage.open(missing).check()

    def test_the_environment_of_our_own_bucket_is_nobody_elses(
        self, storage: StudioFiles, s3: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token-of-ours")
        storage.open(bucket(s3)).check()
        amazons = studio._options(Destination("s3://photos?region=eu-north-1"))
        assert amazons["AWS_ENDPOINT_URL_S3"] == "https://s3.eu-north-1.amazonaws.com"
