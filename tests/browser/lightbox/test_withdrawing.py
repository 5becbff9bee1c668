"""Photos that are taken away while somebody looks at them, by others and from here."""

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.inspection import TOUCHED
from tests.browser.lightbox.looking import (
    HERE,
    HIDE,
    SLOT,
    image,
    is_closed,
    is_shown,
    lightbox,
    opened,
    tile,
)
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


class TestWithdrawnPhotos:
    def test_the_one_that_is_looked_at_goes_at_once(self, troubled: Page, house: Installation, ids: list[UUID]) -> None:
        opened(troubled, ids[1])
        house.ledger.ask(HIDE, id=ids[1])
        gone = lightbox(troubled).locator(".lightbox-gone")
        expect(gone).to_have_text("Это фото снято с показа.", timeout=8_000)
        expect(image(troubled)).to_have_count(0)
        expect(lightbox(troubled).get_by_role("status")).to_have_text("Это фото снято с показа.")
        expect(troubled.locator(".pswp__button--download")).to_be_hidden()
        troubled.keyboard.press("ArrowRight")
        is_shown(troubled, ids[2])

    def test_one_that_was_withdrawn_a_moment_before_is_not_opened(
        self, troubled: Page, house: Installation, ids: list[UUID]
    ) -> None:
        troubled.route("**/gallery/arrivals?*", lambda route: None)
        house.ledger.ask(HIDE, id=ids[3])
        tile(troubled, ids[3]).click()
        expect(troubled.locator(".lightbox-gone")).to_be_visible()
        troubled.unroute_all(behavior="ignoreErrors")

    def test_what_cannot_be_loaded_for_the_moment_says_so(self, troubled: Page, ids: list[UUID]) -> None:
        troubled.route(f"**/{ids[3]}/large", lambda route: route.fulfill(status=409))
        tile(troubled, ids[3]).click()
        expect(troubled.locator(".pswp__error-msg")).to_have_text("Сейчас это фото не загрузить.")

    def test_administrators_look_through_hidden_ones(self, page: Page, house: Installation, ids: list[UUID]) -> None:
        for photo_id in ids[4:6]:
            house.ledger.ask(HIDE, id=photo_id)
        page.goto(f"{HERE}&state=hidden")
        tile(page, ids[4]).click()
        expect(image(page)).to_have_attribute("src", f"/gallery/photos/{ids[4]}/large")
        page.keyboard.press("ArrowRight")
        expect(image(page)).to_have_attribute("src", f"/gallery/photos/{ids[5]}/large")


class TestTakingAway:
    """As the gallery's bar does it: at once, and with a way back."""

    def test_h_hides_the_photo_and_the_next_one_follows(
        self, gallery: Page, house: Installation, ids: list[UUID]
    ) -> None:
        opened(gallery, ids[1])
        gallery.keyboard.press("h")
        is_shown(gallery, ids[2])
        done = lightbox(gallery).locator("#done")
        expect(done).to_contain_text("1 фотография скрыта от гостей.")
        expect(gallery.locator("#toast")).to_have_text("1 фотография скрыта от гостей.")
        expect(tile(gallery, ids[1])).to_have_count(0)
        assert house.ledger.count(f"id = '{ids[1]}' AND hidden_at IS NOT NULL") == 1
        gallery.keyboard.press("ArrowLeft")
        expect(lightbox(gallery).locator(".pswp__item[aria-hidden='false'] .lightbox-gone")).to_contain_text("скрыта")
        expect(gallery.get_by_role("button", name="Скрыть")).to_be_hidden()

    def test_and_is_undone_in_place(self, gallery: Page, house: Installation, ids: list[UUID]) -> None:
        opened(gallery, ids[1])
        gallery.keyboard.press("Delete")
        is_shown(gallery, ids[2])
        gallery.click("#undo")
        is_shown(gallery, ids[1])
        expect(tile(gallery, ids[1])).to_be_attached()
        assert house.ledger.count(f"id = '{ids[1]}' AND deleted_at IS NOT NULL") == 0
        gallery.keyboard.press("Escape")
        is_closed(gallery, ids[1])
        expect(gallery.locator("#gallery #done")).to_contain_text("1 фотография возвращена.")

    def test_by_fingers_on_a_slots_page(self, signed_in: NewPage, house: Installation, ids: list[UUID]) -> None:
        page = signed_in(**TOUCHED)
        page.goto(f"/slots/{SLOT}")
        tile(page, ids[0]).tap()
        is_shown(page, ids[0])
        page.get_by_role("button", name="Скрыть").tap()
        is_shown(page, ids[1])
        expect(tile(page, ids[0])).to_have_count(0)
        page.locator("#undo").tap()
        is_shown(page, ids[0])
        expect(tile(page, ids[0])).to_be_attached()
        assert house.ledger.count(f"id = '{ids[0]}' AND hidden_at IS NOT NULL") == 0

    def test_hidden_ones_are_shown_to_guests_again(self, page: Page, house: Installation, ids: list[UUID]) -> None:
        house.ledger.ask(HIDE, id=ids[4])
        page.goto(f"{HERE}&state=hidden")
        tile(page, ids[4]).click()
        page.get_by_role("button", name="Показать гостям").click()
        expect(lightbox(page).locator(".lightbox-gone")).to_contain_text("Гости снова видят")
        assert house.ledger.count(f"id = '{ids[4]}' AND hidden_at IS NOT NULL") == 0
