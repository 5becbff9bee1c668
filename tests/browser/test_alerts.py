"""Alerts in a real browser: they come by themselves, disturb nobody, and can be read everywhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.inspection import LOOKS, examine
from tests.support.installation import Installation

pytestmark = pytest.mark.browser

FOR_THE_POLL = 15_000


ASK_GEMINI = "UPDATE slot SET provider = 'gemini', settings_json = '{}' WHERE id = 'slot-014'"
ASK_AS_BEFORE = (
    "UPDATE slot SET provider = 'local', settings_json = (SELECT settings_json FROM slot WHERE id = 'slot-013')"
    " WHERE id = 'slot-014'"
)
"""The slot that no other test uses; Gemini has no key here."""


@pytest.fixture
def restored(house: Installation) -> Iterator[None]:
    yield
    house.ledger.ask(ASK_AS_BEFORE)


@pytest.fixture
def without_key(house: Installation, restored: None) -> Iterator[None]:
    """A slot asks a provider that has no key and is said to have lost a model."""
    house.ledger.ask(ASK_GEMINI)
    house.ledger.ask(
        "INSERT INTO provider_state (provider, model, open_until, alert_kind, alert_message, alert_since)"
        " VALUES ('gemini', 'gemini-2.5-flash-image', now() + interval '1 hour', 'model_gone',"
        " 'Status 404: models/gemini-2.5-flash-image is not found.', now())"
    )
    yield
    house.ledger.ask("DELETE FROM provider_state")


@pytest.mark.usefixtures("restored")
def test_they_come_and_go_by_themselves_and_leave_the_focus_alone(page: Page, house: Installation) -> None:
    page.goto("/settings")
    page.focus("#sync_response_seconds")
    house.ledger.ask(ASK_GEMINI)
    expect(page.locator("#alerts li")).to_have_count(1, timeout=FOR_THE_POLL)
    expect(page.locator("#sync_response_seconds")).to_be_focused()
    house.ledger.ask(ASK_AS_BEFORE)
    expect(page.locator("#alerts li")).to_have_count(0, timeout=FOR_THE_POLL)


@pytest.mark.usefixtures("without_key")
@LOOKS
def test_they_fit_and_can_be_read(signed_in: NewPage, language: str, theme: str) -> None:
    page = signed_in(language=language, color_scheme=theme)
    for name, path in {"slots": "/", "slot": "/slots/slot-014"}.items():
        page.goto(path)
        expect(page.locator("#alerts li")).to_have_count(2)
        examine(page, f"alerts-{name}-{language}-{theme}")
