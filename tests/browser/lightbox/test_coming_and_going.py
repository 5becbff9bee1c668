"""Photos one by one over the page: opened and closed with nothing lost on the way there and back."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser import photos
from tests.browser.lightbox.looking import (
    HERE,
    PAGE_SIZE,
    SLOT,
    expect_loaded,
    is_closed,
    is_shown,
    lightbox,
    opened,
    requested,
    tile,
)
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


class TestComingAndGoing:
    def test_by_keyboard_alone(self, gallery: Page, ids: list[UUID]) -> None:
        tile(gallery, ids[1]).focus()
        gallery.keyboard.press("Enter")
        is_shown(gallery, ids[1])
        status = lightbox(gallery).get_by_role("status")
        expect(status).to_have_text(re.compile(r"^Фото, .*\. 2 из 48$"))
        gallery.keyboard.press("ArrowRight")
        is_shown(gallery, ids[2])
        expect(status).to_have_text(re.compile(r"3 из 48$"))
        gallery.keyboard.press("ArrowLeft")
        is_shown(gallery, ids[1])
        gallery.keyboard.press("End")
        is_shown(gallery, ids[PAGE_SIZE - 1])
        gallery.keyboard.press("Escape")
        is_closed(gallery, ids[PAGE_SIZE - 1])

    def test_the_focus_stays_inside(self, gallery: Page, ids: list[UUID]) -> None:
        opened(gallery, ids[1])
        for key in ["Tab"] * 7 + ["Shift+Tab"] * 7:
            gallery.keyboard.press(key)
            assert gallery.evaluate("Boolean(document.activeElement.closest('.pswp button, .pswp a'))"), key

    def test_the_browsers_way_back_closes_it_and_forward_opens_it(self, gallery: Page, ids: list[UUID]) -> None:
        gallery.evaluate("window.isTheSame = true")
        opened(gallery, ids[0])
        gallery.keyboard.press("ArrowRight")
        is_shown(gallery, ids[1])
        gallery.go_back()
        is_closed(gallery, ids[1])
        gallery.go_forward()
        is_shown(gallery, ids[1])
        gallery.keyboard.press("Escape")
        is_closed(gallery, ids[1])
        assert gallery.evaluate("window.isTheSame")

    def test_closing_leaves_no_trace_in_the_history(self, page: Page, ids: list[UUID]) -> None:
        page.goto("/jobs")
        page.goto(HERE)
        for photo_id in ids[:2]:
            opened(page, photo_id)
            page.keyboard.press("Escape")
            is_closed(page, photo_id)
        page.go_back()
        expect(page).to_have_url(re.compile("/jobs$"))

    def test_a_gallery_that_was_narrowed_in_place_is_not_loaded_anew(self, page: Page, ids: list[UUID]) -> None:
        page.goto("/gallery")
        page.select_option("#filter-slot", SLOT)
        expect(page).to_have_url(re.compile("slot="))
        page.evaluate("document.getElementById('gallery').isTheSame = true")
        opened(page, ids[0])
        page.go_back()
        is_closed(page, ids[0])
        assert page.evaluate("document.getElementById('gallery').isTheSame")

    def test_an_address_opens_its_photo(self, page: Page, ids: list[UUID]) -> None:
        page.goto(f"{HERE}#photo-{ids[3]}")
        is_shown(page, ids[3])
        page.keyboard.press("Escape")
        is_closed(page, ids[3])

    def test_a_click_that_wants_a_tab_of_its_own_gets_it(self, gallery: Page, ids: list[UUID]) -> None:
        with gallery.context.expect_page() as other:
            tile(gallery, ids[0]).click(modifiers=["ControlOrMeta"])
        expect(other.value).to_have_url(re.compile(f"/gallery/photos/{ids[0]}"))
        expect(lightbox(gallery)).to_have_count(0)

    def test_without_its_files_a_tile_leads_to_its_page(self, troubled: Page, ids: list[UUID]) -> None:
        troubled.route("**/photoswipe.css", lambda route: route.fulfill(status=503))
        tile(troubled, ids[0]).click()
        expect(troubled).to_have_url(re.compile(f"/gallery/photos/{ids[0]}"))


class TestWhatIsLoaded:
    def test_is_nothing_before_it_is_opened_then_the_photos_beside_too(self, gallery: Page, ids: list[UUID]) -> None:
        assert not [name for name in requested(gallery) if "photoswipe" in name or "/large" in name]
        opened(gallery, ids[4])
        for near in (3, 5, 6):
            expect_loaded(gallery, f"{ids[near]}/large")

    def test_the_original_is_loaded_for_those_who_zoom_in_only(self, gallery: Page, ids: list[UUID]) -> None:
        opened(gallery, ids[0])
        expect_loaded(gallery, f"{ids[1]}/large")
        assert not [name for name in requested(gallery) if name.endswith(f"/public/results/{ids[0]}")]
        gallery.keyboard.press("z")
        expect_loaded(gallery, f"/public/results/{ids[0]}")

    def test_without_the_original_its_preview_stays(self, gallery: Page, ids: list[UUID]) -> None:
        gallery.route(f"**/public/results/{ids[0]}", lambda route: route.fulfill(body=b"no picture"))
        opened(gallery, ids[0])
        gallery.keyboard.press("z")
        expect_loaded(gallery, f"/public/results/{ids[0]}")
        is_shown(gallery, ids[0])
        expect(gallery.locator(".pswp__error-msg")).to_have_count(0)

    def test_older_photos_come_at_the_end_of_what_is_there(self, gallery: Page, ids: list[UUID]) -> None:
        opened(gallery, ids[0])
        gallery.keyboard.press("End")
        expect(gallery.locator(".pswp__counter")).to_have_text(f"{PAGE_SIZE} / {len(ids)}")
        gallery.keyboard.press("ArrowRight")
        is_shown(gallery, ids[PAGE_SIZE])
        gallery.keyboard.press("Escape")
        is_closed(gallery, ids[PAGE_SIZE])


class TestASlotsNewestPhotos:
    def test_open_in_place_and_newer_ones_do_not_disturb(
        self, page: Page, house: Installation, ids: list[UUID]
    ) -> None:
        page.goto(f"/slots/{SLOT}")
        opened(page, ids[2])
        [new] = photos.finished(house, 1, slot=SLOT, first=0, seen=1)
        expect(tile(page, new)).to_be_attached(timeout=8_000)
        is_shown(page, ids[2])
        page.keyboard.press("ArrowRight")
        is_shown(page, ids[3])
        page.keyboard.press("Escape")
        expect(tile(page, ids[3])).to_be_focused()
        house.ledger.ask("DELETE FROM job WHERE id = :id", id=new)
