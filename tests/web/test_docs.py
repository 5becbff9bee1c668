"""The contract is served: the file itself, and pages that leave out nothing of it."""

import pytest
import yaml
from flask.testing import FlaskClient

from app.web import contract
from tests.support.contract import CONTRACT, document
from tests.web.visitor import Page

FIRST_LOAD_MAX_BYTES = 150_000
SECTIONS = [*(contract.section_of(tag["name"]) for tag in contract.read()["tags"]), "schemas"]


@pytest.fixture
def first(client: FlaskClient) -> Page:
    """The page to begin with."""
    return _read(client, "/api/docs")


@pytest.fixture
def sections(client: FlaskClient) -> dict[str, Page]:
    """All others, by address."""
    return {f"/api/docs/{name}": _read(client, f"/api/docs/{name}") for name in SECTIONS}


def _read(client: FlaskClient, path: str) -> Page:
    answer = client.get(path)
    assert answer.status_code == 200
    return Page(answer.text)


def test_the_file_is_the_one_that_the_tests_hold_everything_to(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.yaml")
    assert answer.mimetype == "application/yaml"
    assert answer.data == CONTRACT.read_bytes()
    assert yaml.safe_load(answer.data)["openapi"].startswith("3.1")


def test_every_operation_can_be_jumped_to_and_is_told_once(first: Page, sections: dict[str, Page]) -> None:
    links = {" ".join(link.text.split()): link["href"] or "" for link in first.all("a")}
    headings = [" ".join(e.text.split()) for page in sections.values() for e in page.all("h2")]
    for path, item in contract.read()["paths"].items():
        for method in {"get", "put", "post", "patch", "delete", "head"} & set(item):
            name = f"{method.upper()} {path}"
            address, _, anchor = links[f"{name} {item[method]['summary']}"].partition("#")
            assert sections[address].one("article", id=anchor)
            assert headings.count(name) == 1


def test_every_schema_code_and_status_is_told(sections: dict[str, Page]) -> None:
    ids = {e["id"] for e in sections["/api/docs/schemas"].elements if e.get("id")}
    assert {f"schema-{name}" for name in document()["components"]["schemas"]} <= ids
    told = {e.text for page in sections.values() for e in page.all("code")}
    shared = {"headers_too_large", "internal_error", "method_not_allowed", "not_implemented", "server_error"}
    for code in set(document()["components"]["schemas"]["ErrorCode"]["enum"]) - shared:
        assert code in told, code


def test_the_list_of_sections_is_not_the_bar_of_the_administrators_pages(first: Page) -> None:
    assert first.all(class_="sections") == [], "on a phone that one is fixed to the bottom and has room for four"
    assert len(first.one("nav", aria_label="Sections").inside) > 10


def test_examples_and_limits_are_told(sections: dict[str, Page]) -> None:
    examples = [e.text for page in sections.values() for e in page.all("pre")]
    assert any('"code": "sync_timeout"' in text for text in examples)
    assert any('"effect": "film_warm"' in text for text in examples)
    assert "45 to 60" in sections["/api/docs/settings"].text


def test_links_lead_somewhere_and_ids_are_unique(first: Page, sections: dict[str, Page]) -> None:
    pages = {"/api/docs": first, **sections}
    ids = {path: [e["id"] for e in page.elements if e.get("id")] for path, page in pages.items()}
    assert all(len(found) == len(set(found)) for found in ids.values())
    for path, page in pages.items():
        for link in page.all("a"):
            address, _, anchor = (link["href"] or "").partition("#")
            assert address in ("", "/", "/api/openapi.yaml", *pages), (path, address)
            assert not anchor or anchor in ids[address or path], (path, anchor)


def test_pages_need_neither_scripts_nor_a_session(client: FlaskClient, sections: dict[str, Page]) -> None:
    for page in sections.values():
        assert not page.all("script")
    assert "Set-Cookie" not in client.get("/api/docs").headers


def test_pages_are_light(first: Page, sections: dict[str, Page]) -> None:
    shared = sum((CONTRACT.parents[1] / "static" / name).stat().st_size for name in ("app.css", "docs.css", "docs.js"))
    for page in (first, *sections.values()):
        assert len(page.html.encode()) + shared < FIRST_LOAD_MAX_BYTES, page.one("title").text


def test_the_contract_knows_its_own_sections() -> None:
    [section] = document()["paths"]["/api/docs/{section}"]["get"]["parameters"]
    assert section["schema"]["enum"] == SECTIONS


def test_a_section_that_is_none_is_not_found(client: FlaskClient) -> None:
    for name in ("nothing", "Slots", "schema"):
        assert client.get(f"/api/docs/{name}").status_code == 404


def test_descriptions_are_escaped_before_they_are_marked_up() -> None:
    assert contract.prose("a `<b>` **c**\n\nd") == "<p>a <code>&lt;b&gt;</code> <strong>c</strong></p><p>d</p>"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 80}, "1 to 80"),
        ({"type": "string", "minLength": 1, "maxLength": 80}, "1 to 80 characters"),
        ({"type": "string", "maxLength": 80}, "at most 80 characters"),
        ({"type": "integer", "minimum": 0}, "at least 0"),
        ({"type": "integer", "minimum": 1, "default": 50}, "at least 1, 50 if missing"),
        ({"type": "boolean"}, ""),
    ],
)
def test_limits_are_said_in_words(schema: contract.Node, said: str) -> None:
    assert contract.limits(schema) == said


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "#/components/schemas/Slot"}, '<a href="/api/docs/schemas#schema-Slot">Slot</a>'),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": ["string", "null"], "format": "date-time"}, "string or null (date-time)"),
        ({"enum": ["a", None]}, "<code>&#34;a&#34;</code> or <code>null</code>"),
        ({}, "any"),
    ],
)
def test_kinds_are_said_in_words(schema: contract.Node, said: str) -> None:
    assert contract.kind(schema) == said
