"""What is known of a photo that is looked at, how it is saved, and how all that goes by fingers."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser import album
from tests.browser.conftest import NewPage, log_in
from tests.browser.gestures import double_tap, spread, swipe
from tests.browser.inspection import LOOKS, PHONE, obstacles, sticks_out
from tests.browser.lightbox.looking import (
    HERE,
    MIDDLE,
    PRESSED,
    SLOT,
    image,
    is_closed,
    is_shown,
    lightbox,
    opened,
    tile,
)

pytestmark = pytest.mark.browser


class TestFactsAndDownload:
    def test_d_saves_the_photo_under_its_name(self, gallery: Page, ids: list[UUID]) -> None:
        opened(gallery, ids[0])
        with gallery.expect_download() as saved:
            gallery.keyboard.press("d")
        assert re.fullmatch(SLOT + r"_\d{4}-\d\d-\d\d_\d{6}\.jpg", saved.value.suggested_filename)
        is_shown(gallery, ids[0])

    def test_i_tells_what_is_known_of_each_photo(self, gallery: Page, ids: list[UUID]) -> None:
        opened(gallery, ids[0])
        gallery.keyboard.press("i")
        facts = gallery.get_by_role("complementary", name="Об этом фото")
        expect(facts).to_contain_text("DESKTOP-2")
        expect(facts).to_be_focused()
        gallery.keyboard.press("ArrowRight")
        is_shown(gallery, ids[1])
        expect(facts).to_contain_text("DESKTOP-1")
        shown, panel = image(gallery).bounding_box(), facts.bounding_box()
        assert shown
        assert panel
        assert shown["x"] + shown["width"] <= panel["x"] + 1, "the photo makes room"
        gallery.evaluate(PRESSED, {"key": "ш", "code": "KeyI"})
        expect(facts).to_be_hidden()

    def test_they_lead_to_its_page_within_the_same_gallery(self, gallery: Page, ids: list[UUID]) -> None:
        opened(gallery, ids[1])
        gallery.keyboard.press("i")
        gallery.get_by_role("link", name="Страница фото").click()
        gallery.wait_for_url(re.compile(f"{ids[1]}.slot={SLOT}$"), wait_until="load")
        expect(gallery.locator("#older")).to_have_attribute("href", f"/gallery/photos/{ids[2]}?slot={SLOT}")
        gallery.keyboard.press("ArrowRight")
        expect(gallery).to_have_url(re.compile(f"{ids[2]}.slot={SLOT}$"))

    def test_who_was_logged_out_is_asked_to_log_in(self, new_page: NewPage, ids: list[UUID]) -> None:
        page = log_in(new_page())
        page.goto(HERE)
        opened(page, ids[0])
        page.context.clear_cookies()
        page.keyboard.press("i")
        expect(page).to_have_url(re.compile("/login"))


class TestFingers:
    def test_swiping_turns_over_and_downwards_closes(self, phone: Page, ids: list[UUID]) -> None:
        tile(phone, ids[1]).tap()
        is_shown(phone, ids[1])
        swipe(phone, (300, 370), (40, 370))
        is_shown(phone, ids[2])
        swipe(phone, (40, 370), (300, 370))
        is_shown(phone, ids[1])
        swipe(phone, (180, 250), (180, 650))
        is_closed(phone, ids[1])

    def test_two_fingers_zoom(self, phone: Page, ids: list[UUID]) -> None:
        tile(phone, ids[0]).tap()
        is_shown(phone, ids[0])
        before = image(phone).bounding_box()
        spread(phone, MIDDLE, 30, 120)
        expect(lightbox(phone)).to_have_class(re.compile("pswp--zoomed-in"))
        after = image(phone).bounding_box()
        assert before
        assert after
        assert after["width"] > 2 * before["width"]

    def test_a_double_tap_zooms_in_and_out(self, phone: Page, ids: list[UUID]) -> None:
        tile(phone, ids[0]).tap()
        is_shown(phone, ids[0])
        double_tap(phone, MIDDLE)
        expect(lightbox(phone)).to_have_class(re.compile("pswp--zoomed-in"))
        double_tap(phone, MIDDLE)
        expect(lightbox(phone)).not_to_have_class(re.compile("pswp--zoomed-in"))

    def test_a_tap_takes_away_what_lies_over_the_photo(self, phone: Page, ids: list[UUID]) -> None:
        tile(phone, ids[0]).tap()
        is_shown(phone, ids[0])
        phone.touchscreen.tap(*MIDDLE)
        expect(lightbox(phone)).not_to_have_class(re.compile("pswp--ui-visible"))

    def test_the_facts_lie_below_the_photo(self, phone: Page, ids: list[UUID]) -> None:
        tile(phone, ids[0]).tap()
        is_shown(phone, ids[0])
        phone.locator(".pswp__button--facts").tap()
        panel = phone.get_by_role("complementary", name="Об этом фото")
        expect(panel).to_contain_text("DESKTOP-2")
        shown, below = image(phone).bounding_box(), panel.bounding_box()
        assert shown
        assert below
        assert shown["y"] + shown["height"] <= below["y"] + 1
        assert below["width"] == PHONE["width"]
        expect(panel.get_by_role("link", name="Страница фото")).to_be_in_viewport(ratio=1)


@LOOKS
def test_at_a_desk_and_on_a_phone(signed_in: NewPage, ids: list[UUID], language: str, theme: str) -> None:
    page = signed_in(language=language, color_scheme=theme)
    page.goto(HERE)
    opened(page, ids[0])
    page.keyboard.press("i")
    expect(page.get_by_role("complementary")).to_contain_text("DESKTOP-2")
    for width in (1440, PHONE["width"]):
        page.set_viewport_size({"width": width, "height": 740})
        album.keep(page, f"lightbox-{width}-{language}-{theme}")
        assert not sticks_out(page)
        assert obstacles(page) == []
    page.keyboard.press("i")
    page.keyboard.press("h")
    expect(page.locator(".pswp #undo")).to_be_in_viewport()
    is_shown(page, ids[1])
    for width in (1440, PHONE["width"]):
        page.set_viewport_size({"width": width, "height": 740})
        album.keep(page, f"lightbox-undo-{width}-{language}-{theme}")
        assert not sticks_out(page)
        assert obstacles(page) == []
