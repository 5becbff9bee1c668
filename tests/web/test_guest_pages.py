"""What holds for all that guests can open: nothing of the house shows, whole in both languages, light and cheap."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web.links import GUEST_PATHS
from app.wiring import Wiring
from tests import pictures
from tests.factories import SETTINGS
from tests.support import addresses
from tests.support.ledger import Ledger
from tests.web.guests import link, taken
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor

ROOT = Path(__file__).resolve().parents[2]
FIRST_LOAD_MAX_BYTES = 150_000
STATEMENTS_MAX = 10
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)

BOOTH_FIELDS = {"name": "KOSTYAS-NOTEBOOK", "{qr1}": "ticket-4711", "phone": "+79035550142", "Password": "b00th-pa55"}
STEP = {"provider": "pr0vider", "operation": "0perate", "settings": {"prompt": "pir4te on a ship", "model": "m0del-3"}}
OF_THE_HOUSE = [
    *BOOTH_FIELDS.values(),
    *("pr0vider", "0perate", "pir4te", "m0del-3", "VIP-b00th", "serg", "igor"),
    *("/login", "/slots", "/jobs", "/gallery", "/settings", "csrf", "payload", "prompt"),
]


@pytest.fixture
def photo_id(wiring: Wiring, ledger: Ledger) -> UUID:
    """A guest's, whose file says where it was taken, in a slot that tells much."""
    ledger.ask("UPDATE slot SET name = 'VIP-b00th'")
    told = pictures.webp(900, 600, exif=pictures.exif(1, gps=True))
    settings = {**SETTINGS, "steps": [STEP]}
    return taken(wiring, told, mime="image/webp", booth_fields=BOOTH_FIELDS, settings=settings)


@pytest.fixture
def examples(wiring: Wiring, photo_id: UUID) -> dict[str, object]:
    """Something that exists for each argument of an address of guests."""
    return {"job_id": photo_id, "photo_id": photo_id, "size": "grid", "token": link(wiring, allows_archive=True)}


@pytest.fixture
def paths(app: Flask, wiring: Wiring, examples: dict[str, object]) -> list[str]:
    """Every address of guests: with a photo behind it, locked, own, closed, and with nothing at all."""
    found = [*addresses.readable(app.url_map, examples, ("guests", "wall")).values()]
    assert len(found) >= 6
    assert all(path.startswith(GUEST_PATHS) for path in found)
    others = [link(wiring, password="party-2026"), link(wiring, audience="own"), link(wiring, slot_id="slot-009")]
    return [*found, *(f"/s/{token}" for token in others), f"/wall/{others[0]}", "/r/1", "/s/1"]


@pytest.fixture
def pages(client: FlaskClient, paths: list[str]) -> dict[str, Page]:
    """Those for phones; the wall has tests of its own."""
    answers = {path: client.get(path) for path in paths if not path.startswith("/wall/")}
    return {path: Page(a.text) for path, a in answers.items() if addresses.is_page(a.content_type, a.data)}


def whole(answer: TestResponse) -> bytes:
    return str(answer.headers).encode() + answer.data


class TestNothingOfTheHouse:
    def test_shows_on_any_page_in_any_header_or_file(self, client: FlaskClient, paths: list[str]) -> None:
        for path in paths:
            said = whole(client.get(path)).lower()
            assert not [word for word in OF_THE_HOUSE if word.lower().encode() in said], path

    def test_shows_when_a_photo_is_gone(self, client: FlaskClient, wiring: Wiring, photo_id: UUID) -> None:
        wiring.services().gallery.hide([photo_id], "serg")
        for path in (f"/r/{photo_id}", f"/r/{photo_id}/full.jpg", f"/public/results/{photo_id}"):
            said = whole(client.get(path)).lower()
            assert not [word for word in OF_THE_HOUSE if word.lower().encode() in said], path

    def test_what_guests_save_says_nothing_of_where_it_was_taken(self, client: FlaskClient, photo_id: UUID) -> None:
        for path in (f"/r/{photo_id}/full.jpg", f"/r/{photo_id}/large.jpg", f"/public/results/{photo_id}/large"):
            assert not pictures.opened(client.get(path).data).getexif(), path

    def test_shows_to_administrators_either(self, client: FlaskClient, paths: list[str]) -> None:
        Visitor(client).log_in()
        for path in paths:
            said = client.get(path).data.lower()
            assert not [word for word in OF_THE_HOUSE if word.lower().encode() in said], path


def test_every_page_is_whole_in_both_languages(client: FlaskClient, pages: dict[str, Page]) -> None:
    for path, russian in pages.items():
        english = Page(client.get(path, query_string={"lang": "en"}).text)
        for language, page in (("ru", russian), ("en", english)):
            assert page.one("html")["lang"] == language, path
            assert len(page.all("h1")) == 1, path
            assert page.all("title")[0].text.strip(), path
            letters = RUSSIAN.findall(page.html.replace("Русский", ""))
            assert bool(letters) == (language == "ru"), (path, "".join(letters))


def test_ids_are_unique_and_controls_have_names(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        ids = [e["id"] for e in page.elements if e.get("id")]
        assert len(ids) == len(set(ids)), path
        for element in page.elements:
            assert _has_name(page, element), (path, element)


def test_no_page_holds_inline_code_or_style(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert not page.all("style"), path
        assert all(e.get("src") for e in page.all("script")), path
        assert not [e for e in page.elements for name in e.attributes if name == "style" or name.startswith("on")], path


def test_the_first_load_of_any_page_is_light(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        linked = [e["src"] for e in page.all("script")] + [e["href"] for e in page.all("link")]
        files = sum((ROOT / str(name).lstrip("/")).stat().st_size for name in linked)
        assert len(page.html.encode()) + files < FIRST_LOAD_MAX_BYTES, path


def test_it_costs_the_same_however_many_photos_there_are(
    client: FlaskClient, wiring: Wiring, paths: list[str], subtests: pytest.Subtests
) -> None:
    before = {path: _statements(client, path) for path in paths}
    for _ in range(12):
        taken(wiring)
    for path, asked in before.items():
        with subtests.test(path=path):
            assert sorted(_statements(client, path)) == sorted(asked)
            assert len(asked) <= STATEMENTS_MAX, "\n".join(asked)


def _statements(client: FlaskClient, path: str) -> list[str]:
    """Of what somebody has opened before, as connections are kept and links note when they were opened."""
    client.get(path)
    with counted() as asked:
        _ = client.get(path).data
    return asked


def _has_name(page: Page, element: Any) -> bool:
    if element.tag in ("button", "a"):
        said = element.text + "".join(e.get("alt") or "" for e in element.inside)
        return bool(said.strip() or element.get("aria-label"))
    if element.tag == "input":
        return bool(page.all("label", for_=element.get("id")))
    return element.tag != "img" or element.get("alt") is not None
