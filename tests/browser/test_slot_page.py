"""The slot's page under real hands: its chain, its images, its test run."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NewPage, log_in, settled

pytestmark = pytest.mark.browser

UPLOAD = "[id='settings.template-upload']"
SHELF = "[id='settings.template-field'] .picture"

GIVE_FILE = """([selector, kind, data, name]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const carrier = new DataTransfer();
    carrier.items.add(new File([bytes], name, {type: "image/png"}));
    const options = {bubbles: true, cancelable: true, dataTransfer: carrier, clipboardData: carrier};
    const event = kind === "paste" ? new ClipboardEvent(kind, options) : new DragEvent(kind, options);
    document.querySelector(selector).dispatchEvent(event);
}"""


class TestSlot:
    def test_another_operation_keeps_what_was_typed(self, page: Page) -> None:
        page.goto("/slots/slot-004")
        page.fill("#name", "Выпускной")
        page.fill("[id='settings.strength']", "33")
        page.get_by_role("radio", name="Комикс").check()
        page.focus("#operation")
        choose(page, "operation", "frame")
        expect(page.get_by_text("Как вписать")).to_be_visible()
        expect(page.locator("#operation")).to_be_focused()
        choose(page, "operation", "image_edit")
        expect(page.locator("[id='settings.strength']")).to_have_value("33")
        expect(page.get_by_role("radio", name="Комикс")).to_be_checked()
        expect(page.locator("#name")).to_have_value("Выпускной")

    def test_saving_says_so_and_renames_the_page(self, page: Page) -> None:
        page.goto("/slots/slot-005")
        page.fill("#name", "Свадьба")
        page.click("#save")
        expect(page.get_by_role("heading", level=1)).to_have_text("Свадьба")
        expect(page.locator("#toast")).to_have_text("Сохранено")
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

    def test_what_could_not_be_saved_is_unsaved_until_it_is(self, page: Page) -> None:
        page.goto("/slots/slot-007")
        page.fill("#name", "Выпускной")
        held = hold(page, "/slots/slot-007$")
        page.click("#save")
        caught(page, held).fulfill(status=204)
        expect(page.locator("[inert]")).to_have_count(0)
        expect(page.locator("#slot-form[data-dirty]")).to_have_count(1)
        page.unroute_all()
        page.click("#save")
        expect(page.locator(".done")).to_be_visible()
        expect(page.locator("#slot-form[data-dirty]")).to_have_count(0)

    def test_on_paper_the_card_is_alone(self, page: Page) -> None:
        page.goto("/slots/slot-007/card")
        page.emulate_media(media="print")
        expect(page.locator(".printed-code")).to_be_visible()
        for left_out in (".top", ".foot", "#print"):
            expect(page.locator(left_out)).to_be_hidden()

    def test_by_keyboard_alone(self, new_page: NewPage) -> None:
        page = log_in(new_page())
        page.focus("#open-slot-009")
        page.keyboard.press("Enter")
        page.wait_for_selector("#slot-form")
        page.wait_for_load_state("load")  # scripts have seen the forms
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#slot-title .pill")).to_have_text("На паузе")
        expect(page.locator("#switch-slot")).to_be_focused()
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(page.locator("#name")).to_be_focused()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("С клавиатуры")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("С клавиатуры")
        expect(page.locator("#slot-title .pill")).to_have_text("На паузе")


class TestChain:
    def test_a_fallback_with_another_model_and_an_image_survives_a_reload(self, page: Page, picture: Path) -> None:
        page.goto("/slots/slot-009")
        page.get_by_role("radio", name="Комикс").check()
        press(page, "#add-fallback")
        expect(fallback(page, 1)).to_be_focused()
        choose(page, "fallbacks.0.provider", "gemini")
        expect(fallback(page, 1)).to_be_focused()
        choose(page, "fallbacks.0.operation", "fusion")
        expect(field(page, "fallbacks.0.settings.template_3-upload")).to_have_count(0)
        choose(page, "fallbacks.0.settings.model", "gemini-3-pro-image")
        field(page, "fallbacks.0.settings.prompt").fill("Everybody on the moon")
        page.locator("#fallback-1").get_by_role("radio", name="2:3").check()
        for name in ("template", "template_3"):
            upload(page, f"fallbacks.0.settings.{name}", picture)
        expect(page.locator("#fallback-1").get_by_text("0,134 $ за картинку")).to_be_visible()
        page.click("#save")
        expect(page.locator(".done")).to_be_visible()
        page.reload()
        expect(page.get_by_role("radio", name="Комикс")).to_be_checked()
        page.locator("#fallback-1 > summary").click()
        expect(field(page, "fallbacks.0.settings.model")).to_have_value("gemini-3-pro-image")
        expect(field(page, "fallbacks.0.settings.prompt")).to_have_value("Everybody on the moon")
        expect(page.locator("#fallback-1 .picture input:checked:not([value=''])")).to_have_count(2)

    def test_removing_one_moves_the_others_up_with_what_was_typed(self, page: Page) -> None:
        page.goto("/slots/slot-002")
        for _ in range(3):
            press(page, "#add-fallback")
        expect(page.locator("#add-fallback")).to_have_count(0)
        field(page, "fallbacks.2.settings.strength").fill("12")
        page.locator("#fallback-1 > summary").click()
        press(page, "#remove-fallback-2")
        expect(page.locator("#add-fallback")).to_be_focused()
        expect(field(page, "fallbacks.1.settings.strength")).to_have_value("12")
        expect(page.locator("#fallback-3")).to_have_count(0)
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.click(".brand")
        page.wait_for_selector("#slots")
        assert asked == ["beforeunload"]

    def test_a_removed_one_can_be_put_back_with_what_was_typed(self, page: Page) -> None:
        page.goto("/slots/slot-002")
        press(page, "#add-fallback")
        field(page, "fallbacks.0.settings.strength").fill("12")
        press(page, "#remove-fallback-1")
        expect(page.locator("#fallback-1")).to_have_count(0)
        expect(page.locator("#toast")).to_contain_text("можно вернуть")
        press(page, "#put-back-0")
        expect(fallback(page, 1)).to_be_focused()
        expect(field(page, "fallbacks.0.settings.strength")).to_have_value("12")
        expect(page.locator("#put-back-0")).to_have_count(0)

    def test_a_problem_opens_the_part_that_it_is_in(self, page: Page) -> None:
        page.goto("/slots/slot-003")
        page.locator("#policy summary").click()
        field(page, "policy.daily_budget_usd").fill("немного")
        page.locator("#policy summary").click()
        expect(page.locator("#policy [data-said]")).to_have_count(0)
        page.click("#save")
        expect(field(page, "policy.daily_budget_usd")).to_be_focused()

    def test_what_was_unfolded_stays_so_when_the_form_is_saved(self, page: Page) -> None:
        page.goto("/slots/slot-003")
        page.locator("#finishing > summary").click()
        page.click("#save")
        expect(page.locator(".done")).to_be_visible()
        expect(field(page, "output.qr_corner")).to_be_visible()


def fallback(page: Page, place: int) -> Locator:
    return field(page, f"fallbacks.{place - 1}.provider")


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[id='{name}']")


def press(page: Page, button: str) -> None:
    """Press a button that draws the chain anew, and wait for that."""
    with page.expect_response(re.compile("/fallbacks")):
        page.click(button)
    settled(page)


def choose(page: Page, name: str, value: str) -> None:
    """Choose what draws a step anew, and wait for that."""
    with page.expect_response(re.compile("/fields")):
        field(page, name).select_option(value)
    settled(page)


def upload(page: Page, path: str, picture: Path) -> None:
    with page.expect_response(re.compile("/template-images/")):
        field(page, f"{path}-upload").set_input_files(picture)
    settled(page)


def hold(page: Page, address: str) -> list[Route]:
    """Requests that are on their way until the test lets them go."""
    held: list[Route] = []
    page.route(re.compile(address), lambda route: held.append(route))
    return held


def caught(page: Page, held: list[Route]) -> Route:
    while not held:
        page.wait_for_timeout(10)
    return held.pop()


class TestWhileAnAnswerIsAwaited:
    def test_only_what_it_leaves_alone_can_be_changed(self, page: Page, picture: Path) -> None:
        page.goto("/slots/slot-015")
        choose(page, "operation", "style_transfer")
        held = hold(page, "/slots/.*/template-images/")
        page.set_input_files(UPLOAD, picture)
        for path in ("settings.template", "output.overlay"):
            expect(field(page, f"{path}-field")).to_have_attribute("inert", "")
        expect(page.locator("#toast")).to_have_text("Одну минуту")
        page.fill("#name", "Тем временем")
        caught(page, held).continue_()
        expect(page.locator("[inert]")).to_have_count(0)
        expect(page.locator(f"{SHELF} input:checked:not([value=''])")).to_have_count(1)
        expect(page.locator("#name")).to_have_value("Тем временем")

    def test_the_focus_comes_back_afterwards(self, page: Page) -> None:
        page.goto("/slots/slot-015")
        held = hold(page, "/slots/.*/fields")
        page.focus("#operation")
        field(page, "operation").select_option("frame")
        expect(page.locator(".step[inert]")).to_have_count(1)
        expect(page.locator("#operation")).not_to_be_focused()
        caught(page, held).continue_()
        expect(page.locator("#operation")).to_be_focused()

    def test_an_answer_that_brings_nothing_leaves_all_as_it_was(self, page: Page) -> None:
        page.goto("/slots/slot-015")
        held = hold(page, "/slots/.*/fields")
        field(page, "operation").select_option("frame")
        expect(page.locator(".step[inert]")).to_have_count(1)
        caught(page, held).fulfill(status=204)
        expect(page.locator("[inert]")).to_have_count(0)


class TestTemplateImages:
    @pytest.mark.parametrize("way", ["click", "drop", "paste"])
    def test_are_there_after_saving_and_reloading(self, page: Page, picture: Path, way: str) -> None:
        page.goto("/slots/slot-010")
        choose(page, "operation", "style_transfer")
        before = page.locator(SHELF).count()
        if way == "click":
            page.set_input_files(UPLOAD, picture)
        else:
            if way == "paste":
                page.focus(UPLOAD)
            data = base64.b64encode(picture.read_bytes()).decode()
            page.evaluate(GIVE_FILE, [f".drop:has({UPLOAD})", way, data, picture.name])
        expect(page.locator(SHELF)).to_have_count(before + 1)
        chosen = page.locator(f"{SHELF} input:checked")
        image_id = chosen.get_attribute("value")
        page.click("#save")
        expect(page.locator(".done")).to_be_visible()
        page.reload()
        expect(chosen).to_have_attribute("value", str(image_id))

    def test_enter_in_the_new_name_renames_and_saves_nothing(self, page: Page, picture: Path) -> None:
        page.goto("/slots/slot-011")
        choose(page, "operation", "frame")
        upload(page, "settings.template", picture)
        page.locator("[id='settings.template-renaming'] summary").click()
        page.fill("[id='rename.settings.template']", "Зимняя рамка")
        page.keyboard.press("Enter")
        expect(page.locator(f"{SHELF}:has(input:checked) .caption")).to_have_text("Зимняя рамка")
        expect(page.locator("#slot-form")).to_have_attribute("data-dirty", "")
        expect(page.locator(".done")).to_have_count(0)

    def test_can_be_removed_for_good(self, page: Page, picture: Path) -> None:
        page.goto("/slots/slot-011")
        choose(page, "operation", "frame")
        page.set_input_files(UPLOAD, picture)
        image_id = page.locator(f"{SHELF} input:checked").get_attribute("value")
        page.on("dialog", lambda dialog: dialog.accept())
        page.locator(f"{SHELF}:has([value='{image_id}']) .remove").click()
        expect(page.locator(f".picture [value='{image_id}']")).to_have_count(0)
