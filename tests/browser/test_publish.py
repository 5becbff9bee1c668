"""Selected photos on their way to VK, in a browser."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.gallery_page import HERE, box
from tests.browser.inspection import LOOKS, examine
from tests.support.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture
def community(house: Installation) -> Iterator[UUID]:
    """Without a token: nobody asks VK anything."""
    community_id = uuid4()
    house.ledger.ask("INSERT INTO community (id, group_id, name) VALUES (:id, 7, 'Фотобудка')", id=community_id)
    house.ledger.ask(
        "INSERT INTO album (community_id, album_id, owner_id, title, size) VALUES (:id, 300, -7, 'Свадьба', 214)",
        id=community_id,
    )
    yield community_id
    house.ledger.ask("DELETE FROM community WHERE id = :id", id=community_id)


@LOOKS
def test_at_a_desk_and_on_a_phone(
    signed_in: NewPage, community: UUID, ids: list[UUID], language: str, theme: str
) -> None:
    page = signed_in(language=language, color_scheme=theme)
    page.goto(HERE)
    for photo_id in (ids[0], ids[2]):
        box(page, photo_id).check()
    page.click("#bar-publish")
    expect(page.locator(".chosen-photos li")).to_have_count(2)
    examine(page, f"publish-{language}-{theme}")
