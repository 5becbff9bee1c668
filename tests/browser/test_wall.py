"""The wall on a screen: photos come and go by themselves, and no lost network and no stopped server darkens it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect

from app.domain.share_link import ShareLink
from app.wiring import Wiring
from tests.browser import photos
from tests.browser.conftest import NewPage
from tests.browser.inspection import DESK, FIRST_LOAD_MAX_BYTES, Luggage, examine
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

SCREEN: ViewportSize = {"width": 1280, "height": 720}
SLOT = "slot-014"
DARKROOM = "slot-013"
"""Where no wall sees photos until their files are there."""

SHOWN = ".slide.seen:last-child"
FONT_SIZE = "words => parseFloat(getComputedStyle(words).fontSize)"
WATCHED = """(id) => {
    window.leftAt = 0;
    new MutationObserver((_, watcher) => {
        if (document.querySelector(`[data-id="${id}"]`)) return;
        window.leftAt = Date.now();
        watcher.disconnect();
    }).observe(document.getElementById("stage"), { childList: true });
}"""


@pytest.fixture
def link(house: Installation, wiring: Wiring) -> Iterator[ShareLink]:
    """A link to a slot without photos."""
    wanted = {"slot_id": SLOT, "expires_in_days": 3, "name": "Юля и Марк"}
    yield wiring.services().share_links.create(wanted, "serg")
    house.ledger.ask("UPDATE job SET deleted_at = now() WHERE slot_id = :slot", slot=SLOT)


@pytest.fixture
def path(wiring: Wiring, link: ShareLink) -> str:
    return f"/wall/{wiring.services().share_links.token_of(link)}"


@pytest.fixture
def screen(new_page: NewPage) -> Page:
    return new_page(**SCREEN)


@pytest.fixture
def troubled(chromium: Browser, house: Installation) -> Iterator[Page]:
    """A screen whose browser may complain of what it cannot load, but not of our scripts."""
    errors: list[Error] = []
    context = chromium.new_context(base_url=house.url, viewport=SCREEN, locale="ru")
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    context.close()
    assert errors == []


@contextmanager
def stopped(house: Installation) -> Iterator[None]:
    """Meanwhile the house has no web process."""
    for process in house.processes:
        if process.log_path.name.startswith("web"):
            process.kill()
    try:
        yield
    finally:
        house.start_web()


def taken(house: Installation, number: int = 1) -> list[UUID]:
    """Photos of now, newest first."""
    made = photos.finished(house, number, slot=DARKROOM, every=0.1, first=0)
    house.ledger.ask("UPDATE job SET slot_id = :wall WHERE slot_id = :darkroom", wall=SLOT, darkroom=DARKROOM)
    return made


def shows(page: Page, photo_id: UUID) -> None:
    """Wait until the photo is what is on the screen; one that is not the newest may have come first."""
    expect(page.locator(f'{SHOWN}[data-id="{photo_id}"]')).to_be_visible(timeout=15_000)


def begun(house: Installation, page: Page, path: str) -> tuple[UUID, UUID]:
    """Two photos, the newer of which is on the screen."""
    first, second = taken(house, 2)
    page.goto(path)
    shows(page, first)
    return first, second


def turned(house: Installation, page: Page, path: str) -> tuple[UUID, UUID]:
    """The same after somebody has gone on to the older one."""
    first, second = begun(house, page, path)
    page.keyboard.press("ArrowRight")
    shows(page, second)
    return first, second


class TestPhotos:
    def test_come_by_themselves_the_newest_first(self, house: Installation, screen: Page, path: str) -> None:
        screen.goto(path)
        expect(screen.locator("#waiting")).to_be_visible()
        expect(screen.locator("h1").first).to_have_text("Юля и Марк")
        [first] = taken(house)
        shows(screen, first)
        expect(screen.locator("#waiting")).to_be_hidden()
        [second] = taken(house)
        shows(screen, second)
        expect(screen.locator(".slide")).to_have_count(1)

    def test_take_turns(self, house: Installation, screen: Page, path: str) -> None:
        screen.clock.install()
        first, second = begun(house, screen, path)
        screen.clock.fast_forward(9_000)
        shows(screen, second)
        screen.clock.fast_forward(9_000)
        shows(screen, first)

    def test_that_are_withdrawn_leave_within_a_second(
        self, house: Installation, wiring: Wiring, screen: Page, path: str
    ) -> None:
        first, second = begun(house, screen, path)
        for photo_id, withdraw in ((first, wiring.services().gallery.hide), (second, wiring.services().gallery.delete)):
            shows(screen, photo_id)
            screen.evaluate(WATCHED, str(photo_id))
            withdraw([photo_id], "serg")
            withdrawn_at = time.time()
            screen.wait_for_function("() => window.leftAt")
            assert screen.evaluate("window.leftAt") / 1000 - withdrawn_at <= 1
        expect(screen.locator(".slide")).to_have_count(0)
        expect(screen.locator("#waiting")).to_be_visible()

    def test_stand_whole_before_their_own_light(self, house: Installation, new_page: NewPage, path: str) -> None:
        """Landscape and portrait, on either screen, and beside the code."""
        of_both_kinds = taken(house, 2)
        for size in (SCREEN, {"width": 720, "height": 1280}):
            page = new_page(**size)
            page.goto(f"{path}?qr=1")
            shows(page, of_both_kinds[0])
            page.keyboard.press(" ")
            for photo_id in of_both_kinds:
                shows(page, photo_id)
                picture, code = page.locator(f"{SHOWN} .photo"), page.locator(".plate .code")
                expect(picture).to_have_css("object-fit", "contain")
                room, beside = picture.bounding_box(), code.bounding_box()
                assert room
                assert beside
                assert 0.22 <= beside["height"] / min(size.values()) <= 0.28, "a camera reads it across the room"
                assert page.locator(".plate p").evaluate(FONT_SIZE) >= 0.025 * min(size.values())
                assert room["x"] + room["width"] <= beside["x"] or room["y"] + room["height"] <= beside["y"]
                page.keyboard.press("ArrowRight")


class TestLostNetwork:
    def test_the_show_goes_on_from_memory(self, house: Installation, troubled: Page, path: str) -> None:
        troubled.clock.install()
        first, _ = turned(house, troubled, path)
        troubled.context.set_offline(True)
        troubled.clock.fast_forward(9_000)
        shows(troubled, first)
        expect(troubled.locator("#away")).to_be_visible()
        [new] = taken(house)
        troubled.context.set_offline(False)
        shows(troubled, new)
        expect(troubled.locator("#away")).to_be_hidden()

    def test_a_stopped_server_is_waited_for(
        self, house: Installation, wiring: Wiring, troubled: Page, path: str
    ) -> None:
        first, second = turned(house, troubled, path)
        with stopped(house):
            expect(troubled.locator("#away")).to_be_visible(timeout=15_000)
            troubled.keyboard.press("ArrowLeft")
            shows(troubled, first)
            wiring.services().gallery.hide([first], "serg")
        shows(troubled, second)
        expect(troubled.locator("#away")).to_be_hidden()


class TestClosedLink:
    def test_ends_the_show_calmly(
        self, house: Installation, wiring: Wiring, link: ShareLink, troubled: Page, path: str
    ) -> None:
        [photo] = taken(house)
        troubled.goto(path)
        shows(troubled, photo)
        wiring.services().share_links.revoke(link.id, "serg")
        expect(troubled.locator("#ended")).to_be_visible()
        expect(troubled.locator(".slide")).to_have_count(0)
        expect(troubled.locator("#waiting")).to_be_hidden()


class TestEvent:
    def test_that_ends_without_photos_promises_no_more(self, house: Installation, wiring: Wiring, screen: Page) -> None:
        services, now = wiring.services(), datetime.now(UTC)
        window = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
        event = services.events.create({"name": "Выпускной", "slot_ids": [SLOT], **window}, "serg")
        made = services.share_links.create({"event_id": str(event.id), "expires_in_days": 3}, "serg")
        screen.goto(f"/wall/{services.share_links.token_of(made)}")
        expect(screen.locator("#waiting")).to_be_visible()
        house.ledger.ask("UPDATE event SET ends_at = now() WHERE id = :id", id=event.id)
        expect(screen.locator("#over")).to_be_visible()
        expect(screen.locator("#waiting")).to_be_hidden()


class TestPassword:
    def test_is_asked_for_again_when_the_browser_has_forgotten_it(self, wiring: Wiring, troubled: Page) -> None:
        links = wiring.services().share_links
        wanted = {"slot_id": SLOT, "expires_in_days": 3, "password": "роза-2026"}
        troubled.goto(f"/wall/{links.token_of(links.create(wanted, 'serg'))}?qr=1")
        troubled.fill("#password", "роза-2026")
        troubled.keyboard.press("Enter")
        expect(troubled.locator("#waiting .code")).to_be_visible()
        troubled.context.clear_cookies()
        expect(troubled.locator("#password")).to_be_visible()


class TestControls:
    def test_arrows_go_back_and_forth_and_the_space_bar_stops(
        self, house: Installation, screen: Page, path: str
    ) -> None:
        screen.clock.install()
        first, _ = turned(house, screen, path)
        screen.keyboard.press("ArrowLeft")
        shows(screen, first)
        screen.keyboard.press(" ")
        expect(screen.locator("[data-do=pause]")).to_have_attribute("aria-pressed", "true")
        screen.clock.fast_forward(30_000)
        shows(screen, first)
        screen.keyboard.press(" ")
        expect(screen.locator("[data-do=pause]")).to_have_attribute("aria-pressed", "false")

    def test_what_is_withdrawn_leaves_a_show_that_stands_still_too(
        self, house: Installation, wiring: Wiring, screen: Page, path: str
    ) -> None:
        first, second = begun(house, screen, path)
        screen.keyboard.press(" ")
        wiring.services().gallery.hide([first], "serg")
        shows(screen, second)

    def test_f_fills_the_screen(self, screen: Page, path: str) -> None:
        screen.goto(path)
        screen.keyboard.press("f")
        screen.wait_for_function("() => document.fullscreenElement !== null")
        screen.keyboard.press("f")
        screen.wait_for_function("() => document.fullscreenElement === null")

    def test_cursor_and_buttons_disappear_until_somebody_moves(self, screen: Page, path: str) -> None:
        screen.clock.install()
        screen.goto(path)
        expect(screen.locator("#wall")).not_to_have_class("idle")
        screen.clock.fast_forward(4_000)
        expect(screen.locator("#wall")).to_have_class("idle")
        expect(screen.locator("#wall")).to_have_css("cursor", "none")
        screen.mouse.move(200, 200)
        expect(screen.locator("#wall")).not_to_have_class("idle")

    def test_a_button_that_has_the_focus_is_pressed_once(self, house: Installation, screen: Page, path: str) -> None:
        taken(house)
        screen.goto(path)
        screen.locator("[data-do=pause]").focus()
        screen.keyboard.press(" ")
        expect(screen.locator("[data-do=pause]")).to_have_attribute("aria-pressed", "true")

    def test_nothing_stands_in_one_place_for_hours(self, screen: Page, path: str) -> None:
        screen.clock.install()
        screen.goto(f"{path}?qr=1")
        expect(screen.locator("#wall")).to_have_attribute("data-corner", "right")
        for _ in range(6):
            screen.clock.fast_forward(60_000)
        expect(screen.locator("#wall")).to_have_attribute("data-corner", "left")
        expect(screen.locator("#wall")).to_have_attribute("data-drift", "6")


class TestLook:
    def test_waiting_showing_and_without_motion(self, house: Installation, new_page: NewPage, path: str) -> None:
        page = new_page(**DESK, reduced_motion="reduce")
        luggage = Luggage(page)
        page.goto(f"{path}?qr=1")
        expect(page.locator("#waiting")).to_be_visible()
        assert luggage.weight() <= FIRST_LOAD_MAX_BYTES
        examine(page, "wall-waiting")
        taken(house)
        expect(page.locator(".slide.seen")).to_have_css("transition-duration", "0s")
        examine(page, "wall-shown")
