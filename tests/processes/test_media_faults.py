"""The media store is full, read-only or empty; booths are answered, and everything works again afterwards."""

import contextlib
import http.client
import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

from tests.processes.conftest import Install
from tests.support import disks
from tests.support.booths import photo, shoot, shoot_in_background
from tests.support.installation import ADMIN_PASSWORD, Installation
from tests.waiting import until
from tests.web.visitor import Page

pytestmark = pytest.mark.processes


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    with disks.small_disk(tmp_path / "small") as folder:
        yield folder


def administrator(house: Installation) -> dict[str, str]:
    """The headers of a program that has logged in."""
    login = {"username": "serg", "password": ADMIN_PASSWORD}
    token = requests.post(f"{house.url}/api/login", json=login, timeout=10).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


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
    ballast = disks.fill(small_disk)
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


@pytest.fixture
def spooling_house(install: Install, small_disk: Path) -> Installation:
    """Uploads are spooled on the small disk, and have been before it fills up."""
    house = install(TMPDIR=str(small_disk), SYNC_RESPONSE_SECONDS="10")
    house.start_web()
    house.environment.pop("TMPDIR")
    house.start_worker()
    assert shoot(house, data=photo() + bytes(600_000)).status_code == 200
    return house


@pytest.mark.parametrize("path", ["/api/slots/slot-001/test-run", "/api/template-media/register"])
def test_an_administrators_upload_that_finds_no_room_may_come_again(spooling_house: Installation, path: str) -> None:
    """There is room for the request, but not for the file that is taken out of it."""
    headers, large = administrator(spooling_house), photo() + bytes(1_200_000)
    answer = requests.post(spooling_house.url + path, headers=headers, files={"file": ("a.jpg", large)}, timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    assert answer.headers["Retry-After"]


def test_a_booths_upload_that_finds_no_room_may_come_again(spooling_house: Installation) -> None:
    answer = shoot(spooling_house, data=photo() + bytes(1_200_000))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_unavailable")
    assert answer.headers["Retry-After"]


def test_a_persons_upload_that_finds_no_room_gets_a_page_about_it(spooling_house: Installation) -> None:
    url = spooling_house.url
    with requests.Session() as browser:
        token = Page(browser.get(f"{url}/login", timeout=10).text).all("input", name="csrf_token")[0]["value"]
        login = {"username": "serg", "password": ADMIN_PASSWORD, "csrf_token": token}
        assert browser.post(f"{url}/login", login, timeout=10, allow_redirects=False).status_code == 303
        large = {"file": ("a.jpg", photo() + bytes(1_200_000))}
        answer = browser.post(f"{url}/slots/slot-001/test-runs", {"csrf_token": token}, files=large, timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (503, "text/html")
    assert answer.headers["Retry-After"]


def test_a_large_result_needs_no_room_for_uploads(spooling_house: Installation, small_disk: Path) -> None:
    house, headers = spooling_house, administrator(spooling_house)
    slot = requests.get(f"{house.url}/api/slots/slot-002", headers=headers, timeout=10).json()
    slot["output"]["format"] = "png"
    changed = {"output": slot["output"], "version": slot["version"]}
    assert requests.put(f"{house.url}/api/slots/slot-002", headers=headers, json=changed, timeout=10).ok
    disks.fill(small_disk)
    answer = shoot(house, "slot-002", data=noise())
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert len(answer.content) == int(answer.headers["Content-Length"]) > 1024 * 1024
    assert "Transfer-Encoding" not in answer.headers
    assert answer.content in [path.read_bytes() for path in house.ledger.results()]


def noise() -> bytes:
    """A JPEG that becomes a much larger PNG."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (1000, 700), os.urandom(1000 * 700 * 3)).save(buffer, "JPEG", quality=30)
    assert buffer.tell() < 480_000, "it would be spooled itself"
    return buffer.getvalue()


@pytest.mark.parametrize(("headers", "first"), [({}, 0), ({"Range": "bytes=1000-"}, 1000)], ids=["whole", "range"])
def test_a_slow_guest_needs_no_room_for_uploads(
    spooling_house: Installation, small_disk: Path, headers: dict[str, str], first: int
) -> None:
    [result], [job] = spooling_house.ledger.results(), spooling_house.ledger.jobs()
    picture = os.urandom(16_000_000)
    result.write_bytes(picture)
    spooling_house.ledger.ask("UPDATE job SET result_size_bytes = :size", size=len(picture))
    disks.fill(small_disk)
    with slow_guest(spooling_house) as guest:
        guest.request("GET", f"/public/results/{job.id}", headers=headers)
        answer = guest.getresponse()
        for _ in range(5):  # meanwhile the server has as much time as it needs to run ahead of the guest
            assert requests.get(f"{spooling_house.url}/healthz", timeout=10).ok
        assert int(answer.headers["Content-Length"]) == len(picture) - first
        assert answer.read() == picture[first:]


@contextlib.contextmanager
def slow_guest(house: Installation) -> Iterator[http.client.HTTPConnection]:
    """A connection that takes little until it is read."""
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=30)
    with contextlib.closing(connection), socket.socket() as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        narrow.settimeout(30)
        narrow.connect(("127.0.0.1", house.port))
        connection.sock = narrow
        yield connection


def test_a_result_file_that_vanished_is_gone_not_an_error(install: Install) -> None:
    house = install()
    house.start_web()
    house.start_worker()
    job_id = shoot(house).headers["X-Job-Id"]
    for path in house.ledger.results():
        path.unlink()
    assert requests.get(f"{house.url}/public/results/{job_id}", timeout=10).status_code == 410
