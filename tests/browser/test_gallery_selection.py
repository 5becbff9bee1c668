"""Photos of the gallery in somebody's hands: selected with a mouse or a keyboard, taken away and brought back."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NewPage, log_in
from tests.browser.gallery_page import HERE, HIDE, PAGE_SIZE, SLOT, box, is_selected, shown, tile, top
from tests.browser.inspection import LOOKS, PHONE, examine
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


class TestSelecting:
    def test_with_shift_takes_all_between(self, gallery: Page, ids: list[UUID]) -> None:
        box(gallery, ids[1]).check()
        box(gallery, ids[5]).click(modifiers=["Shift"])
        is_selected(gallery, 5)
        tile(gallery, ids[8]).locator(".open").click(modifiers=["Shift"])
        is_selected(gallery, 8)
        box(gallery, ids[3]).uncheck()
        is_selected(gallery, 7)

    def test_goes_on_with_clicks_on_photos_instead_of_opening_them(self, gallery: Page, ids: list[UUID]) -> None:
        box(gallery, ids[0]).check()
        tile(gallery, ids[3]).locator(".open").click()
        is_selected(gallery, 2)
        tile(gallery, ids[3]).locator(".open").click()
        is_selected(gallery, 1)
        expect(gallery.locator(".pswp")).to_have_count(0)
        expect(gallery).to_have_url(re.compile(re.escape(HERE) + "$"))

    def test_of_a_day_takes_all_of_it_that_is_shown(self, gallery: Page) -> None:
        day = gallery.locator(".day[data-day]").first
        count = day.locator(".tile").count()
        day.locator("[data-select-day]").click()
        is_selected(gallery, count)
        day.locator("[data-select-day]").click()
        expect(gallery.locator("#bar")).to_be_hidden()

    def test_is_over_with_escape(self, gallery: Page, ids: list[UUID]) -> None:
        box(gallery, ids[0]).check()
        expect(gallery.locator("#bar")).to_be_visible()
        gallery.keyboard.press("Escape")
        expect(gallery.locator("#bar")).to_be_hidden()

    def test_by_keyboard_goes_where_the_arrows_point(self, gallery: Page, ids: list[UUID]) -> None:
        tile(gallery, ids[0]).locator(".open").focus()
        gallery.keyboard.press("ArrowRight")
        expect(tile(gallery, ids[1]).locator(".open")).to_be_focused()
        gallery.keyboard.press("Shift+ArrowRight")
        gallery.keyboard.press("Shift+ArrowRight")
        is_selected(gallery, 3)
        gallery.keyboard.press("ArrowDown")
        below = gallery.evaluate("document.activeElement.getBoundingClientRect().top")
        assert below > top(gallery, ids[3])
        gallery.keyboard.press("Space")
        is_selected(gallery, 4)


class TestChanges:
    def test_hidden_ones_leave_and_come_back_to_their_places(
        self, gallery: Page, house: Installation, ids: list[UUID]
    ) -> None:
        box(gallery, ids[1]).check()
        box(gallery, ids[3]).click(modifiers=["Shift"])
        gallery.click("#bar-hide")
        expect(gallery.locator("#done")).to_contain_text("3 фотографии скрыты от гостей.")
        assert shown(gallery)[:3] == [ids[0], *ids[4:6]]
        expect(gallery.locator("#tab-hidden .number")).to_have_text("3")
        gallery.click("#undo")
        expect(gallery.locator("#done")).to_contain_text("Гости снова видят 3 фотографии.")
        assert shown(gallery)[:PAGE_SIZE] == ids[:PAGE_SIZE]
        expect(gallery.locator("#tab-hidden .number")).to_have_text("0")
        assert house.ledger.count(f"slot_id = '{SLOT}' AND hidden_at IS NOT NULL") == 0

    def test_by_keyboard_alone(self, gallery: Page, ids: list[UUID]) -> None:
        tile(gallery, ids[0]).locator(".open").focus()
        gallery.keyboard.press("Space")
        gallery.keyboard.press("Delete")
        expect(tile(gallery, ids[0])).to_have_count(0)
        expect(tile(gallery, ids[1]).locator(".open")).to_be_focused()
        gallery.locator("#undo").focus()
        gallery.keyboard.press("Enter")
        expect(tile(gallery, ids[0])).to_be_visible()
        assert shown(gallery)[:PAGE_SIZE] == ids[:PAGE_SIZE]

    def test_a_polling_page_does_not_take_away_what_came_back(self, gallery: Page, ids: list[UUID]) -> None:
        box(gallery, ids[0]).check()
        gallery.click("#bar-delete")
        expect(gallery.locator("#watch")).to_have_attribute("data-withdrawn", str(ids[0]))
        gallery.click("#undo")
        expect(gallery.locator("#watch")).to_have_attribute("data-withdrawn", "")
        expect(tile(gallery, ids[0])).to_be_visible()

    def test_kept_ones_are_marked(self, gallery: Page, ids: list[UUID]) -> None:
        box(gallery, ids[0]).check()
        expect(gallery.locator("#bar-release")).to_be_hidden()
        gallery.click("#bar-keep")
        expect(tile(gallery, ids[0]).locator(".mark")).to_be_visible()
        expect(gallery.locator("#bar")).to_be_hidden()
        box(gallery, ids[0]).check()
        expect(gallery.locator("#bar-release")).to_be_visible()
        expect(gallery.locator("#bar-keep")).to_be_hidden()

    def test_hidden_photos_are_seen_by_administrators_and_shown_again(
        self, page: Page, house: Installation, ids: list[UUID]
    ) -> None:
        house.ledger.ask(HIDE, id=ids[0])
        page.goto(f"{HERE}&state=hidden")
        assert shown(page) == [ids[0]]
        picture = tile(page, ids[0]).locator(".picture")
        assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
        box(page, ids[0]).check()
        page.click("#bar-show")
        expect(tile(page, ids[0])).to_have_count(0)
        page.goto(HERE)
        assert shown(page)[0] == ids[0]

    def test_of_the_last_one_leave_a_word_instead_of_nothing(
        self, page: Page, house: Installation, ids: list[UUID]
    ) -> None:
        house.ledger.ask(HIDE, id=ids[0])
        page.goto(f"{HERE}&state=hidden")
        box(page, ids[0]).check()
        page.click("#bar-show")
        expect(page.locator("[data-empty]")).to_be_visible()
        expect(page.locator("[data-end]")).to_be_hidden()
        page.click("#undo")
        expect(tile(page, ids[0])).to_be_visible()
        expect(page.locator("[data-empty]")).to_be_hidden()

    def test_that_could_not_be_sent_are_to_be_made_again(
        self, chromium: Browser, page: Page, house: Installation, ids: list[UUID]
    ) -> None:
        state = page.context.storage_state()
        context = chromium.new_context(base_url=house.url, storage_state=state, locale="ru", viewport=PHONE)
        page = context.new_page()
        page.goto(HERE)
        box(page, ids[0]).check()
        page.route("**/gallery/selection", lambda route: route.abort())
        page.click("#bar-hide")
        toast = page.locator("#toast.shown")
        expect(toast).to_have_text("Не получилось: нет связи. Ничего не изменилось, нажмите ещё раз.")
        page.wait_for_function("() => getComputedStyle(document.getElementById('toast')).opacity === '1'")
        said, bar = toast.bounding_box(), page.locator("#bar").bounding_box()
        assert said
        assert bar
        assert said["y"] + said["height"] <= bar["y"], "what is to be pressed again is in sight"
        page.unroute_all()
        page.click("#bar-hide")
        expect(tile(page, ids[0])).to_have_count(0)
        context.close()

    def test_work_without_scripts(self, new_page: NewPage, ids: list[UUID]) -> None:
        page = log_in(new_page(java_script_enabled=False))
        page.goto(HERE)
        box(page, ids[0]).check()
        page.click("#bar-hide")
        expect(page.get_by_text("1 фотография скрыта от гостей.")).to_be_visible()
        page.click("#undo")
        page.click(".back")
        assert shown(page)[0] == ids[0]
        page.click("#older")
        assert shown(page)[0] == ids[PAGE_SIZE]


@LOOKS
def test_at_a_desk_and_on_a_phone(signed_in: NewPage, ids: list[UUID], language: str, theme: str) -> None:
    page = signed_in(language=language, color_scheme=theme)
    page.goto(HERE)
    for photo_id in (ids[1], ids[2], ids[4]):
        box(page, photo_id).check()
    examine(page, f"gallery-selected-{language}-{theme}")
    page.click("#bar-hide")
    expect(page.locator("#undo")).to_be_visible()
    examine(page, f"gallery-undo-{language}-{theme}")
