"""Guests' pages as they look, on a phone and beyond, in both languages and lights."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.wiring import Wiring
from tests.browser import photos
from tests.browser.conftest import NewPage
from tests.browser.guests import gallery_of, photos_of_slot
from tests.browser.inspection import LOOKS, PHONE, examine
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

SLOT = "slot-011"


@pytest.fixture(scope="module")
def ids(house: Installation) -> Iterator[list[UUID]]:
    """Photos, newest first; the first two have their pictures too, not only previews."""
    yield from photos_of_slot(house, SLOT, 4, with_pictures=2)


class TestLooks:
    @LOOKS
    def test_every_page(
        self,
        new_page: NewPage,
        house: Installation,
        wiring: Wiring,
        ids: list[UUID],
        language: str,
        theme: str,
        subtests: pytest.Subtests,
    ) -> None:
        hidden, expired, *_ = photos.finished(house, 11, slot="slot-007")
        house.ledger.ask("UPDATE job SET hidden_at = now() WHERE id = :id", id=hidden)
        house.ledger.ask("UPDATE job SET result_expires_at = now() WHERE id = :id", id=expired)
        pages = {
            "photo": f"/r/{ids[0]}",
            "gallery": gallery_of(wiring, "slot-007", name="Свадьба Ани и Пети", allows_archive=True),
            "in-gallery": f"{gallery_of(wiring, SLOT)}/photos/{ids[1]}",
            "own": gallery_of(wiring, SLOT, audience="own", name=""),
            "password": gallery_of(wiring, SLOT, password="party-2026"),
            "hidden": f"/r/{hidden}",
            "expired": f"/r/{expired}",
        }
        page = new_page(language=language, color_scheme=theme)
        for name, path in pages.items():
            with subtests.test(page=name):
                page.goto(path)
                page.wait_for_load_state("networkidle")
                examine(page, f"guest-{name}-{language}-{theme}")
        house.ledger.ask("DELETE FROM job WHERE slot_id = 'slot-007'")

    def test_a_wrong_password_is_said_where_it_was_typed(self, phone: Page, wiring: Wiring, ids: list[UUID]) -> None:
        phone.goto(gallery_of(wiring, SLOT, password="party-2026"))
        phone.fill("#password", "party")
        phone.get_by_role("button", name="Посмотреть фото").tap()
        expect(phone.get_by_role("alert")).to_be_visible()
        examine(phone, "guest-wrong-password")
        phone.set_viewport_size(PHONE)
        phone.tap("#reveal")
        expect(phone.locator("#password")).to_have_attribute("type", "text")
        phone.fill("#password", "party-2026")
        phone.keyboard.press("Enter")
        expect(phone.locator(".tile").first).to_be_visible()
