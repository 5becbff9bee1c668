"""What holds for every page: both languages, sound markup, no inline code, light weight."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.errors import DatabaseUnavailable
from app.wiring import Wiring
from tests.support import addresses
from tests.web.inhabited import inhabited
from tests.web.visitor import Page, Visitor

ROOT = Path(__file__).resolve().parents[2]
OPEN_TO_ALL = ("/login", "/no-such-page")
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
NAMES = re.compile(r"Слот \d+|Русский")
"""What is Russian in any language."""
FIRST_LOAD_MAX_BYTES = 150_000


Everything = Callable[[str], dict[str, Page]]


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
def everything(app: Flask, visitor: Visitor, wiring: Wiring) -> Everything:
    """Reads every page in a language, in a house where something has happened."""
    paths = addresses.readable(app.url_map, inhabited(wiring), ("pages",)).values()

    def read(language: str) -> dict[str, Page]:
        visitor.get("/login")
        visitor.post("/language", {"language": language})
        pages = {path: Page(visitor.get(path).text) for path in OPEN_TO_ALL}
        visitor.log_in()
        answers = {path: visitor.get(path) for path in paths}
        return pages | {
            path: Page(answer.text)
            for path, answer in answers.items()
            if answer.status_code == 200 and addresses.is_page(answer.content_type, answer.data)
        }

    return read


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_is_whole_in_both_languages(everything: Everything, language: str) -> None:
    for path, page in everything(language).items():
        assert page.one("html")["lang"] == language, path
        assert len(page.all("h1")) == 1, path
        assert page.all("main", id="main"), path
        assert "PhotoChanger" in page.all("title")[0].text
        russian = RUSSIAN.findall(NAMES.sub("", page.html))
        assert bool(russian) == (language == "ru"), (path, "".join(russian))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_ids_are_unique_and_references_lead_somewhere(everything: Everything, language: str) -> None:
    for path, page in everything(language).items():
        ids = [e["id"] for e in page.elements if e.get("id")]
        assert len(ids) == len(set(ids)), path
        for element in page.elements:
            for name in ("for", "aria-describedby", "aria-labelledby"):
                assert set((element.get(name) or "").split()) <= set(ids), (path, element)


def test_every_control_has_a_name_that_can_be_read_out(everything: Everything) -> None:
    for path, page in everything("ru").items():
        labelled = {e.get("for") for e in page.all("label")}
        wrapped = {id(inner) for label in page.all("label") for inner in label.inside}
        for control in page.elements:
            if control.tag in ("input", "select", "textarea") and control.get("type") != "hidden":
                named = control.get("aria-label") or control.get("aria-hidden") == "true"
                assert named or control.get("id") in labelled or id(control) in wrapped, (path, control)
            if control.tag in ("button", "a"):
                said = control.text + "".join(e.get("alt") or "" for e in control.inside)
                assert said.strip() or control.get("aria-label") or control.get("aria-hidden"), (path, control)


def test_no_page_holds_inline_code_or_style(everything: Everything) -> None:
    for path, page in everything("ru").items():
        assert not page.all("style"), path
        assert all(e.get("src") for e in page.all("script")), path
        for element in page.elements:
            assert not [a for a in element.attributes if a == "style" or a.startswith(("on", "hx-on"))], element
            assert "js:" not in (element.get("hx-vals") or "")


def test_every_page_forbids_it_too(visitor: Visitor) -> None:
    policy = visitor.get("/login").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_first_load_of_any_page_is_light(everything: Everything) -> None:
    for path, page in everything("ru").items():
        linked = [e["src"] for e in page.all("script")] + [e["href"] for e in page.all("link")]
        files = sum((ROOT / link.lstrip("/")).stat().st_size for link in linked if link)
        assert len(page.html.encode()) + files < FIRST_LOAD_MAX_BYTES, path


def test_pages_are_not_kept_by_anybody(visitor: Visitor, everything: Everything) -> None:
    for path in everything("ru"):
        assert visitor.get(path).headers["Cache-Control"] == "no-store", path


def test_an_error_is_a_friendly_page_for_strangers_too(visitor: Visitor) -> None:
    answer = visitor.get("/no-such-page")
    page = Page(answer.text)
    assert answer.status_code == 404
    assert page.one("h1").text == "Такой страницы нет"
    assert page.all("a", href="/")


def test_an_outage_of_the_database_still_gives_a_page(
    visitor: Visitor, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.log_in()

    def refuse(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(wiring.database, "transaction", refuse)
    answer = visitor.get("/")
    assert answer.status_code == 503
    assert Page(answer.text).one("h1").text == "Одну минуту"
