"""Photos of a real database are copied to real folders, disks and buckets, which fill up, fail and change."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import load_settings
from app.ports.copies import CopyTally
from app.services import copies as module
from app.wiring import Wiring
from tests.support import disks
from tests.support.copying import copies_in, finish_photo
from tests.support.quick_wiring import QuickWiring
from tests.support.s3 import KEYS, S3Server

WAITING = 1000


@pytest.fixture
def wiring(database_url: str, tmp_path: Path) -> Iterator[Wiring]:
    settings = load_settings({"DATABASE_URL": database_url, "VAR_DIR": str(tmp_path / "var")})
    wiring = QuickWiring(settings, role="cleanup")
    yield wiring
    wiring.database.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small_disk(tmp_path / "disk") as folder:
        yield folder


def copied_to(wiring: Wiring, folder: Path) -> Counter[bytes]:
    """What lies there after all that waits has been tried once more."""
    pause_is_over(wiring)
    wiring.copies.run()
    return Counter(path.read_bytes() for path in copies_in(folder))


def pause_is_over(wiring: Wiring) -> None:
    wiring.copies._rest = None
    wiring.database.run(text("UPDATE result_copy SET next_try_at = now()"))


def tally(wiring: Wiring) -> CopyTally:
    return wiring.copies.total()


def test_a_disk_that_fills_up_and_turns_read_only_loses_nothing(wiring: Wiring, disk: Path) -> None:
    wiring.copy_destination.change({"url": str(disk)}, "serg")
    ballast = disks.fill(disk)
    photos = Counter([b"one" * 50_000, b"two" * 50_000])
    for photo in photos:
        finish_photo(wiring, photo)
    assert copied_to(wiring, disk) == {}
    assert "No space left on device" in tally(wiring).error
    ballast.unlink()
    disks.make_read_only(disk)
    assert copied_to(wiring, disk) == {}
    assert "Read-only file system" in tally(wiring).error
    disks.make_writable(disk)
    assert copied_to(wiring, disk) == photos
    assert (tally(wiring).copied, tally(wiring).waiting, tally(wiring).error) == (2, 0, "")
    assert list(disk.glob(".incoming/*")) == []


def test_a_folder_that_is_taken_away_is_waited_for(wiring: Wiring, tmp_path: Path) -> None:
    studio, elsewhere = tmp_path / "studio", tmp_path / "elsewhere"
    studio.mkdir()
    wiring.copy_destination.change({"url": str(studio)}, "serg")
    finish_photo(wiring, b"before")
    assert copied_to(wiring, studio) == {b"before": 1}
    studio.rename(elsewhere)
    finish_photo(wiring, b"after")
    assert copied_to(wiring, studio) == {}
    assert not studio.exists()
    elsewhere.rename(studio)
    assert copied_to(wiring, studio) == {b"before": 1, b"after": 1}


def test_what_died_while_it_wrote_leaves_nothing_behind_for_long(wiring: Wiring, tmp_path: Path) -> None:
    (tmp_path / "studio" / ".incoming").mkdir(parents=True)
    old, young = (tmp_path / "studio" / ".incoming" / name for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half a photo")
    os.utime(old, (time.time() - 3700,) * 2)
    wiring.copy_destination.change({"url": str(tmp_path / "studio")}, "serg")
    finish_photo(wiring)
    wiring.copies.run()
    assert (old.exists(), young.exists()) == (False, True)


def test_photos_go_into_a_bucket_and_from_a_bucket(database_url: str, tmp_path: Path, s3: S3Server) -> None:
    """Our own files in one, the copies in another, each with its own keys."""
    environment = {"DATABASE_URL": database_url, "VAR_DIR": str(tmp_path), "MEDIA_ROOT": s3.url("own"), **KEYS}
    wiring = QuickWiring(load_settings(environment), role="cleanup")
    keys = {"access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"]}
    wiring.copy_destination.change({"url": s3.url("studio"), **keys}, "serg")
    finish_photo(wiring, b"a photo")
    wiring.copies.run()
    studio = wiring.studio.open(wiring.copy_destination.current())
    [copy] = studio.list("")
    assert studio.read(copy.key) == b"a photo"
    wiring.copy_destination.change({"secret_access_key": "a-wrong-one"}, "serg")
    finish_photo(wiring, b"another")
    wiring.copies.run()
    assert "HTTP 403" in tally(wiring).error
    wiring.copy_destination.change(keys, "serg")
    pause_is_over(wiring)
    wiring.copies.run()
    assert {studio.read(entry.key) for entry in studio.list("")} == {b"a photo", b"another"}
    wiring.database.close()


def test_a_thousand_that_wait_are_copied_by_two_schedulers_each_once(
    wiring: Wiring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ROUND_SECONDS", 600)
    (tmp_path / "studio").mkdir()
    wiring.copy_destination.change({"url": str(tmp_path / "studio")}, "serg")
    finish_photo(wiring, b"a photo")
    multiply(wiring, WAITING)
    other = QuickWiring(wiring.settings, role="cleanup")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda each: each.copies.run(), (wiring, other)))
    wiring.copies.run()
    other.database.close()
    assert len(copies_in(tmp_path / "studio")) == WAITING
    orders = wiring.database.run(text("SELECT attempts, copied_at FROM result_copy"))
    assert {(row.attempts, row.copied_at is not None) for row in orders} == {(1, True)}


def multiply(wiring: Wiring, number: int) -> None:
    """Let the one photo that there is have been finished again and again, a few times a second."""
    columns = (
        "slot_id, status, is_finalized, source, settings, booth_fields, provider, operation, payload_mime_type,"
        " payload_size_bytes, payload_sha256, created_at, expires_at, result_file_path, result_mime_type,"
        " result_size_bytes, result_checksum, result_width, result_height, result_expires_at"
    )
    wiring.database.run(
        text(
            f"WITH more AS (INSERT INTO job (id, {columns}, finalized_at) SELECT gen_random_uuid(), {columns},"
            " finalized_at - n * interval '0.4 seconds' FROM job, generate_series(2, :number) AS n"
            " RETURNING id, slot_id) INSERT INTO result_copy (job_id, slot_id) SELECT id, slot_id FROM more"
        ),
        {"number": number},
    )
