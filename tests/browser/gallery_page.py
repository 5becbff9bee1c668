"""The gallery of one slot that had photos all evening, as tests look at it."""

from uuid import UUID

from playwright.sync_api import Locator, Page, expect

SLOT = "slot-010"
HERE = f"/gallery?slot={SLOT}"
PAGE_SIZE = 48
KEPT = 130

FORGET = f"DELETE FROM job WHERE slot_id = '{SLOT}'"
AS_BEFORE = f"""
UPDATE job SET hidden_at = NULL, deleted_at = NULL, shown_at = NULL, unkept_expires_at = NULL,
               result_expires_at = coalesce(unkept_expires_at, result_expires_at)
WHERE slot_id = '{SLOT}'
"""
HIDE = "UPDATE job SET hidden_at = now() WHERE id = :id"
SHOW = "UPDATE job SET hidden_at = NULL, shown_at = now() WHERE id = :id"


def tiles(page: Page) -> Locator:
    return page.locator("#gallery .tile")


def tile(page: Page, photo_id: UUID) -> Locator:
    return page.locator(f'.tile[data-photo="{photo_id}"]')


def shown(page: Page) -> list[UUID]:
    found = tiles(page).evaluate_all("all => all.map((tile) => tile.dataset.photo)")
    return [UUID(photo_id) for photo_id in found]


def box(page: Page, photo_id: UUID) -> Locator:
    return tile(page, photo_id).locator(".pick input")


def is_selected(page: Page, count: int) -> None:
    expect(page.locator("[data-selected]")).to_have_text(str(count))
    expect(page.locator("#gallery .pick input:checked")).to_have_count(count)


def top(page: Page, photo_id: UUID) -> float:
    rect = tile(page, photo_id).bounding_box()
    assert rect
    return rect["y"]


def scroll_to(page: Page, photo_id: UUID) -> None:
    tile(page, photo_id).evaluate("(tile) => tile.scrollIntoView({block: 'center', behavior: 'instant'})")
