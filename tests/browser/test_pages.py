"""The administrators' main paths, as hands and eyes go through them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PLAIN_HTTP, NewPage, log_in
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


class TestLogin:
    def test_a_wrong_password_is_said_and_the_right_one_opens_the_page(self, new_page: NewPage) -> None:
        page = new_page()
        page.goto("/settings")
        page.fill("#username", "serg")
        page.fill("#password", "wrong")
        page.get_by_role("button", name="Войти").click()
        expect(page.get_by_role("alert")).to_have_text("Неверное имя или пароль.")
        expect(page.locator("#password")).to_be_focused()
        page.fill("#password", "serg-secret-1")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/settings$"))

    def test_the_password_can_be_looked_at(self, new_page: NewPage) -> None:
        page = new_page()
        page.goto("/login")
        page.fill("#password", "secret")
        reveal = page.get_by_role("button", name="Показать пароль")
        reveal.click()
        expect(page.locator("#password")).to_have_attribute("type", "text")
        expect(reveal).to_have_attribute("aria-pressed", "true")
        reveal.click()
        expect(page.locator("#password")).to_have_attribute("type", "password")

    def test_a_session_that_ended_leads_to_the_login_and_back(self, page: Page) -> None:
        page.goto("/slots/slot-001")
        page.wait_for_load_state("networkidle")  # every answer brings the cookie again
        page.context.clear_cookies()
        expect(page).to_have_url(re.compile(r"/login\?next=/slots/slot-001$"), timeout=15_000)

    def test_language_is_chosen_with_one_click(self, page: Page) -> None:
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Slots")
        expect(page.locator("html")).to_have_attribute("lang", "en")


class TestHome:
    def test_copying_works_on_plain_http_and_says_so(self, new_page: NewPage, house: Installation) -> None:
        page = log_in(new_page(), address=f"http://{PLAIN_HTTP}:{house.port}/login")
        assert page.evaluate("window.isSecureContext") is False
        page.click("#copy-slot-002")
        expect(page.locator("#toast")).to_have_text("Скопировано")
        expect(page.locator("#copy-slot-002")).to_be_focused()
        page.click("#open-slot-003")
        page.fill("#name", "")
        page.press("#name", "ControlOrMeta+v")
        expect(page.locator("#name")).to_have_value(f"http://{PLAIN_HTTP}:{house.port}/ingest/slot-002")

    def test_refreshes_without_losing_the_focus(self, page: Page) -> None:
        page.focus("#open-slot-009")
        page.evaluate("document.getElementById('slots').setAttribute('hx-get', '/?seen=older')")
        page.evaluate("htmx.process(document.getElementById('slots'))")
        old = page.query_selector("#slots")
        page.evaluate("htmx.trigger('#slots', 'refresh')")
        old.wait_for_element_state("hidden")
        expect(page.locator("#open-slot-009")).to_be_focused()

    def test_asks_nothing_while_nobody_looks(self, page: Page) -> None:
        page.evaluate("document.getElementById('slots').dataset.refresh = '1'")
        with page.expect_request(re.compile("seen=")):
            pass
        page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_function("(since) => performance.now() - since > 2500", arg=page.evaluate("performance.now()"))
        assert asked == []
        page.evaluate("delete document.hidden")
        with page.expect_request(re.compile("seen=")):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


class TestSettings:
    def test_lifetimes_follow_the_window_while_it_is_moved(self, page: Page) -> None:
        page.goto("/settings")
        page.locator("[data-mirror='sync_response_seconds']").fill("57")
        expect(page.locator("#sync_response_seconds")).to_have_value("57")
        expect(page.locator("output")).to_have_text(["57", "62"])

    def test_cleaning_up_says_what_was_done(self, page: Page) -> None:
        page.goto("/settings")
        page.click("#start-purge")
        expect(page.locator("#purge .notice")).to_contain_text(re.compile("Удал[её]н"), timeout=30_000)


class TestWithoutScripts:
    def test_the_whole_path_from_login_to_a_result(self, new_page: NewPage, photo: Path) -> None:
        page = log_in(new_page(java_script_enabled=False))
        page.click("#open-slot-014")
        page.fill("#name", "Без скриптов")
        page.select_option("#operation", "frame")
        page.get_by_role("button", name="Показать поля").click()
        expect(page.get_by_text("Как вписать")).to_be_visible()
        page.select_option("#operation", "image_edit")
        page.get_by_role("button", name="Показать поля").click()
        page.get_by_role("button", name="Добавить запасной вариант").click()
        page.locator("#fallback-1").get_by_role("radio", name="Комикс").check()
        page.get_by_role("button", name="Добавить запасной вариант").click()
        page.locator("#fallback-2").get_by_role("button", name="Убрать").click()
        page.click("#save")
        expect(page.get_by_role("heading", level=1)).to_have_text("Без скриптов")
        page.locator("#fallback-1 > summary").click()
        expect(page.locator("#fallback-1").get_by_role("radio", name="Комикс")).to_be_checked()
        page.set_input_files("#test-photo", photo)
        page.get_by_role("button", name="Запустить").click()
        expect(page.get_by_role("img", name="Результат")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Выйти").click()
        expect(page).to_have_url(re.compile("/login$"))
