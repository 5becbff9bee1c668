"""Photos one by one over the page: by keyboard, mouse and fingers, with nothing lost on the way there and back."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from tests.browser import album, photos
from tests.browser.conftest import NewPage, log_in, settled
from tests.browser.gestures import double_tap, spread, swipe
from tests.browser.inspection import DESK, LOOKS, PHONE, obstacles, sticks_out
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

SLOT = "slot-012"
HERE = f"/gallery?slot={SLOT}"
PAGE_SIZE = 48
FORGET = f"DELETE FROM job WHERE slot_id = '{SLOT}'"
HIDE = "UPDATE job SET hidden_at = now() WHERE id = :id"
SHOW = f"UPDATE job SET hidden_at = NULL, deleted_at = NULL WHERE slot_id = '{SLOT}'"
WHOLE = "UPDATE job SET result_size_bytes = :size WHERE id = :id"

PRESSED = "(key) => document.dispatchEvent(new KeyboardEvent('keydown', { ...key, bubbles: true }))"
"""As on a keyboard of another alphabet."""

TOUCHED = {**PHONE, "has_touch": True, "is_mobile": True}
MIDDLE = (180.0, 370.0)


@pytest.fixture(scope="module")
def evening(house: Installation) -> Iterator[list[UUID]]:
    """Photos, newest first; the results of the first two are there too."""
    ids = photos.finished(house, PAGE_SIZE + 10, slot=SLOT)
    for photo_id in ids[:2]:
        data = photos.picture_of((1800, 1200), 0)
        (house.media / "results").mkdir(exist_ok=True)
        (house.media / f"results/{photo_id}.jpg").write_bytes(data)
        house.ledger.ask(WHOLE, size=len(data), id=photo_id)
    yield ids
    house.ledger.ask(FORGET)


@pytest.fixture
def ids(house: Installation, evening: list[UUID]) -> Iterator[list[UUID]]:
    """The same, none of them hidden."""
    yield evening
    house.ledger.ask(SHOW)


@pytest.fixture
def gallery(page: Page, ids: list[UUID]) -> Page:
    page.goto(HERE)
    settled(page)
    return page


@pytest.fixture
def phone(signed_in: NewPage, ids: list[UUID]) -> Page:
    page = signed_in(**TOUCHED)
    page.goto(HERE)
    settled(page)
    return page


@pytest.fixture
def troubled(chromium: Browser, page: Page, house: Installation, ids: list[UUID]) -> Iterator[Page]:
    """The gallery in a browser that may complain of what it cannot load, but not of our scripts."""
    errors: list[Error] = []
    state = page.context.storage_state()
    context = chromium.new_context(base_url=house.url, storage_state=state, locale="ru", viewport=DESK)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(HERE)
    settled(page)
    yield page
    context.close()
    assert errors == []


def tile(page: Page, photo_id: UUID) -> Locator:
    return page.locator(f"#photo-{photo_id}")


def lightbox(page: Page) -> Locator:
    return page.get_by_role("dialog")


def image(page: Page) -> Locator:
    return page.locator(".pswp__item[aria-hidden='false'] img.pswp__img:not(.pswp__img--placeholder)")


def opened(page: Page, photo_id: UUID) -> Page:
    """The page once somebody has opened a photo and it has come to rest."""
    tile(page, photo_id).click()
    is_shown(page, photo_id)
    return page


def is_shown(page: Page, photo_id: UUID) -> None:
    expect(page).to_have_url(re.compile(f"#photo-{photo_id}$"))
    expect(image(page)).to_have_attribute("src", re.compile(f"{photo_id}/large$"))
    page.wait_for_function("() => window.getComputedStyle(document.querySelector('.pswp__bg')).opacity === '1'")


def is_closed(page: Page, last: UUID) -> None:
    expect(lightbox(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(re.escape(HERE) + "$"))
    expect(tile(page, last)).to_be_focused()
    expect(tile(page, last)).to_be_in_viewport()


def requested(page: Page) -> list[str]:
    """Addresses of what the page has loaded."""
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    return names


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


def expect_loaded(page: Page, end: str) -> None:
    page.wait_for_function(
        "(end) => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(end))", arg=end
    )


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
