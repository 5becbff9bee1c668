"""A guest's own photo on a phone: seen at once, saved, passed on, and gone when it is taken back."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.wiring import Wiring
from tests.browser.conftest import PLAIN_HTTP, NewPage
from tests.browser.guests import gallery_of, is_drawn, photos_of_slot
from tests.browser.inspection import TOUCHED, Luggage
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

SLOT = "slot-005"
WITHOUT_IMAGE_MAX_BYTES = 30_000
SHIFT_MAX = 0.02

SHARING = """
    window.shared = [];
    window.refusals = [];
    navigator.canShare = (what) => Boolean(what.files);
    navigator.share = async (what) => {
      const refusal = window.refusals.shift();
      if (refusal) throw new DOMException("", refusal);
      window.shared.push({ url: what.url, files: (what.files || []).map((f) => [f.name, f.type, f.size]) });
    };
"""
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((e) => (window.shifted += e.value)))
      .observe({ type: "layout-shift", buffered: true });
"""
SEEN = """(is) => {
    Object.defineProperty(document, "hidden", { value: !is, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def ids(house: Installation) -> Iterator[list[UUID]]:
    """A portrait, a square and a landscape."""
    yield from photos_of_slot(house, SLOT, 3, with_pictures=3)


@pytest.fixture
def photo(ids: list[UUID]) -> str:
    """The landscape's address."""
    return f"/r/{ids[2]}"


class TestPhoto:
    @pytest.mark.parametrize("height", [740, 560])
    def test_the_photo_and_both_buttons_are_on_the_first_screen(
        self, new_page: NewPage, ids: list[UUID], height: int
    ) -> None:
        page = new_page(**{**TOUCHED, "height": height})
        for photo_id in ids:
            page.goto(f"/r/{photo_id}")
            is_drawn(page.locator(".picture"))
            for part in (".picture", "#save", "#share"):
                box = page.locator(part).bounding_box()
                assert box
                assert box["y"] + box["height"] <= height, (photo_id, part)
            assert page.locator(".picture").bounding_box()["width"] > 200

    def test_nothing_moves_while_it_comes(self, phone: Page, photo: str) -> None:
        phone.add_init_script(SHIFTS)
        luggage = Luggage(phone)
        phone.goto(photo)
        is_drawn(phone.locator(".picture"))
        phone.wait_for_load_state("networkidle")
        assert phone.evaluate("window.shifted") <= SHIFT_MAX
        assert luggage.weight() <= WITHOUT_IMAGE_MAX_BYTES

    def test_is_saved_with_a_tap(self, phone: Page, photo: str) -> None:
        phone.goto(photo)
        with phone.expect_download() as saved:
            phone.tap("#save")
        assert re.fullmatch(rf"{SLOT}_[\d-]+_\d{{6}}\.jpg", saved.value.suggested_filename)

    def test_language_is_changed_with_a_tap_and_stays(self, phone: Page, photo: str, wiring: Wiring) -> None:
        phone.goto(photo)
        phone.get_by_role("link", name="English").tap()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Here is your photo!")
        phone.goto(gallery_of(wiring, SLOT))
        expect(phone.locator("html")).to_have_attribute("lang", "en")

    def test_that_is_taken_back_leaves_an_open_page_as_soon_as_somebody_sees_it(
        self, phone: Page, photo: str, ids: list[UUID], house: Installation
    ) -> None:
        """In a pocket it asks for nothing."""
        phone.clock.install()
        phone.goto(photo)
        phone.evaluate(SEEN, False)
        asked: list[str] = []
        phone.on("request", lambda request: asked.append(request.url))
        house.ledger.ask("UPDATE job SET hidden_at = now() WHERE id = :id", id=ids[2])
        phone.clock.fast_forward(20_000)
        assert asked == []
        phone.evaluate(SEEN, True)
        expect(phone.get_by_role("heading", name="Это фото убрано")).to_be_visible()
        house.ledger.ask("UPDATE job SET hidden_at = NULL WHERE id = :id", id=ids[2])


class TestSharing:
    def test_gives_the_photo_itself_where_the_phone_can(self, phone: Page, photo: str) -> None:
        phone.add_init_script(SHARING)
        phone.goto(photo)
        phone.tap("#share")
        phone.wait_for_function("() => window.shared.length === 1")
        [[[name, kind, size]]] = [shared["files"] for shared in phone.evaluate("window.shared")]
        assert (name, kind) == (phone.locator("#save").get_attribute("download"), "image/jpeg")
        assert size > 10_000

    def test_a_phone_that_has_forgotten_the_tap_meanwhile_is_tapped_again(self, phone: Page, photo: str) -> None:
        phone.add_init_script(f"{SHARING} window.refusals.push('NotAllowedError');")
        phone.goto(photo)
        phone.tap("#share")
        expect(phone.locator("#said")).to_have_text("Фото готово. Нажмите «Поделиться» ещё раз.")
        phone.tap("#share")
        phone.wait_for_function("() => window.shared.length === 1")

    def test_who_thinks_better_of_it_is_left_alone(self, phone: Page, photo: str) -> None:
        phone.add_init_script(f"{SHARING} window.refusals.push('AbortError');")
        phone.goto(photo)
        phone.tap("#share")
        phone.wait_for_function("() => window.refusals.length === 0")
        expect(phone.locator("#said")).to_be_empty()

    def test_gives_the_address_where_the_phone_takes_no_files(
        self, phone: Page, photo: str, house: Installation
    ) -> None:
        phone.add_init_script(f"{SHARING} navigator.canShare = undefined;")
        phone.goto(photo)
        phone.tap("#share")
        phone.wait_for_function("() => window.shared.length === 1")
        assert phone.evaluate("window.shared") == [{"url": f"{house.url}{photo}", "files": []}]

    def test_copies_the_address_on_plain_http(self, phone: Page, photo: str, house: Installation) -> None:
        address = f"http://{PLAIN_HTTP}:{house.port}{photo}"
        phone.goto(address)
        assert phone.evaluate("window.isSecureContext") is False
        phone.tap("#share")
        expect(phone.locator("#said")).to_have_text("Ссылка скопирована.")
        expect(phone.locator("#share")).to_be_focused()
        phone.evaluate("document.body.insertAdjacentHTML('beforeend', '<textarea id=field></textarea>')")
        phone.focus("#field")
        phone.keyboard.press("ControlOrMeta+v")
        expect(phone.locator("#field")).to_have_value(address)
