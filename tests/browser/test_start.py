"""The first-run guide in a real browser, to its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.booths import of_computer, shoot
from tests.support.installation import Installation, installation

pytestmark = pytest.mark.browser


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """A new one: in the one that other tests share a booth may have been already."""
    with installation(database_url, tmp_path) as running:
        running.start_web()
        running.start_worker()
        yield running


def test_it_tells_of_a_refused_booth_and_ends_with_the_first_shot_of_a_real_one(
    page: Page, house: Installation
) -> None:
    expect(page.locator("#guide")).to_be_visible()
    assert shoot(house, "slot-006", password="mistyped").status_code == 401
    expect(page.locator("#guide-requests")).to_have_attribute("href", "/slots/slot-006/requests", timeout=15_000)
    page.locator("#guide-booth summary").click()
    page.focus("#guide-copy")
    assert shoot(house, "slot-006", **of_computer("DESKTOP-1")).status_code == 200
    expect(page.get_by_role("heading", name="Первый снимок будки готов")).to_be_visible(timeout=15_000)
    expect(page.locator("#guide .ticked")).to_have_count(6)
    expect(page.locator("#guide-copy")).to_be_focused()
    page.reload()
    expect(page.locator("#slots")).to_be_visible()
    expect(page.locator("#guide")).to_have_count(0)
