"""How the pages look: they fit a phone, can be read in both themes, and are kept as screenshots of the test run."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, log_in, settled

pytestmark = pytest.mark.browser

PAGES = {"slots": "/", "slot": "/slots/slot-015", "settings": "/settings", "error": "/no-such-page"}

LOW_CONTRAST = Path(__file__).with_name("low_contrast.js").read_text()


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_pages_fit_and_can_be_read(
    new_page: NewPage, photo: Path, album: Path, width: int, theme: str, language: str
) -> None:
    page = new_page(width=width, language=language, color_scheme=theme)
    page.goto("/login")
    examine(page, album / f"login-{language}-{theme}-{width}.png")
    log_in(page)
    for name, path in PAGES.items():
        page.goto(path)
        if name == "slot":
            fill_with_results(page, photo)
        examine(page, album / f"{name}-{language}-{theme}-{width}.png")
        if name == "slot":
            break_the_form(page)
            examine(page, album / f"problems-{language}-{theme}-{width}.png")
            page.locator("#slot-form").evaluate("(form) => form.removeAttribute('data-dirty')")


def examine(page: Page, screenshot: Path) -> None:
    page.screenshot(path=screenshot, full_page=True, caret="initial", animations="allow")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(LOW_CONTRAST) == []


def fill_with_results(page: Page, photo: Path) -> None:
    page.set_input_files("#test-photo", photo)
    page.click("#test-form button")
    expect(page.locator("#test-run img")).to_be_visible(timeout=30_000)


def break_the_form(page: Page) -> None:
    """A long one, with something wrong in every part."""
    page.select_option("#provider", "gemini")
    page.wait_for_selector("[id='settings.model']")
    settled(page)
    page.click("#add-fallback")
    page.wait_for_selector("#fallback-1")
    settled(page)
    page.select_option("[id='fallbacks.0.operation']", "frame")
    page.wait_for_selector("[id='fallbacks.0.settings.template-upload']", state="attached")
    settled(page)
    page.click("#policy summary")
    page.fill("[id='policy.price_cap_usd']", "-1")
    page.click("#finishing summary")
    page.fill("[id='output.quality']", "500")
    page.click("#save")
    page.wait_for_selector("[id='output.quality-problem']")
