"""The frame of every page: where one is, where one can go, and which version this is."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app as photochanger
from tests.web.visitor import Page, Visitor

ROOT = Path(__file__).resolve().parents[2]


def sections(page: Page) -> list[tuple[str, str | None, str | None]]:
    [nav] = [e for e in page.all("nav") if e.get("class") == "nav sections"]
    return [(e.text, e["href"], e.get("aria-current")) for e in nav.inside if e.tag == "a"]


def test_every_section_is_one_click_away(visitor: Visitor) -> None:
    assert sections(visitor.page("/")) == [
        ("Слоты", "/", "page"),
        ("Галерея", "/gallery", None),
        ("Сообщества", "/communities", None),
        ("Статистика", "/stats", None),
        ("Журнал", "/jobs", None),
        ("Настройки", "/settings", None),
    ]


@pytest.mark.parametrize(
    ("path", "section", "current"),
    [
        ("/gallery", "/gallery", "page"),
        ("/gallery/events", "/gallery", "true"),
        ("/stats", "/stats", "page"),
        ("/jobs?slot=slot-003", "/jobs", "page"),
        ("/settings", "/settings", "page"),
        ("/slots/slot-001", "/", "true"),
        ("/slots/slot-001/requests", "/", "true"),
        ("/guide", "/", "true"),
        ("/changes", "/settings", "true"),
    ],
)
def test_the_section_that_a_page_belongs_to_is_marked(visitor: Visitor, path: str, section: str, current: str) -> None:
    marked = [(href, mark) for _, href, mark in sections(visitor.page(path)) if mark]
    assert marked == [(section, current)]


def test_going_out_is_a_form(visitor: Visitor) -> None:
    form = visitor.page("/").one("form", action="/logout")
    assert form["method"] == "post"


def test_the_version_is_the_contracts_and_strangers_are_not_told(visitor: Visitor, client: FlaskClient) -> None:
    contract = (ROOT / "contracts" / "openapi.yaml").read_text()
    assert re.search(rf"^  version: {re.escape(photochanger.__version__)}$", contract, re.MULTILINE)
    assert f"PhotoChanger {photochanger.__version__}" in visitor.page("/").one("footer").text
    visitor.post("/logout", {})
    assert photochanger.__version__ not in client.get("/login").text
