"""A shared gallery on a phone: photos come and go by themselves, and nothing moves under the finger."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from app.wiring import Wiring
from tests.browser import photos
from tests.browser.conftest import NewPage
from tests.browser.gestures import swipe
from tests.browser.guests import SOON_MS, address, gallery_of, is_drawn, photos_of_slot, shared
from tests.browser.inspection import TOUCHED
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

SLOT = "slot-011"
EVENING = 65  # photos: a gallery's first page and a few more


@pytest.fixture(scope="module")
def ids(house: Installation) -> Iterator[list[UUID]]:
    """The photos of an evening, newest first; the first two have their pictures too, not only previews."""
    yield from photos_of_slot(house, SLOT, EVENING, with_pictures=2)


@pytest.fixture
def gallery(wiring: Wiring, ids: list[UUID]) -> str:
    return gallery_of(wiring, SLOT, name="Свадьба Ани и Пети", allows_archive=True)


def top_of(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["y"]


class TestGallery:
    def test_brings_the_rest_when_somebody_scrolls(self, phone: Page, gallery: str) -> None:
        phone.goto(gallery)
        expect(phone.locator(".tile")).to_have_count(60)
        phone.locator("#older").scroll_into_view_if_needed()
        expect(phone.locator(".tile")).to_have_count(EVENING)
        expect(phone.locator("#older")).to_have_count(0)

    def test_new_photos_come_by_themselves_and_nothing_moves(
        self, phone: Page, gallery: str, ids: list[UUID], house: Installation
    ) -> None:
        phone.goto(gallery)
        seen = phone.locator(f"#photo-{ids[20]}")
        seen.scroll_into_view_if_needed()
        is_drawn(seen.locator(".picture"))
        before = top_of(seen)
        [new] = photos.finished(house, 1, slot=SLOT, first=0)
        expect(phone.locator(f"#arrived [data-photo='{new}']")).to_have_count(1, timeout=SOON_MS)
        assert top_of(seen) == pytest.approx(before, abs=1)
        pill = phone.get_by_role("button", name="Новых фото: 1")
        expect(pill).to_be_visible()
        pill.tap()
        is_drawn(phone.locator(f"#photo-{new} .picture"))
        expect(pill).to_be_hidden()
        house.ledger.ask("UPDATE job SET hidden_at = now() WHERE id = :id", id=new)
        expect(phone.locator(f"[data-photo='{new}']")).to_have_count(0, timeout=SOON_MS)
        house.ledger.ask("UPDATE job SET hidden_at = NULL, shown_at = now() WHERE id = :id", id=new)
        expect(phone.locator(f"#arrived [data-photo='{new}']")).to_have_count(1, timeout=SOON_MS)
        house.ledger.ask("UPDATE job SET hidden_at = now(), shown_at = NULL WHERE id = :id", id=new)

    def test_somebody_at_the_top_is_told_without_a_button(
        self, phone: Page, wiring: Wiring, house: Installation
    ) -> None:
        phone.goto(gallery_of(wiring, "slot-006"))
        expect(phone.locator("#empty")).to_be_visible()
        photos.finished(house, 1, slot="slot-006", first=0)
        expect(phone.locator("#said")).to_have_text("Новых фото: 1", timeout=SOON_MS)
        expect(phone.locator("#empty")).to_be_hidden()
        expect(phone.locator("#summary")).to_contain_text("1 фотография")
        house.ledger.ask("UPDATE job SET hidden_at = now() WHERE slot_id = 'slot-006'")
        expect(phone.locator("#empty")).to_be_visible(timeout=SOON_MS)
        expect(phone.locator("#summary")).not_to_contain_text("1 фотография")
        house.ledger.ask("DELETE FROM job WHERE slot_id = 'slot-006'")

    def test_a_link_that_is_revoked_meanwhile_says_so(self, phone: Page, wiring: Wiring, ids: list[UUID]) -> None:
        phone.goto(address(wiring, link := shared(wiring, slot_id=SLOT)))
        wiring.services().share_links.revoke(link.id, "serg")
        expect(phone.get_by_role("heading", name="Эта галерея закрыта")).to_be_visible(timeout=SOON_MS)

    def test_photos_are_looked_at_one_after_the_other(self, phone: Page, gallery: str, ids: list[UUID]) -> None:
        phone.goto(gallery)
        phone.locator(f"#photo-{ids[1]}").tap()
        shown = phone.locator(".pswp__item[aria-hidden='false'] .pswp__img:not(.pswp__img--placeholder)")
        expect(shown).to_have_attribute("src", f"/public/results/{ids[1]}/large")
        saved = phone.locator(".pswp__button--download")
        expect(saved).to_have_attribute("href", f"/r/{ids[1]}/file?download=1")
        swipe(phone, (300, 370), (40, 370))
        expect(phone).to_have_url(re.compile(f"#photo-{ids[2]}$"))
        phone.go_back()
        expect(phone.locator(".pswp")).to_have_count(0)
        expect(phone.locator(f"#photo-{ids[2]}")).to_be_focused()


class TestOldPhones:
    def test_pictures_come_as_jpegs_where_webp_is_not_known(self, phone: Page, gallery: str) -> None:
        phone.route("**/public/results/*/grid", lambda route: route.fulfill(body=b"?", content_type="image/webp"))
        phone.goto(gallery)
        picture = phone.locator(".tile .picture").first
        expect(picture).to_have_attribute("src", re.compile(r"/r/[\w-]+/grid\.jpg$"))
        is_drawn(picture)

    def test_without_scripts_everything_can_be_seen_and_saved(
        self, new_page: NewPage, wiring: Wiring, ids: list[UUID]
    ) -> None:
        page = new_page(**TOUCHED, java_script_enabled=False)
        page.goto(gallery_of(wiring, SLOT, password="party-2026"))
        page.fill("#password", "party-2026")
        page.get_by_role("button", name="Посмотреть фото").tap()
        page.locator("#older").tap()
        expect(page.locator(".tile")).to_have_count(EVENING - 60)
        page.get_by_role("link", name="К самым новым").tap()
        page.locator(f"#photo-{ids[0]}").tap()
        page.get_by_role("link", name="Более раннее фото").tap()
        expect(page.locator("#save")).to_have_attribute("href", f"/r/{ids[1]}/file?download=1")
        expect(page.locator("#share")).to_be_hidden()
        page.get_by_role("link", name="Все фото").tap()
        expect(page.locator(".tile")).to_have_count(60)
