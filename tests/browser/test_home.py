"""The home page in a real browser: it keeps itself up to date, can be searched, and disturbs nobody."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PLAIN_HTTP, NewPage, log_in, settled
from tests.browser.inspection import sticks_out
from tests.support.booths import shoot
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


def poll_anew(page: Page) -> None:
    """Let the next look for news bring the whole list, as if something had happened, and wait until it has."""
    page.evaluate("document.querySelector('#slots').dataset.before = 'the poll'")
    address = page.locator("#slots").get_attribute("hx-get") or ""
    page.evaluate(
        "address => { const part = document.querySelector('#slots'); part.setAttribute('hx-get', address);"
        " htmx.process(part); htmx.trigger(part, 'refresh'); }",
        re.sub("seen=[0-9a-f]+", "seen=older", address),
    )
    expect(page.locator("#slots[data-before]")).to_have_count(0)


class TestSearch:
    def test_finds_while_one_types_and_keeps_the_focus_through_polls(self, page: Page) -> None:
        page.locator("#search").press_sequentially("слот 1")
        expect(page.locator(".slot")).to_have_count(7)
        expect(page.locator("#toast")).to_have_text("Найдено 7 слотов")
        page.evaluate("document.querySelector('#toast').textContent = 'said'")
        poll_anew(page)
        expect(page.locator(".slot")).to_have_count(7)
        settled(page)
        expect(page.locator("#toast")).to_have_text("said")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type("5")
        expect(page.locator(".slot .title")).to_have_text(["Слот 15"])
        expect(page.locator("#search")).to_have_value("слот 15")

    def test_stays_when_the_page_is_loaded_again_and_ends_with_an_empty_field(self, page: Page) -> None:
        page.locator("#search").press_sequentially("slot-013")
        expect(page).to_have_url(re.compile(r"/\?q=slot-013$"))
        page.reload()
        expect(page.locator(".slot")).to_have_count(1)
        page.fill("#search", "")
        expect(page.locator(".slot")).to_have_count(15)

    def test_works_without_scripts(self, new_page: NewPage) -> None:
        page = log_in(new_page(java_script_enabled=False))
        page.fill("#search", "slot-013")
        page.click("#search-button")
        expect(page.locator(".slot")).to_have_count(1)
        page.click("#all-slots")
        expect(page.locator(".slot")).to_have_count(15)


def test_a_poll_moves_neither_the_page_nor_the_focus(page: Page) -> None:
    page.focus("#copy-slot-012")
    before = page.evaluate("window.scrollY")
    assert before > 0
    poll_anew(page)
    expect(page.locator("#copy-slot-012")).to_be_focused()
    assert page.evaluate("window.scrollY") == before


def test_copying_on_plain_http_works_on_a_phone(new_page: NewPage, house: Installation) -> None:
    page = log_in(new_page(width=360, height=740), address=f"http://{PLAIN_HTTP}:{house.port}/login")
    assert page.evaluate("window.isSecureContext") is False
    page.click("#copy-slot-005")
    expect(page.locator("#toast")).to_have_text("Скопировано")
    expect(page.locator("#copy-slot-005")).to_be_focused()
    page.focus("#search")
    page.keyboard.press("ControlOrMeta+v")
    expect(page.locator("#search")).to_have_value(f"http://{PLAIN_HTTP}:{house.port}/ingest/slot-005")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_on_a_phone_all_sections_are_under_the_thumb(new_page: NewPage, language: str) -> None:
    page = log_in(new_page(width=360, height=740, language=language))
    links = page.locator(".sections a")
    expect(links).to_have_count(6)
    boxes = [links.nth(n).bounding_box() or {} for n in range(6)]
    assert min(box["width"] for box in boxes) >= 36
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 360
    assert len({box["y"] for box in boxes}) == 1
    assert all(44 <= box["height"] <= 60 for box in boxes)
    assert boxes[0]["y"] + boxes[0]["height"] == pytest.approx(740, abs=1)
    assert links.evaluate_all("links => links.every(link => link.scrollWidth <= link.clientWidth)")
    page.keyboard.press("End")
    page.wait_for_function("() => window.scrollY + window.innerHeight >= document.documentElement.scrollHeight - 1")
    foot = page.locator(".foot").bounding_box() or {}
    assert foot["y"] + foot["height"] <= boxes[0]["y"]


@pytest.mark.parametrize("width", [320, 481, 700, 880, 1024])
def test_the_header_is_one_line_and_nothing_sticks_out(signed_in: NewPage, width: int) -> None:
    page = signed_in(width=width, height=740)
    for path in ("/", "/stats", "/jobs"):
        page.goto(path)
        assert (page.locator(".top").bounding_box() or {})["height"] <= 64, path
        assert not sticks_out(page), path


def test_what_is_pressed_in_a_row_is_large_enough(signed_in: NewPage, house: Installation) -> None:
    assert shoot(house, "slot-002").status_code == 200
    page = signed_in(width=360, height=740)
    heights = [(page.locator("#jobs-slot-002").bounding_box() or {})["height"]]
    page.goto("/jobs")
    heights.append((page.locator(".job a.title").first.bounding_box() or {})["height"])
    page.goto("/stats")
    heights += [box["height"] for link in page.locator(".legend a").all() if (box := link.bounding_box())]
    assert min(heights) >= 24


def test_an_outage_is_announced_once_and_its_end_too(chromium: Browser, house: Installation) -> None:
    context = chromium.new_context(base_url=house.url, locale="ru")  # its console may complain
    page = log_in(context.new_page())
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.querySelector('#toast').textContent))"
        ".observe(document.querySelector('#toast'), {childList: true})"
    )
    context.route(re.compile("seen="), lambda route: route.fulfill(status=503))
    for _ in range(3):
        with page.expect_response(re.compile("seen=")):
            page.evaluate("htmx.trigger('#slots', 'refresh')")
    expect(page.locator("#away")).to_be_visible()
    context.unroute_all()
    page.evaluate("htmx.trigger('#slots', 'refresh')")
    expect(page.locator("#away")).to_be_hidden()
    settled(page)
    assert page.evaluate("said") == [
        "Нет связи с сервером. Страница обновится сама.",
        "Связь восстановлена.",
    ]
    context.close()
