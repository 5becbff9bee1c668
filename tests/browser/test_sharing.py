"""From the gallery to a link that guests can scan: two clicks, a copy, a card that fits its paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.inspection import DESK, PHONE

pytestmark = pytest.mark.browser

POINTS_PER_MM = 72 / 25.4
CARD = "card => [card.scrollHeight - card.clientHeight, getComputedStyle(card).backgroundColor]"
LONG = "Торжественное открытие международной выставки достижений электротехники, 2026"


def test_a_link_is_two_clicks_away_from_a_slots_photos(signed_in: NewPage) -> None:
    page = signed_in(**DESK)
    page.goto("/gallery?slot=slot-014")
    page.click("#share")
    page.click("#create-link")
    expect(page).to_have_url(re.compile("/gallery/links/[0-9a-f-]{36}$"))
    address = page.get_attribute("#copy-link", "data-copy") or ""
    assert page.request.get(address).status == 200
    page.click("#copy-link")
    expect(page.locator("#copy-link")).to_have_class(re.compile("copied"))


@pytest.mark.parametrize(("paper", "size"), [("a6", (105, 148)), ("a4", (210, 297))])
def test_the_card_fills_one_sheet_of_its_paper(signed_in: NewPage, paper: str, size: tuple[int, int]) -> None:
    page = signed_in(**DESK, color_scheme="dark")
    page.goto("/gallery/links?slot=slot-014")
    page.fill("#name", LONG)
    page.fill("#password", "роза-2026")
    page.check("#audience-own")
    page.click("#create-link")
    page.goto(f"{page.url}?paper={paper}")
    sheets = printed(page)
    assert sheets == [pytest.approx([mm * POINTS_PER_MM for mm in size], abs=1)]
    page.emulate_media(media="print")
    card = page.locator(".print-card").evaluate(CARD)
    assert card == [0, "rgb(255, 255, 255)"]
    code = page.locator(".print-card img").bounding_box()
    assert code
    assert min(code["width"], code["height"]) >= size[0] * 0.4 * 96 / 25.4, "a camera finds it from the table"


def test_what_belongs_to_the_gallery_is_one_row_on_a_phone(signed_in: NewPage) -> None:
    page = signed_in(**PHONE)
    page.goto("/gallery/links")
    tops = page.locator(".belonging a").evaluate_all("ways => ways.map((way) => way.getBoundingClientRect().top)")
    assert len(tops) == 3
    assert len(set(tops)) == 1


def printed(page: Page) -> list[list[float]]:
    """Width and height in points of each sheet."""
    document = page.pdf(prefer_css_page_size=True, print_background=True).decode("latin-1")
    boxes = re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", document)
    pages = re.findall(r"/Type /Page\b", document)
    assert len(boxes) == len(pages)
    return [[float(width), float(height)] for width, height in boxes]
