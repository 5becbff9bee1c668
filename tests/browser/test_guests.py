"""Guests' pages in a browser: on phones by touch, on old ones, without scripts and on plain HTTP."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from app.config import load_settings
from app.domain.share_link import ShareLink
from app.wiring import Wiring
from tests.browser import photos
from tests.browser.conftest import PLAIN_HTTP, NewPage
from tests.browser.gestures import swipe
from tests.browser.inspection import LOOKS, PHONE, Luggage, examine
from tests.support.installation import Installation
from tests.support.quick_wiring import QuickWiring

pytestmark = pytest.mark.browser

SLOT = "slot-011"
EVENING = 65  # photos: a gallery's first page and a few more
WHOLE = range(4)  # these have their pictures too, not only previews
TOUCHED = {**PHONE, "has_touch": True, "is_mobile": True}
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


@pytest.fixture(scope="module")
def wiring(house: Installation) -> Iterator[Wiring]:
    """A hand in the house's database."""
    wiring = QuickWiring(load_settings(house.environment), role="test")
    yield wiring
    wiring.database.close()


@pytest.fixture(scope="module")
def ids(house: Installation) -> Iterator[list[UUID]]:
    """The photos of an evening, newest first."""
    made = photos.finished(house, EVENING, slot=SLOT)
    for n in WHOLE:
        _give_picture(house, made[n])
    yield made
    house.ledger.ask("DELETE FROM job WHERE slot_id = :slot", slot=SLOT)


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    return new_page(**TOUCHED)


@pytest.fixture
def photo(ids: list[UUID]) -> str:
    """A landscape's address."""
    return f"/r/{ids[2]}"


@pytest.fixture
def gallery(wiring: Wiring, ids: list[UUID]) -> str:
    return link(wiring, name="Свадьба Ани и Пети", allows_archive=True)


def shared(wiring: Wiring, **wanted: Any) -> ShareLink:
    return wiring.services().share_links.create({"slot_id": SLOT, "expires_in_days": 3, **wanted}, "serg")


def address(wiring: Wiring, link: ShareLink) -> str:
    return f"/s/{wiring.services().share_links.token_of(link)}"


def link(wiring: Wiring, **wanted: Any) -> str:
    """The address of a new gallery."""
    return address(wiring, shared(wiring, **wanted))


def _give_picture(house: Installation, photo_id: UUID) -> None:
    data = photos.picture_of((1800, 1200), 0)
    (house.media / "results").mkdir(exist_ok=True)
    (house.media / f"results/{photo_id}.jpg").write_bytes(data)
    house.ledger.ask("UPDATE job SET result_size_bytes = :size WHERE id = :id", size=len(data), id=photo_id)


def is_drawn(picture: Locator) -> None:
    expect(picture).to_be_visible()
    picture.evaluate("(image) => image.decode()")


def top_of(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["y"]


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
            "gallery": link(wiring, slot_id="slot-007", name="Свадьба Ани и Пети", allows_archive=True),
            "in-gallery": f"{link(wiring)}/photos/{ids[1]}",
            "own": link(wiring, audience="own", name=""),
            "password": link(wiring, password="party-2026"),
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
        phone.goto(link(wiring, password="party-2026"))
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


class TestPhoto:
    @pytest.mark.parametrize("height", [740, 560])
    def test_the_photo_and_both_buttons_are_on_the_first_screen(
        self, new_page: NewPage, ids: list[UUID], height: int
    ) -> None:
        page = new_page(**{**TOUCHED, "height": height})
        for photo_id in ids[:3]:
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

    def test_language_is_changed_with_a_tap_and_stays(self, phone: Page, photo: str, gallery: str) -> None:
        phone.goto(photo)
        phone.get_by_role("link", name="English").tap()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Here is your photo!")
        phone.goto(gallery)
        expect(phone.locator("html")).to_have_attribute("lang", "en")


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
        expect(phone.locator(f"#arrived [data-photo='{new}']")).to_have_count(1, timeout=15_000)
        assert top_of(seen) == pytest.approx(before, abs=1)
        pill = phone.get_by_role("button", name="Новых фото: 1")
        expect(pill).to_be_visible()
        pill.tap()
        is_drawn(phone.locator(f"#photo-{new} .picture"))
        expect(pill).to_be_hidden()
        house.ledger.ask("UPDATE job SET hidden_at = now() WHERE id = :id", id=new)
        expect(phone.locator(f"[data-photo='{new}']")).to_have_count(0, timeout=15_000)

    def test_somebody_at_the_top_is_told_without_a_button(
        self, phone: Page, wiring: Wiring, house: Installation
    ) -> None:
        phone.goto(link(wiring, slot_id="slot-006"))
        expect(phone.locator("#empty")).to_be_visible()
        photos.finished(house, 1, slot="slot-006", first=0)
        expect(phone.locator("#said")).to_have_text("Новых фото: 1", timeout=15_000)
        expect(phone.locator("#empty")).to_be_hidden()
        expect(phone.locator("#summary")).to_contain_text("1 фотография")
        house.ledger.ask("UPDATE job SET hidden_at = now() WHERE slot_id = 'slot-006'")
        expect(phone.locator("#empty")).to_be_visible(timeout=15_000)
        expect(phone.locator("#summary")).not_to_contain_text("1 фотография")
        house.ledger.ask("DELETE FROM job WHERE slot_id = 'slot-006'")

    def test_a_link_that_is_revoked_meanwhile_says_so(self, phone: Page, wiring: Wiring, ids: list[UUID]) -> None:
        phone.goto(address(wiring, link := shared(wiring)))
        wiring.services().share_links.revoke(link.id, "serg")
        expect(phone.get_by_role("heading", name="Эта галерея закрыта")).to_be_visible(timeout=15_000)

    def test_photos_are_looked_at_one_after_the_other(self, phone: Page, gallery: str, ids: list[UUID]) -> None:
        phone.goto(gallery)
        phone.locator(f"#photo-{ids[1]}").tap()
        shown = phone.locator(".pswp__item[aria-hidden='false'] .pswp__img:not(.pswp__img--placeholder)")
        expect(shown).to_have_attribute("src", f"/public/results/{ids[1]}/large")
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
        page.goto(link(wiring, password="party-2026"))
        page.fill("#password", "party-2026")
        page.get_by_role("button", name="Посмотреть фото").tap()
        page.locator("#older").tap()
        expect(page.locator(".tile")).to_have_count(EVENING - 60)
        page.get_by_role("link", name="К самым новым").tap()
        page.locator(f"#photo-{ids[0]}").tap()
        page.get_by_role("link", name="Более раннее фото").tap()
        expect(page.locator("#save")).to_have_attribute("href", f"/public/results/{ids[1]}?download=1")
        expect(page.locator("#share")).to_be_hidden()
        page.get_by_role("link", name="Все фото").tap()
        expect(page.locator(".tile")).to_have_count(60)
