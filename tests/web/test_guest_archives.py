"""All photos behind a share link as one file: what guests are told, how it goes on, and that the house comes first."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import ARCHIVE_THREADS, GUEST_ARCHIVE_THREADS
from app.domain.photo import PhotoFilter
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.guests import link, taken
from tests.web.unpacking import table, unpacked


@pytest.fixture
def photos(wiring: Wiring) -> list[UUID]:
    return [taken(wiring) for _ in range(2)]


@pytest.fixture
def path(client: FlaskClient, wiring: Wiring, photos: list[UUID]) -> str:
    """The archive of an open link, for guests who read English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return f"/s/{link(wiring, allows_archive=True)}/archive"


def test_guests_learn_nothing_of_booths(client: FlaskClient, path: str, ledger: Ledger) -> None:
    ledger.ask("UPDATE job SET booth = 'PC · expo'")
    answer = client.get(path)
    assert table(answer)[0] == ["File", "Finished (Europe/Moscow)", "Width", "Height", "Bytes", "SHA-256"]
    assert b"PC" not in unpacked(answer).read("manifest.csv")


def test_it_goes_on_where_it_broke_off_though_photos_came(client: FlaskClient, path: str, wiring: Wiring) -> None:
    whole = client.get(path)
    taken(wiring)
    rest = client.get(path, headers={"Range": "bytes=50-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, whole.data[:50] + rest.data) == (206, whole.data)


def test_nobody_lists_or_keeps_it(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_hidden_photos_are_not_in_it(client: FlaskClient, path: str, wiring: Wiring, photos: list[UUID]) -> None:
    wiring.stores.photos.hide(photos[:1])
    assert len(unpacked(client.get(path)).namelist()) == 2


def test_it_ends_when_its_event_is_made_smaller(
    client: FlaskClient, wiring: Wiring, photos: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring.archives, "_look_seconds", 0)
    window = {"starts_at": datetime.now(UTC) - timedelta(hours=1), "ends_at": datetime.now(UTC) + timedelta(hours=1)}
    event = wiring.services().events.create({"name": "Свадьба", "slot_ids": [], **window}, "serg")
    path = f"/s/{link(wiring, event_id=str(event.id), allows_archive=True)}/archive"
    assert len(unpacked(client.get(path)).namelist()) == len(photos) + 1
    answer = client.get(path)
    wiring.services().events.change(event.id, {"name": "Свадьба", "slot_ids": ["slot-002"], **window}, "serg")
    assert len(answer.data) < int(answer.headers["Content-Length"])


def test_guests_who_are_many_read_that_they_are(client: FlaskClient, path: str, wiring: Wiring) -> None:
    guests = [f"198.51.100.{number}" for number in range(GUEST_ARCHIVE_THREADS)]
    held = [wiring.archives.open(PhotoFilter(), lambda _: b"", guest=guest) for guest in guests]
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Many are downloading now" in answer.text
    others = ARCHIVE_THREADS - len(held)
    assert [wiring.archives.open(PhotoFilter(), lambda _: b"") for _ in range(others)], "the house still comes through"
