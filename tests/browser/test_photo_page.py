"""The page of one photo: with a keyboard, without scripts, and as it looks with everything on it."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser import photos
from tests.browser.conftest import PLAIN_HTTP, NewPage, log_in
from tests.browser.inspection import LOOKS, examine
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

SLOT = "slot-008"
FORGET = f"DELETE FROM job WHERE slot_id = '{SLOT}'"
WITH_FILES = """
UPDATE job SET result_size_bytes = :size, payload_path = 'payloads/' || id || '.jpg',
               settings = settings || jsonb_build_object('keeping', jsonb_build_object('originals', true))
WHERE id = :id
"""


@pytest.fixture
def ids(house: Installation) -> Iterator[list[UUID]]:
    """Three photos, newest first; of the second, a square, the result and a portrait original are files."""
    found = photos.finished(house, 3, slot=SLOT)
    data = photos.picture_of((1200, 1800), 0)
    for folder in ("results", "payloads"):
        path = house.media / folder / f"{found[1]}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    house.ledger.ask(WITH_FILES, size=len(data), id=found[1])
    yield found
    house.ledger.ask(FORGET)


def address(photo_id: UUID) -> str:
    return f"/gallery/photos/{photo_id}?slot={SLOT}"


def test_arrows_turn_over_and_d_saves(page: Page, ids: list[UUID]) -> None:
    page.goto(address(ids[0]))
    expect(page.locator("#newer")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(re.escape(address(ids[1])) + "$"))
    page.wait_for_load_state()  # keys are heard from then on
    with page.expect_download() as saved:
        page.keyboard.press("d")
    assert saved.value.suggested_filename.startswith(f"{SLOT}_")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(re.escape(address(ids[0])) + "$"))


def test_arrows_move_the_line_between_before_and_after_where_that_has_the_focus(page: Page, ids: list[UUID]) -> None:
    page.goto(address(ids[1]))
    page.focus("#before-after")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#before-after")).to_have_value("51")
    assert page.locator(".before-after").evaluate("(part) => part.style.getPropertyValue('--cut')") == "51%"
    expect(page).to_have_url(re.compile(re.escape(address(ids[1])) + "$"))


@pytest.mark.parametrize("width", [1440, 360])
def test_the_shot_fills_what_the_result_fills_and_captions_lie_on_them(
    signed_in: NewPage, ids: list[UUID], width: int
) -> None:
    page = signed_in(width=width)
    page.goto(address(ids[1]))
    page.wait_for_load_state()
    whole, *figures = [part.bounding_box() for part in page.locator(".before-after, .before-after figure").all()]
    assert whole
    assert figures == [whole, whole]
    assert whole["width"] == pytest.approx(whole["height"], abs=1)
    pictures = [picture.bounding_box() for picture in page.locator(".before-after img").all()]
    assert pictures == [whole, whole]
    assert page.locator(".after").evaluate("(part) => getComputedStyle(part).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_the_guests_link_is_copied_on_plain_http(new_page: NewPage, house: Installation, ids: list[UUID]) -> None:
    plain = f"http://{PLAIN_HTTP}:{house.port}"
    page = log_in(new_page(), address=f"{plain}/login")
    page.goto(plain + address(ids[0]))
    page.click("#copy-guest-link")
    expect(page.locator("#toast")).to_have_text("Скопировано")


def test_everything_works_without_scripts(new_page: NewPage, ids: list[UUID]) -> None:
    page = log_in(new_page(java_script_enabled=False))
    page.goto(address(ids[1]))
    expect(page.get_by_alt_text("Исходный снимок")).to_be_visible()
    page.click("#hide")
    expect(page.get_by_text("скрыто", exact=True)).to_be_visible()
    page.click("#delete")
    expect(page.get_by_role("heading", name="Удалено")).to_be_visible()
    page.click("#restore")
    page.click("#show")
    page.click("#keep")
    expect(page.get_by_text("оставлено", exact=True)).to_be_visible()
    page.click("#older")
    expect(page).to_have_url(re.compile(re.escape(address(ids[2])) + "$"))


@LOOKS
def test_at_a_desk_and_on_a_phone(signed_in: NewPage, ids: list[UUID], language: str, theme: str) -> None:
    page = signed_in(language=language, color_scheme=theme)
    page.goto(address(ids[1]))
    examine(page, f"photo-compared-{language}-{theme}")
    page.click("#hide")
    examine(page, f"photo-hidden-{language}-{theme}")
    page.click("#delete")
    examine(page, f"photo-deleted-{language}-{theme}")
