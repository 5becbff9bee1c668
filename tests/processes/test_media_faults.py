"""The media store is full, read-only or empty; booths are answered, and everything works again afterwards."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.processes.conftest import Install
from tests.support.booths import photo, shoot, shoot_in_background
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"needs the right to mount a small tmpfs: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_shots_and_recovers(install: Install, small_disk: Path) -> None:
    house = install(MEDIA_ROOT=str(small_disk), SYNC_RESPONSE_SECONDS="10")
    house.media = small_disk
    house.start_web()
    house.start_worker()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2 * 1024 * 1024 - 60_000))
    answer = shoot(house, data=photo(1500, 1000) + bytes(100_000))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    assert answer.headers["Retry-After"]
    assert house.ledger.jobs() == []
    ballast.unlink()
    assert shoot(house).status_code == 200
    house.ledger.assert_sound()


def test_a_disk_that_fills_up_while_the_photo_is_in_work(install: Install, small_disk: Path) -> None:
    house = install(MEDIA_ROOT=str(small_disk), SYNC_RESPONSE_SECONDS="10")
    house.media = small_disk
    house.start_web()
    shot = photo(900, 600)
    house.start_scripted_worker("slow", 2)
    booth = shoot_in_background(house)
    until(lambda: house.ledger.count("status = 'processing'") == 1, what="the photo is in work")
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
    answer = booth.result(timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "provider_error")
    ballast.unlink()
    assert shoot(house, data=shot).status_code == 200
    house.ledger.assert_sound()


def test_a_full_folder_for_uploads_is_answered_not_cut(install: Install, small_disk: Path) -> None:
    house = install(TMPDIR=str(small_disk), SYNC_RESPONSE_SECONDS="10")
    house.start_web()
    house.start_worker()
    large = photo(1500, 1000) + bytes(4_000_000)
    answer = shoot(house, data=large)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    assert shoot(house, data=photo()).status_code == 200
    assert house.ledger.count("true") == 1


def test_a_result_file_that_vanished_is_gone_not_an_error(install: Install) -> None:
    house = install()
    house.start_web()
    house.start_worker()
    job_id = shoot(house).headers["X-Job-Id"]
    for path in house.ledger.results():
        path.unlink()
    assert requests.get(f"{house.url}/public/results/{job_id}", timeout=10).status_code == 410
