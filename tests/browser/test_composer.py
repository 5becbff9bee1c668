"""The composer in a browser: the preview follows what is typed, and photos come and go without leaving the page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from app.config import load_settings
from app.domain.vk.community import Community
from app.wiring import Wiring
from tests.browser.conftest import NewPage
from tests.pictures import jpeg
from tests.support.installation import Installation
from tests.support.quick_wiring import QuickWiring
from tests.vk.community import a_community

pytestmark = pytest.mark.browser


@pytest.fixture
def wiring(house: Installation) -> Iterator[Wiring]:
    wiring = QuickWiring(load_settings(house.environment), role="seed")
    yield wiring
    wiring.database.close()


@pytest.fixture
def community(wiring: Wiring) -> Iterator[Community]:
    community = wiring.stores.communities.add(replace(a_community("Студия", 220_000_888), photo_url=""))
    yield community
    wiring.stores.communities.remove(community.id)


@pytest.fixture
def page(signed_in: NewPage, house: Installation, community: Community) -> Page:
    page = signed_in()
    page.goto(f"{house.url}/communities/{community.id}/posts/new")
    return page


def test_the_preview_follows_and_the_focus_stays(page: Page) -> None:
    text = page.locator("#text")
    text.press_sequentially("Ждём вас #будка")
    expect(page.locator(".vk-text")).to_have_text("Ждём вас #будка")
    expect(text).to_be_focused()
    expect(page.locator(".count")).to_contain_text("15")


def test_at_once_needs_no_time(page: Page) -> None:
    page.locator("label", has_text="Сразу").click()
    expect(page.locator("#publication_date")).to_be_hidden()
    expect(page.locator("#store-post")).to_contain_text("Опубликовать сейчас")


def test_files_are_added_as_they_are_chosen_and_change_places(page: Page, tmp_path: Path) -> None:
    files = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for number, file in enumerate(files):
        file.write_bytes(jpeg(120 + number, 80))
    page.fill("#text", "Новые фотографии")
    page.set_input_files("#files", files)
    photos = page.locator("input[name=photos]")
    expect(photos).to_have_count(2)
    first = photos.first.get_attribute("value") or ""
    page.locator("[id^=later-]").first.click()
    expect(photos.last).to_have_value(first)
    expect(page.locator("#text")).to_have_value("Новые фотографии")
    page.locator("[id^=drop-]").first.click()
    expect(photos).to_have_count(1)
    expect(page.locator(".mosaic img")).to_have_count(1)


def test_what_is_planned_is_in_the_list(page: Page) -> None:
    page.fill("#text", "Завтра на набережной")
    page.click("#store-post")
    expect(page.locator(".notice.good")).to_have_text("Запись запланирована.")
    expect(page.locator("article.post")).to_contain_text("Завтра на набережной")


def test_a_form_is_sent_once_until_somebody_stops_it_or_comes_back(page: Page) -> None:
    sent, form = [], page.locator("#composer")

    def stays(route: Route) -> None:
        """The browser stays on the page, as if the answer took its time."""
        if route.request.is_navigation_request():
            sent.append(route.request.url)
            route.fulfill(status=204)
        else:
            route.fallback()

    page.route("**/posts", stays)
    for let_go in ("Escape", "pageshow"):
        page.locator("#store-post").dblclick()
        expect(form).to_have_attribute("inert", "")
        if let_go == "Escape":
            page.keyboard.press(let_go)
        else:
            page.evaluate("name => dispatchEvent(new Event(name))", let_go)
        expect(form).not_to_have_attribute("inert", "")
    assert len(sent) == 2
