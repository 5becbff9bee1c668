"""Debian's Chromium before an installation of real processes: web, worker and cleanup."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.config import load_settings
from app.wiring import Wiring
from tests import pictures
from tests.browser import gallery_page, photos
from tests.browser.inspection import TOUCHED
from tests.support import databases
from tests.support.installation import ADMIN_PASSWORD, Installation, installation
from tests.support.quick_wiring import QuickWiring

PLAIN_HTTP = "photos.example"
"""A name for the loopback address that browsers do not trust as they trust localhost."""

_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first one is Chromium without its window: pages are the same, and take a fifth of the processor's time."""

_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-background-networking"]
_EXPECTED = re.compile("Failed to load resource: the server responded with a status of (401|404|409|410|422)")

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def house(server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all browser tests; each works on a slot of its own."""
    folder = tmp_path_factory.mktemp("house")
    with databases.new_database(server_url, template_database) as url, installation(url, folder) as running:
        running.start_web()
        running.start_worker()
        running.start_cleanup()
        yield running


@pytest.fixture(scope="session")
def wiring(house: Installation) -> Iterator[Wiring]:
    """A hand in the house's database."""
    wiring = QuickWiring(load_settings(house.environment), role="test")
    yield wiring
    wiring.database.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium-headless-shell")
    resolve = f"--host-resolver-rules=MAP {PLAIN_HTTP} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, resolve])
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, house: Installation) -> Iterator[NewPage]:
    """Opens pages in contexts of their own; afterwards none may have had an error on its console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        *, width: int = 1440, height: int = 900, language: str = "ru", zone: str = "Europe/Moscow", **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=house.url,
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id=zone,
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [c for c in complaints if not _EXPECTED.search(c)] == []


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A guest's, touched by fingers, with nothing open yet."""
    return new_page(**TOUCHED)


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Cookies of serg's, kept between tests: a log-in costs a second."""
    return {}


@pytest.fixture
def signed_in(new_page: NewPage, sessions: dict[str, Any]) -> NewPage:
    """Opens pages of serg's, on the home page; his session goes on for as long as no test logs him out."""

    def open_page(**options: Any) -> Page:
        page = new_page(storage_state=sessions.get("serg"), **options)
        page.goto("/")
        if page.locator("#username").count():
            log_in(page)
            sessions["serg"] = page.context.storage_state()
        return page

    return open_page


@pytest.fixture
def page(signed_in: NewPage) -> Page:
    """Logged in as serg, on the home page."""
    return signed_in()


def log_in(page: Page, username: str = "serg", password: str = ADMIN_PASSWORD, address: str = "/login") -> Page:
    page.goto(address)
    page.fill("#username", username)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_selector("#slots")
    return page


def settled(page: Page) -> None:
    """Wait until whatever htmx has brought answers to clicks."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")).to_have_count(0)


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shot as a file that can be chosen."""
    path = tmp_path_factory.mktemp("photos") / "IMG_0003.JPG"
    path.write_bytes(pictures.jpeg())
    return path


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template image as a file that can be chosen."""
    path = tmp_path_factory.mktemp("pictures") / "закат.png"
    path.write_bytes(pictures.png())
    return path


@pytest.fixture(scope="module")
def evening(house: Installation) -> Iterator[list[UUID]]:
    """Photos of the last hour, newest first, of which the newest have their previews."""
    ids = photos.finished(house, gallery_page.KEPT, slot=gallery_page.SLOT)
    yield ids
    house.ledger.ask(gallery_page.FORGET)


@pytest.fixture
def ids(house: Installation, evening: list[UUID]) -> list[UUID]:
    """The same, and nobody has done anything with them, nor have others come."""
    house.ledger.ask(f"{gallery_page.FORGET} AND id <> ALL(CAST(:ids AS uuid[]))", ids=evening)
    house.ledger.ask(gallery_page.AS_BEFORE)
    return evening


@pytest.fixture
def gallery(page: Page, ids: list[UUID]) -> Page:
    page.goto(gallery_page.HERE)
    settled(page)
    return page
