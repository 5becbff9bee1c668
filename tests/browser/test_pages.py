"""The administrators' main paths, as hands and eyes go through them."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PLAIN_HTTP, NewPage, log_in
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

UPLOAD = "[id='settings.template-upload']"

GIVE_FILE = """([selector, kind, data, name]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const carrier = new DataTransfer();
    carrier.items.add(new File([bytes], name, {type: "image/png"}));
    const options = {bubbles: true, cancelable: true, dataTransfer: carrier, clipboardData: carrier};
    const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
    document.querySelector(selector).dispatchEvent(event);
}"""


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
        expect(page.get_by_role("status")).to_have_text("Скопировано")
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


class TestSlot:
    def test_another_operation_keeps_what_was_typed(self, page: Page) -> None:
        page.goto("/slots/slot-004")
        page.fill("#name", "Выпускной")
        page.fill("[id='settings.strength']", "33")
        page.get_by_role("radio", name="Комикс").check()
        page.focus("#operation")
        page.select_option("#operation", "frame")
        expect(page.get_by_text("Как вписать")).to_be_visible()
        expect(page.locator("#operation")).to_be_focused()
        page.select_option("#operation", "image_edit")
        expect(page.locator("[id='settings.strength']")).to_have_value("33")
        expect(page.get_by_role("radio", name="Комикс")).to_be_checked()
        expect(page.locator("#name")).to_have_value("Выпускной")

    def test_saving_says_so_and_renames_the_page(self, page: Page) -> None:
        page.goto("/slots/slot-005")
        page.fill("#name", "Свадьба")
        page.click("#save")
        expect(page.get_by_role("heading", level=1)).to_have_text("Свадьба")
        expect(page.get_by_role("status")).to_have_text("Сохранено")
        page.reload()
        expect(page.locator("#name")).to_have_value("Свадьба")

    def test_the_first_wrong_field_gets_the_focus(self, page: Page) -> None:
        page.goto("/slots/slot-006")
        page.fill("[id='output.quality']", "500")
        page.fill("[id='output.max_side']", "1")
        page.click("#save")
        expect(page.locator("[id='output.quality']")).to_be_focused()
        expect(page.locator("[id='output.quality-problem']")).to_have_text("Нужно число от 1 до 100.")

    def test_slider_and_number_are_one(self, page: Page) -> None:
        page.goto("/slots/slot-006")
        slider = page.locator("[data-mirror='settings.strength']")
        slider.fill("25")
        expect(page.locator("[id='settings.strength']")).to_have_value("25")
        page.fill("[id='settings.strength']", "60")
        expect(slider).to_have_value("60")

    def test_leaving_with_unsaved_edits_asks_first(self, page: Page) -> None:
        page.goto("/slots/slot-007")
        page.fill("#name", "Не сохранено")
        asked: list[str] = []

        def stay(dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.click(".brand")
        expect(page.locator("#name")).to_have_value("Не сохранено")
        assert asked == ["beforeunload"]

    def test_two_people_cannot_overwrite_each_other(self, new_page: NewPage) -> None:
        serg, igor = log_in(new_page()), log_in(new_page(), "igor", "igor-secret-1")
        for page, name in ((serg, "Свадьба"), (igor, "Юбилей")):
            page.goto("/slots/slot-008")
            page.fill("#name", name)
        igor.click("#save")
        expect(igor.get_by_role("heading", level=1)).to_have_text("Юбилей")
        serg.click("#save")
        expect(serg.get_by_role("alert")).to_contain_text("igor")
        expect(serg.locator("#overwrite")).to_be_focused()
        expect(serg.locator("#name")).to_have_value("Свадьба")
        serg.click("#overwrite")
        expect(serg.get_by_role("heading", level=1)).to_have_text("Свадьба")

    def test_by_keyboard_alone(self, new_page: NewPage) -> None:
        page = log_in(new_page())
        page.focus("#open-slot-009")
        page.keyboard.press("Enter")
        page.wait_for_selector("#slot-form")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(page.locator("#name")).to_be_focused()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("С клавиатуры")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("С клавиатуры")
        expect(page.locator("#slot-title .pill")).to_have_text("На паузе")


def choose_operation_with_image(page: Page, operation: str) -> None:
    with page.expect_response(re.compile("/fields$")):
        page.select_option("#operation", operation)
    page.wait_for_selector(UPLOAD, state="attached")
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)


class TestTemplateImages:
    @pytest.mark.parametrize("way", ["click", "drop", "paste"])
    def test_are_there_after_saving_and_reloading(self, page: Page, picture: Path, way: str) -> None:
        page.goto("/slots/slot-010")
        choose_operation_with_image(page, "style_transfer")
        before = page.locator(".picture").count()
        if way == "click":
            page.set_input_files(UPLOAD, picture)
        else:
            if way == "paste":
                page.focus(UPLOAD)
            data = base64.b64encode(picture.read_bytes()).decode()
            page.evaluate(GIVE_FILE, [f".drop:has({UPLOAD})", way, data, picture.name])
        expect(page.locator(".picture")).to_have_count(before + 1)
        chosen = page.locator(".picture input:checked")
        image_id = chosen.get_attribute("value")
        page.click("#save")
        expect(page.locator(".done")).to_be_visible()
        page.reload()
        expect(chosen).to_have_attribute("value", str(image_id))

    def test_can_be_removed_for_good(self, page: Page, picture: Path) -> None:
        page.goto("/slots/slot-011")
        choose_operation_with_image(page, "frame")
        page.set_input_files(UPLOAD, picture)
        image_id = page.locator(".picture input:checked").get_attribute("value")
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator(f".picture:has([value='{image_id}']) .remove").click()
        expect(page.locator(f".picture [value='{image_id}']")).to_have_count(0)


class TestTestRun:
    def test_shows_the_result_of_unsaved_values_beside_the_original(self, page: Page, photo: Path) -> None:
        page.goto("/slots/slot-012")
        page.get_by_role("radio", name="Чёрно-белое").check()
        page.set_input_files("#test-photo", photo)
        expect(page.locator("#test-original")).to_be_visible()
        page.get_by_role("button", name="Запустить").click()
        result = page.locator("#test-run img")
        expect(result).to_be_visible(timeout=30_000)
        expect(page.get_by_role("status")).to_contain_text("Готово за")
        assert page.locator("#test-run").get_attribute("hx-get") is None
        assert result.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
        expect(page.locator(".gallery li")).to_have_count(1, timeout=15_000)
        with page.expect_download() as download:
            page.locator("#test-run").get_by_text("Скачать").click()
        assert re.fullmatch(r"slot-012_[\d_-]+\.jpg", download.value.suggested_filename)

    def test_without_a_photo_says_what_is_missing(self, page: Page) -> None:
        page.goto("/slots/slot-013")
        page.get_by_role("button", name="Запустить").click()
        expect(page.locator("#test-run").get_by_role("alert")).to_contain_text("Сначала выберите фото.")


class TestSettings:
    def test_lifetimes_follow_the_window_while_it_is_moved(self, page: Page) -> None:
        page.goto("/settings")
        page.locator("[data-mirror='sync_response_seconds']").fill("57")
        expect(page.locator("#sync_response_seconds")).to_have_value("57")
        expect(page.locator("output")).to_have_text(["57", "62"])

    def test_cleaning_up_says_what_was_done(self, page: Page) -> None:
        page.goto("/settings")
        page.click("#start-purge")
        expect(page.locator("#purge .notice")).to_contain_text("Удален", timeout=30_000)


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
        page.click("#save")
        expect(page.get_by_role("heading", level=1)).to_have_text("Без скриптов")
        page.set_input_files("#test-photo", photo)
        page.get_by_role("button", name="Запустить").click()
        expect(page.locator("#test-run img")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="Выйти").click()
        expect(page).to_have_url(re.compile("/login$"))
