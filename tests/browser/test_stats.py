"""Statistics on a phone in a dark room."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, log_in, settled
from tests.browser.inspection import obstacles, sticks_out
from tests.support.booths import shoot
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


def test_statistics_are_read_on_a_phone(new_page: NewPage, house: Installation) -> None:
    assert shoot(house, "slot-013").status_code == 200
    page = log_in(new_page(width=360, height=740, language="en", color_scheme="dark"))
    page.goto("/stats")
    fits(page)

    page.focus("#period-7d")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/stats\?period=7d$"))
    settled(page)
    expect(page.locator("#period-7d")).to_be_focused()

    page.focus("#stats-slot")
    page.select_option("#stats-slot", "slot-013")
    expect(page).to_have_url(re.compile(r"\?period=7d&slot=slot-013$"))
    settled(page)
    expect(page.locator("#stats-slot")).to_be_focused()
    expect(page.locator(".sentence")).to_contain_text("in the last 7 days")

    page.click("#open-photos")
    expect(page.locator("#table-photos tbody tr").first).to_be_visible()
    assert page.locator("#table-photos tbody tr").count() in (7, 8)  # as many as a week, up to now, touches
    table = page.locator("#table-photos .scrolled")
    aside = table.evaluate("(table) => { table.scrollLeft = 30; return table.scrollLeft; }")
    assert aside > 0
    refresh(page)
    expect(page.locator("#table-photos")).to_have_attribute("open", "")
    assert table.evaluate("(table) => table.scrollLeft") == aside
    fits(page)

    page.go_back()
    expect(page.locator("#stats-slot")).to_have_value("")
    expect(page.get_by_role("heading", level=1)).to_have_text("Statistics")


def refresh(page: Page) -> None:
    """Draw the figures anew, as if they had changed."""
    page.evaluate("document.getElementById('figures').setAttribute('hx-get', location.href + '&seen=older')")
    page.evaluate("htmx.process(document.getElementById('figures'))")
    old = page.query_selector("#figures")
    assert old
    page.evaluate("htmx.trigger('#figures', 'refresh')")
    old.wait_for_element_state("hidden")
    settled(page)


def fits(page: Page) -> None:
    assert not sticks_out(page)
    assert obstacles(page) == []
