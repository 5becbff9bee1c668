"""Two people at one slot, and one slot's ways in the form of another: nothing that was typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, log_in

pytestmark = pytest.mark.browser


def test_two_people_cannot_overwrite_each_other(new_page: NewPage) -> None:
    serg, igor = log_in(new_page()), log_in(new_page(), "igor", "igor-secret-1")
    for page, name in ((serg, "Свадьба"), (igor, "Юбилей")):
        page.goto("/slots/slot-008")
        page.fill("#name", name)
    igor.click("#save")
    expect(igor.get_by_role("heading", level=1)).to_have_text("Юбилей")
    serg.focus("#save")
    serg.keyboard.press("Enter")
    expect(serg.get_by_role("alert")).to_contain_text("igor")
    expect(serg.locator("#conflict")).to_be_focused()
    serg.keyboard.press("Enter")
    expect(serg.locator("#save")).to_have_count(0)
    expect(serg.locator("#name")).to_have_value("Свадьба")
    serg.click("#overwrite")
    expect(serg.get_by_role("heading", level=1)).to_have_text("Свадьба")


def test_what_the_other_one_typed_is_taken_for_one_field_only(new_page: NewPage) -> None:
    serg, igor = log_in(new_page()), log_in(new_page(), "igor", "igor-secret-1")
    for page, name, quality in ((serg, "Свадьба", "70"), (igor, "Юбилей", "60")):
        page.goto("/slots/slot-014")
        page.fill("#name", name)
        page.fill("[id='output.quality']", quality)
    igor.click("#save")
    expect(igor.locator(".done")).to_be_visible()
    serg.click("#save")
    theirs = serg.locator("[id='take-theirs-output.quality']")
    theirs.click()
    expect(theirs).to_have_attribute("aria-pressed", "true")
    expect(theirs).to_be_focused()
    expect(serg.locator("[id='output.quality']")).to_have_value("60")
    expect(serg.locator("#name")).to_have_value("Свадьба")
    serg.click("#overwrite")
    expect(serg.get_by_role("heading", level=1)).to_have_text("Свадьба")


def test_a_copy_of_another_slot_keeps_the_name_and_can_be_undone(page: Page) -> None:
    page.goto("/slots/slot-007")
    page.fill("#name", "Набрано")
    page.fill("[id='settings.strength']", "11")
    page.locator("#copy summary").click()
    page.select_option("#copy_from", "slot-003")
    page.click("#copy-slot")
    expect(page.locator("#undo-copy")).to_be_focused()
    expect(page.locator("#name")).to_have_value("Набрано")
    expect(page.locator("[id='settings.strength']")).not_to_have_value("11")
    page.click("#undo-copy")
    expect(page.locator("[id='settings.strength']")).to_have_value("11")
    expect(page.locator("#slot-form")).to_have_attribute("data-dirty", "")
