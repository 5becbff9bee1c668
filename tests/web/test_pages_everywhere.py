"""What holds for every page: both languages, sound markup, no inline code, light weight."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.domain.errors import DatabaseUnavailable
from app.wiring import Wiring
from tests import pictures
from tests.web.playing_the_worker import finished
from tests.web.visitor import Page, Visitor

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["/", "/slots/slot-001", "/settings", "/no-such-page"]
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
FIRST_LOAD_MAX_BYTES = 150_000


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


def everything(visitor: Visitor, language: str, wiring: Wiring) -> dict[str, Page]:
    """Every page in a language, with a result on it."""
    finished(wiring, pictures.jpeg(64, 48))
    visitor.get("/login")
    visitor.post("/language", {"language": language})
    pages = {path: Page(visitor.get(path).text) for path in ("/login", "/no-such-page")}
    visitor.log_in()
    return pages | {path: Page(visitor.get(path).text) for path in PAGES}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_is_whole_in_both_languages(visitor: Visitor, wiring: Wiring, language: str) -> None:
    for path, page in everything(visitor, language, wiring).items():
        assert page.one("html")["lang"] == language, path
        assert len(page.all("h1")) == 1, path
        assert page.all("main", id="main"), path
        assert "PhotoChanger" in page.one("title").text
        heading = page.one("h1").text
        assert bool(RUSSIAN.search(heading)) == (language == "ru") or path in ("/login", "/slots/slot-001")


def test_english_pages_hold_no_russian_but_names(visitor: Visitor, wiring: Wiring) -> None:
    for path, page in everything(visitor, "en", wiring).items():
        text = re.sub(r"Слот \d+|Русский", "", page.html)
        assert not RUSSIAN.search(text), (path, RUSSIAN.findall(text))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_ids_are_unique_and_references_lead_somewhere(visitor: Visitor, wiring: Wiring, language: str) -> None:
    for path, page in everything(visitor, language, wiring).items():
        ids = [e["id"] for e in page.elements if e.get("id")]
        assert len(ids) == len(set(ids)), path
        for element in page.elements:
            for name in ("for", "aria-describedby", "aria-labelledby"):
                assert set((element.get(name) or "").split()) <= set(ids), (path, element)


def test_every_control_has_a_name_that_can_be_read_out(visitor: Visitor, wiring: Wiring) -> None:
    for path, page in everything(visitor, "ru", wiring).items():
        labelled = {e.get("for") for e in page.all("label")}
        wrapped = {id(inner) for label in page.all("label") for inner in label.inside}
        for control in page.elements:
            if control.tag in ("input", "select", "textarea") and control.get("type") != "hidden":
                hidden = control.get("aria-hidden") == "true"
                assert hidden or control.get("id") in labelled or id(control) in wrapped, (path, control)
            if control.tag in ("button", "a"):
                said = control.text + "".join(e.get("alt") or "" for e in control.inside)
                assert said.strip() or control.get("aria-label") or control.get("aria-hidden"), (path, control)


def test_no_page_holds_inline_code_or_style(visitor: Visitor, wiring: Wiring) -> None:
    for path, page in everything(visitor, "ru", wiring).items():
        assert not page.all("style"), path
        assert all(e.get("src") for e in page.all("script")), path
        for element in page.elements:
            assert not [a for a in element.attributes if a == "style" or a.startswith(("on", "hx-on"))], element
            assert "js:" not in (element.get("hx-vals") or "")


def test_every_page_forbids_it_too(visitor: Visitor) -> None:
    policy = visitor.get("/login").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_first_load_of_any_page_is_light(visitor: Visitor, wiring: Wiring) -> None:
    for path, page in everything(visitor, "ru", wiring).items():
        linked = [e["src"] for e in page.all("script")] + [e["href"] for e in page.all("link")]
        files = sum((ROOT / link.lstrip("/")).stat().st_size for link in linked if link)
        assert len(page.html.encode()) + files < FIRST_LOAD_MAX_BYTES, path


def test_pages_are_not_kept_by_anybody(visitor: Visitor) -> None:
    visitor.log_in()
    for path in PAGES:
        assert visitor.get(path).headers["Cache-Control"] == "no-store"


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
