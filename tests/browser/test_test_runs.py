"""Trying a slot: the result over the original, and the line between them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_shows_the_result_of_unsaved_values_beside_the_original(page: Page, photo: Path) -> None:
    page.goto("/slots/slot-012")
    page.get_by_role("radio", name="Чёрно-белое").check()
    page.set_input_files("#test-photo", photo)
    expect(page.locator("#test-original")).to_be_visible()
    page.get_by_role("button", name="Запустить").click()
    result = page.locator("#test-run .after img")
    expect(result).to_be_visible(timeout=30_000)
    expect(page.locator("#toast")).to_contain_text("Готово за")
    assert page.locator("#test-run").get_attribute("hx-get") is None
    expect(page.locator(".photo")).to_have_text(re.compile(rf"{photo.name} · выбрать другое фото"), use_inner_text=True)
    assert result.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    expect(page.locator(".tiles a.open")).to_have_count(1, timeout=15_000)
    with page.expect_download() as download:
        page.locator("#test-run").get_by_text("Скачать").click()
    assert re.fullmatch(r"slot-012_[\d_-]+\.jpg", download.value.suggested_filename)


def test_the_line_between_before_and_after_moves_by_keyboard_and_pointer(page: Page, photo: Path) -> None:
    page.goto("/slots/slot-013")
    page.set_input_files("#test-photo", photo)
    page.get_by_role("button", name="Запустить").click()
    both, line = page.locator(".before-after"), page.locator("#before-after")
    line.focus()
    for key, cut in (("ArrowRight", "51%"), ("Home", "0%"), ("End", "100%")):
        page.keyboard.press(key)
        expect(both).to_have_css("--cut", cut)
        expect(page.locator(".after")).to_have_css("clip-path", f"inset(0px 0px 0px {cut})")
    box = line.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert 20 <= int(line.input_value()) <= 30
    shown = "(images) => Promise.all(images.map((i) => i.decode().then(() => i.naturalWidth > 0)))"
    assert page.locator(".before-after img").evaluate_all(shown) == [True, True]


def test_without_a_photo_says_what_is_missing(page: Page) -> None:
    page.goto("/slots/slot-013")
    page.get_by_role("button", name="Запустить").click()
    expect(page.locator("#test-run").get_by_role("alert")).to_contain_text("Сначала выберите фото.")
