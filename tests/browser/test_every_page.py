"""Every page in both themes, both languages, on a desk and on a phone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page, expect

from app import create_app
from app.config import load_settings
from app.domain.job import Source
from app.services.ingest import Upload
from app.wiring import Wiring
from tests import pictures
from tests.browser.conftest import NewPage, settled
from tests.browser.inspection import DESK, FIRST_LOAD_MAX_BYTES, LOOKS, Luggage, examine
from tests.support import addresses, booths
from tests.support.installation import Installation
from tests.support.quick_wiring import QuickWiring
from tests.waiting import until
from tests.web.inhabited import ALBUM, planned_post, settled_community, troubled_community

pytestmark = pytest.mark.browser

EVENING, SIX_HOURS = datetime(2026, 11, 20, 18, 0, tzinfo=UTC), timedelta(hours=6)
IN_TROUBLE = {"": "overview", "/posts": "posts", "/calendar?view=week": "calendar"}
OPEN_TO_ALL = {"login": "/login", "error": "/no-such-page"}


@pytest.fixture(scope="session")
def wiring(house: Installation) -> Iterator[Wiring]:
    """A hand in the house's database and files."""
    wiring = QuickWiring(load_settings(house.environment), role="test")
    yield wiring
    wiring.database.close()


@pytest.fixture(scope="session")
def examples(house: Installation, wiring: Wiring) -> dict[str, object]:
    """Something that exists for each argument of an address, in a house where something has happened."""
    services, shot, png = wiring.services(), booths.photo(), pictures.png()
    booths.shoot(house, "slot-015", qr1="guest-17")
    booths.shoot(house, "slot-015", password="wrong")
    template = services.templates.register(BytesIO(png), len(png), "Frame", "serg")
    upload = Upload("IMG_0003.JPG", BytesIO(shot), len(shot))
    job = services.ingest.submit(services.slots.get("slot-015"), upload, Source.TEST)
    until(lambda: services.jobs.get(job.id).is_finalized, seconds=30, what="the test run ends")
    purge = services.retention.request("serg")
    names = {"slot_id": "slot-015", "job_id": job.id, "template_id": template.id, "purge_id": purge.id}
    event = services.events.create({"name": "Свадьба", "starts_at": EVENING, "ends_at": EVENING + SIX_HOURS}, "serg")
    link = services.share_links.create({"event_id": str(event.id), "expires_in_days": 7}, "serg")
    names |= {"event_id": event.id, "link_id": link.id, "kind": "svg"}
    community = settled_community(wiring, 220_000_001)
    post = planned_post(wiring, community)
    names |= {"community_id": community.id, "album_id": ALBUM.album_id, "post_id": post.id, "position": 0}
    names["upload_id"] = services.post_photos.keep_upload(shot).id
    return {**names, "photo_id": job.id, "size": "grid", "name": "failures", "section": "slots"}


@pytest.fixture(scope="session")
def map_of_pages(wiring: Wiring, examples: dict[str, object]) -> dict[str, str]:
    """Addresses by endpoint, of pages, parts of pages and files."""
    return addresses.readable(create_app(wiring.settings, wiring.services()).url_map, examples)


@pytest.fixture(scope="module")
def in_trouble(wiring: Wiring) -> Iterator[dict[str, str]]:
    """Addresses of pages of a community in which much has gone wrong."""
    community = troubled_community(wiring, 220_000_002)
    yield {f".troubled_{name}": f"/communities/{community.id}{path}" for path, name in IN_TROUBLE.items()}
    wiring.stores.communities.remove(community.id)


@LOOKS
def test_every_page_of_the_administrators(
    signed_in: NewPage,
    map_of_pages: dict[str, str],
    in_trouble: dict[str, str],
    language: str,
    theme: str,
    subtests: pytest.Subtests,
) -> None:
    page = signed_in(**DESK, language=language, color_scheme=theme)
    pages = {name: path for name, path in map_of_pages.items() if _is_page(page.request.get(path), path)} | in_trouble
    assert len(pages) >= 10
    for name, path in pages.items():
        with subtests.test(page=name):
            _visit(page, path)
            examine(page, f"{name.partition('.')[2]}-{language}-{theme}")


@LOOKS
def test_every_page_that_is_open_to_all(
    new_page: NewPage, language: str, theme: str, subtests: pytest.Subtests
) -> None:
    page = new_page(**DESK, language=language, color_scheme=theme)
    for name, path in OPEN_TO_ALL.items():
        with subtests.test(page=name):
            _visit(page, path)
            examine(page, f"{name}-{language}-{theme}")


@LOOKS
def test_a_slot_with_results_and_a_form_with_problems_everywhere(
    signed_in: NewPage, photo: Path, language: str, theme: str
) -> None:
    page = signed_in(**DESK, language=language, color_scheme=theme)
    page.goto("/slots/slot-015")
    page.set_input_files("#test-photo", photo)
    page.click("#test-form button")
    expect(page.locator("#test-run img").first).to_be_visible(timeout=30_000)
    _break_the_form(page)
    examine(page, f"problems-{language}-{theme}")
    page.locator("#slot-form").evaluate("(form) => form.removeAttribute('data-dirty')")


def _visit(page: Page, path: str) -> None:
    """Open the page at a desk, and see what that takes."""
    page.set_viewport_size(DESK)
    luggage = Luggage(page)
    page.goto(path)
    settled(page)
    assert luggage.weight() <= FIRST_LOAD_MAX_BYTES


def _is_page(answer: APIResponse, path: str) -> bool:
    """Not if another page answers in its place, as the first one does for the log-in."""
    is_answered = answer.ok and answer.url.endswith(path)
    return is_answered and addresses.is_page(answer.headers.get("content-type", ""), answer.body())


def _break_the_form(page: Page) -> None:
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
    page.click("#finishing > summary")
    page.fill("[id='output.quality']", "500")
    page.click("#save")
    page.wait_for_selector("[id='output.quality-problem']")
