"""The gallery that the tests of the lightbox open: at a desk, on a phone, and where not everything can be loaded."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.conftest import NewPage, settled
from tests.browser.guests import photos_of_slot
from tests.browser.inspection import DESK, TOUCHED
from tests.browser.lightbox.looking import (
    HERE,
    PAGE_SIZE,
    SHOW,
    SLOT,
)
from tests.support.installation import Installation


@pytest.fixture(scope="package")
def evening(house: Installation) -> Iterator[list[UUID]]:
    """Photos, newest first; the results of the first two are there too."""
    yield from photos_of_slot(house, SLOT, PAGE_SIZE + 10, with_pictures=2)


@pytest.fixture
def ids(house: Installation, evening: list[UUID]) -> Iterator[list[UUID]]:
    """The same, none of them hidden."""
    yield evening
    house.ledger.ask(SHOW)


@pytest.fixture
def gallery(page: Page, ids: list[UUID]) -> Page:
    page.goto(HERE)
    settled(page)
    return page


@pytest.fixture
def phone(signed_in: NewPage, ids: list[UUID]) -> Page:
    page = signed_in(**TOUCHED)
    page.goto(HERE)
    settled(page)
    return page


@pytest.fixture
def troubled(chromium: Browser, page: Page, house: Installation, ids: list[UUID]) -> Iterator[Page]:
    """The gallery in a browser that may complain of what it cannot load, but not of our scripts."""
    errors: list[Error] = []
    state = page.context.storage_state()
    context = chromium.new_context(base_url=house.url, storage_state=state, locale="ru", viewport=DESK)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(HERE)
    settled(page)
    yield page
    context.close()
    assert errors == []
