"""Archives from a real web process: how much memory they take, and what they leave to others."""

import contextlib
import hashlib
import signal
import time
from collections.abc import Iterator
from uuid import UUID

import psutil
import pytest
import requests

from app.config import ARCHIVE_THREADS
from tests.processes.conftest import Install
from tests.support.booths import shoot_in_background
from tests.support.installation import ADMIN_PASSWORD, Installation, Process
from tests.support.many_photos import many_photos
from tests.waiting import until

pytestmark = pytest.mark.processes

SIZE = 300_000
PIECE = 1 << 20
MEGABYTE = 1_000_000


class Client:
    """A program that has logged in."""

    def __init__(self, house: Installation) -> None:
        self.url = f"{house.url}/api"
        answer = requests.post(f"{house.url}/api/login", json={"username": "serg", "password": ADMIN_PASSWORD})
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def archive(self, **headers: str) -> requests.Response:
        """Its beginning; what follows is read as one likes."""
        return requests.get(f"{self.url}/photos/archive", headers={**self.headers, **headers}, stream=True, timeout=30)

    def post(self, path: str, **body: object) -> dict[str, str]:
        answer = requests.post(f"{self.url}/{path}", headers=self.headers, json=body, timeout=30)
        assert answer.ok, answer.text
        said: dict[str, str] = answer.json()
        return said


def resident(web: Process) -> int:
    """Bytes of memory of the process."""
    size: int = psutil.Process(web.popen.pid).memory_info().rss
    return size


def pieces(answer: requests.Response) -> Iterator[bytes]:
    """What comes, until it ends for whatever reason."""
    with contextlib.suppress(requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError):
        yield from answer.iter_content(PIECE)


def read_a_second_later(coming: Iterator[bytes]) -> int:
    """How many bytes still come once the second is over in which what is withdrawn may still be sent."""
    over = time.monotonic() + 1
    until(lambda: time.monotonic() > over)
    return sum(map(len, coming))


def test_a_thousand_photos_take_hardly_any_memory_and_go_on_where_they_broke_off(install: Install) -> None:
    house = install()
    many_photos(house.ledger, house.media, 1000, SIZE)
    web = house.start_web()
    client = Client(house)
    before, most, digest, length = resident(web), 0, hashlib.sha256(), 0
    answer = client.archive()
    tag = answer.headers["ETag"]
    for piece in pieces(answer):
        digest.update(piece)
        length += len(piece)
        most = max(most, resident(web))
    assert length == int(answer.headers["Content-Length"]) > 1000 * SIZE
    assert most - before < 100 * MEGABYTE

    again = hashlib.sha256()
    with client.archive() as begun:
        beginning = next(begun.iter_content(PIECE))
    rest = client.archive(**{"Range": f"bytes={len(beginning)}-", "If-Range": tag})
    assert rest.status_code == 206
    for piece in (beginning, *pieces(rest)):
        again.update(piece)
    assert again.digest() == digest.digest()
    assert resident(web) - before < 100 * MEGABYTE


def test_readers_who_read_nothing_take_neither_threads_nor_memory_from_booths(install: Install) -> None:
    house = install(HELD_REQUESTS_MAX="2", SYNC_RESPONSE_SECONDS="3")
    many_photos(house.ledger, house.media, 200, SIZE)
    web = house.start_web()
    client = Client(house)
    before = resident(web)
    with contextlib.ExitStack() as stack:
        for _ in range(ARCHIVE_THREADS):
            assert stack.enter_context(client.archive()).status_code == 200
        booths = [shoot_in_background(house) for _ in range(2)]
        until(lambda: house.ledger.count("NOT is_finalized") == 2, what="two booths wait")
        assert client.archive().status_code == 503
        assert all(requests.get(f"{house.url}/healthz", timeout=5).ok for _ in range(3))
        assert [booth.result(timeout=20).status_code for booth in booths] == [504, 504]
        assert resident(web) - before < 100 * MEGABYTE
    until(lambda: _is_open_again(client), what="whoever went has left a place")


def ways_to(photo: UUID, house: Installation, gallery: str) -> set[str]:
    """Where guests find the photo now."""
    ways = {"page": f"{house.url}/r/{photo}", "file": f"{house.url}/public/results/{photo}"}
    lists = {"link": gallery, "screen": f"{gallery.replace('/s/', '/wall/')}/photos"}
    found = {name for name, url in ways.items() if requests.get(url, timeout=5).ok}
    return found | {name for name, url in lists.items() if str(photo) in requests.get(url, timeout=5).text}


def test_what_is_withdrawn_is_gone_everywhere_within_a_second(install: Install) -> None:
    """A photo that is hidden, and a link that is revoked."""
    house = install()
    ids = many_photos(house.ledger, house.media, 400, SIZE)
    web = house.start_web()
    client = Client(house)
    link = client.post("share-links", slot_id="slot-001", expires_in_days=1, allows_archive=True)
    assert ways_to(ids[-1], house, link["url"]) == {"page", "file", "link", "screen"}
    answer = client.archive()
    coming = pieces(answer)
    begun = len(next(coming))
    client.post("photos/hide", ids=[str(ids[-1])])
    hidden = time.monotonic()
    assert ways_to(ids[-1], house, link["url"]) == set()
    assert time.monotonic() - hidden < 1
    assert begun + read_a_second_later(coming) < 399 * SIZE
    until(lambda: "a photo was withdrawn" in web.log())

    coming = pieces(requests.get(f"{link['url']}/archive", stream=True, timeout=30))
    begun = len(next(coming))
    client.post(f"share-links/{link['id']}/revoke")
    assert begun + read_a_second_later(coming) < 398 * SIZE
    until(lambda: "it is not allowed any more" in web.log())


def test_a_web_process_stops_whether_its_archives_are_read_or_not(install: Install) -> None:
    house = install(SHUTDOWN_GRACE_SECONDS="0.1")
    many_photos(house.ledger, house.media, 400, SIZE)
    web = house.start_web()
    client = Client(house)
    read, unread = client.archive(), client.archive()
    coming = pieces(read)
    next(coming)
    web.send(signal.SIGTERM)
    assert sum(map(len, coming)) < 399 * SIZE
    assert web.wait(7) == 0
    unread.close()


def _is_open_again(client: Client) -> bool:
    with client.archive() as answer:
        return answer.status_code == 200
