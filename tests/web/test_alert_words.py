"""Every alert is said in both languages, the same on pages and in messages."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.catalogue import load_catalogue
from app.domain.alerts import Alert, AlertKind, Lack, Trouble
from app.domain.reactions import REACTIONS
from app.ports.alerts import Event, Notice
from app.web.alert_words import TelegramWords

CATALOGUE = load_catalogue(Path(__file__).resolve().parents[2] / "configs" / "providers.json")
ALERTING: list[AlertKind] = [*Lack, *Trouble, *sorted(kind for kind, reaction in REACTIONS.items() if reaction.alerts)]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def story(alert: Alert, language: str) -> str:
    """The line that says what is wrong."""
    notice = Notice(Event.RAISED, datetime(2026, 11, 21, tzinfo=UTC), alert)
    return TelegramWords(CATALOGUE, None).text(notice, language).splitlines()[1]


@pytest.mark.parametrize("provider", ["", "gemini"], ids=["nobody's", "gemini's"])
@pytest.mark.parametrize("kind", ALERTING, ids=str)
def test_every_kind_has_its_sentence(kind: AlertKind, provider: str) -> None:
    russian, english = (story(Alert(kind, provider), language) for language in ("ru", "en"))
    assert len(CYRILLIC.findall(russian)) > 10
    assert not CYRILLIC.search(english)
    assert len(english) > 10


@pytest.mark.parametrize("kind", [Trouble.BUDGET_SPENT, Trouble.BUDGET_LOW], ids=str)
def test_a_providers_budget_is_raised_elsewhere_than_a_slots(kind: Trouble) -> None:
    assert story(Alert(kind, "gemini"), "en").endswith("Raise it in the settings.")
    assert story(Alert(kind), "en").endswith("Raise it in the slot.")


@pytest.mark.parametrize("provider", ["", "gemini"], ids=["a slot's", "gemini's"])
def test_a_message_says_of_which_midnight_it_speaks(provider: str) -> None:
    assert "until 00:00 UTC" in story(Alert(Trouble.BUDGET_SPENT, provider), "en")
