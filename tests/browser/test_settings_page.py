"""The settings page under hands: a token's secret is shown once and copied, an old password ended."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.support.installation import INGEST_PASSWORD

pytestmark = pytest.mark.browser


def test_a_tokens_secret_is_shown_once_and_can_be_copied(page: Page) -> None:
    page.goto("/settings")
    page.fill("#token-name", "Ночная выгрузка")
    page.press("#token-name", "Enter")
    shown = page.locator("#token-secret")
    expect(shown).to_be_visible()
    secret = shown.inner_text()
    expect(page.locator("#toast")).to_contain_text("больше он не покажется")
    page.click("#copy-token")
    expect(page.locator("#toast")).to_have_text("Скопировано")
    assert secret not in page.url
    page.goto("/")
    page.go_back()
    expect(page.locator("#tokens")).to_contain_text("Ночная выгрузка")
    assert secret not in page.content()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Отозвать: Ночная выгрузка").click()
    expect(page.locator("#tokens")).not_to_contain_text("Ночная выгрузка")


def test_the_old_password_is_ended_with_a_button(page: Page) -> None:
    """The new one is the same, so that other tests' shots are taken as before."""
    page.goto("/settings")
    page.fill("#ingest_password", INGEST_PASSWORD)
    page.press("#ingest_password", "Enter")
    card = page.locator("#ingest-password")
    expect(card).to_contain_text("Старый пароль пока принимается")
    expect(page.locator("#ingest_password")).to_have_value("")
    page.click("#end-grace")
    expect(page.locator("#toast")).to_have_text("Старый пароль больше не принимается.")
    expect(card).not_to_contain_text("Старый пароль пока принимается")


def test_times_are_those_of_the_house_wherever_the_browser_is(signed_in: NewPage) -> None:
    """A photo has one time, on the page of an administrator far away too."""
    away = signed_in(zone="Asia/Vladivostok")
    plain = signed_in(java_script_enabled=False)
    for path, written in (("/changes", "el => el.textContent"), ("/settings", "el => el.title")):
        for page in (away, plain):
            page.goto(path)
        times = [[time.evaluate(written) for time in page.locator("time").all()][-5:] for page in (away, plain)]
        assert times[0]
        assert times[0] == times[1]


def test_what_happened_lately_is_said_as_how_long_ago(page: Page) -> None:
    page.goto("/settings")
    expect(page.locator("time[data-moment='relative']").first).to_have_text(re.compile("минут|час"))
