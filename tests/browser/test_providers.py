"""A provider's card under hands: a key is entered, checked, corrected, removed; it fits a phone and can be read."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.inspection import LOOKS, examine
from tests.support.fakes.openai import KEY, FakeOpenAi

pytestmark = pytest.mark.browser

CARD = "#provider-openai"


@pytest.fixture
def openai() -> Iterator[FakeOpenAi]:
    with FakeOpenAi() as fake:
        yield fake


def opened(page: Page) -> Page:
    page.goto("/settings")
    page.click(f"{CARD} summary")
    return page


def test_a_key_is_saved_checked_and_removed(page: Page, openai: FakeOpenAi) -> None:
    opened(page)
    page.fill("#openai-api_key", "sk-wrong-0123456789")
    page.fill("#openai-base_url", openai.url)
    page.press("#openai-base_url", "Enter")
    expect(page.locator(CARD).get_by_text("Ключ задан")).to_be_visible()
    expect(page.locator("#openai-api_key")).to_have_value("")
    page.click("#check-openai button")
    expect(page.locator(CARD).get_by_role("alert")).to_contain_text("Провайдер не принимает ключ.")
    page.fill("#openai-api_key", KEY)
    page.locator(CARD).get_by_role("button", name="Сохранить").click()
    expect(page.locator(CARD).get_by_text("Сохранено", exact=True)).to_be_visible()
    page.click("#check-openai button")
    expect(page.locator("#check-openai")).to_contain_text("Всё работает")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Удалить: Ключ, OpenAI").click()
    expect(page.locator(CARD).get_by_text("Ключа нет")).to_be_visible()
    assert page.evaluate("document.body.innerHTML").count(KEY) == 0


def test_the_keyboard_stays_where_it_was_and_every_step_is_announced(page: Page, openai: FakeOpenAi) -> None:
    opened(page)
    page.fill("#openai-api_key", KEY)
    page.fill("#openai-base_url", openai.url)
    page.press("#openai-save", "Enter")
    expect(page.locator("#toast")).to_have_text("Сохранено")
    expect(page.locator("#openai-save")).to_be_focused()
    assert page.eval_on_selector_all("[type=password]", "(fields) => fields.map((field) => field.value).join('')") == ""
    page.press("#check-openai-button", "Enter")
    expect(page.locator("#toast")).to_contain_text("Всё работает")
    expect(page.locator("#check-openai-button")).to_be_focused()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Удалить: Ключ, OpenAI").press("Enter")
    expect(page.locator("#toast")).to_have_text("Удалено")
    expect(page.locator("#openai-api_key")).to_be_focused()


def test_a_mistake_keeps_what_was_typed_and_takes_the_focus(page: Page) -> None:
    opened(page)
    page.fill("#openai-proxy", "nowhere")
    page.fill("#openai-daily_budget_usd", "12,5")
    page.press("#openai-proxy", "Enter")
    expect(page.locator("#openai-proxy-problem")).to_be_visible()
    expect(page.locator("#openai-proxy")).to_be_focused()
    expect(page.locator("#openai-daily_budget_usd")).to_have_value("12,5")
    page.locator(f"{CARD} form").first.evaluate("(form) => form.removeAttribute('data-dirty')")


def test_without_scripts_a_check_is_a_page(signed_in: NewPage, openai: FakeOpenAi) -> None:
    page = signed_in(java_script_enabled=False)
    opened(page)
    page.fill("#openai-api_key", KEY)
    page.fill("#openai-base_url", openai.url)
    page.locator(CARD).get_by_role("button", name="Сохранить").last.click()
    expect(page.locator(CARD).get_by_text("Ключ задан")).to_be_visible()
    page.click("#check-openai button")
    expect(page.locator("#check-openai")).to_contain_text("Всё работает")
    page.get_by_role("link", name="Настройки").last.click()
    expect(page.locator(CARD)).to_have_attribute("open", "")


@LOOKS
def test_the_open_cards_fit_and_can_be_read(signed_in: NewPage, language: str, theme: str) -> None:
    page = signed_in(language=language, color_scheme=theme)
    page.goto("/settings")
    for summary in page.locator(".provider summary").all():
        summary.click()
    page.fill("#gemini-proxy", "nowhere")
    page.press("#gemini-proxy", "Enter")
    page.wait_for_selector("#gemini-proxy-problem")
    page.click("#check-gemini button")
    page.wait_for_selector("#check-gemini .notice")
    examine(page, f"providers-{language}-{theme}")
    page.locator("#provider-gemini form").first.evaluate("(form) => form.removeAttribute('data-dirty')")
