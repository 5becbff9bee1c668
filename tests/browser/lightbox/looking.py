"""A gallery of one slot, the lightbox over it, and what tests see there."""

import re
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

SLOT = "slot-012"
HERE = f"/gallery?slot={SLOT}"
PAGE_SIZE = 48
HIDE = "UPDATE job SET hidden_at = now() WHERE id = :id"
SHOW = f"UPDATE job SET hidden_at = NULL, deleted_at = NULL WHERE slot_id = '{SLOT}'"

PRESSED = "(key) => document.dispatchEvent(new KeyboardEvent('keydown', { ...key, bubbles: true }))"
"""As on a keyboard of another alphabet."""

MIDDLE = (180.0, 370.0)


def tile(page: Page, photo_id: UUID) -> Locator:
    return page.locator(f"#photo-{photo_id}")


def lightbox(page: Page) -> Locator:
    return page.get_by_role("dialog")


def image(page: Page) -> Locator:
    return page.locator(".pswp__item[aria-hidden='false'] img.pswp__img:not(.pswp__img--placeholder)")


def opened(page: Page, photo_id: UUID) -> Page:
    """The page once somebody has opened a photo and it has come to rest."""
    tile(page, photo_id).click()
    is_shown(page, photo_id)
    return page


def is_shown(page: Page, photo_id: UUID) -> None:
    expect(page).to_have_url(re.compile(f"#photo-{photo_id}$"))
    expect(image(page)).to_have_attribute("src", re.compile(f"{photo_id}/large$"))
    page.wait_for_function("() => window.getComputedStyle(document.querySelector('.pswp__bg')).opacity === '1'")


def is_closed(page: Page, last: UUID) -> None:
    expect(lightbox(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(HERE) + "$"))
    expect(tile(page, last)).to_be_focused()
    expect(tile(page, last)).to_be_in_viewport()


def requested(page: Page) -> list[str]:
    """Addresses of what the page has loaded."""
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    return names


def expect_loaded(page: Page, end: str) -> None:
    page.wait_for_function(
        "(end) => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(end))", arg=end
    )
