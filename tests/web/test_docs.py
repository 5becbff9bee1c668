"""The contract is served: the file itself, and a page that leaves out nothing of it."""

import pytest
import yaml
from flask.testing import FlaskClient

from app.web import contract
from tests.support.contract import CONTRACT, document
from tests.web.visitor import Page


@pytest.fixture
def page(client: FlaskClient) -> Page:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    return Page(answer.text)


def test_the_file_is_the_one_that_the_tests_hold_everything_to(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.yaml")
    assert answer.mimetype == "application/yaml"
    assert answer.data == CONTRACT.read_bytes()
    assert yaml.safe_load(answer.data)["openapi"].startswith("3.1")


def test_every_operation_is_on_the_page_once(page: Page) -> None:
    said = [" ".join(e.text.split()) for e in page.all("summary")]
    for path, item in contract.read()["paths"].items():
        for method in {"get", "put", "post", "delete", "head"} & set(item):
            assert said.count(f"{method.upper()} {path} {item[method]['summary']}") == 1


def test_every_schema_code_and_status_is_on_the_page(page: Page) -> None:
    ids = {e["id"] for e in page.elements if e.get("id")}
    assert {f"schema-{name}" for name in document()["components"]["schemas"]} <= ids
    told = {e.text for e in page.all("code")}
    shared = {"headers_too_large", "internal_error", "method_not_allowed", "not_implemented", "server_error"}
    for code in set(document()["components"]["schemas"]["ErrorCode"]["enum"]) - shared:
        assert code in told, code


def test_examples_and_limits_are_on_the_page(page: Page) -> None:
    assert any('"code": "sync_timeout"' in e.text for e in page.all("pre"))
    assert any('"effect": "film_warm"' in e.text for e in page.all("pre"))
    assert "45 to 60" in page.text


def test_links_lead_somewhere_and_ids_are_unique(page: Page) -> None:
    ids = [e["id"] for e in page.elements if e.get("id")]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        href = link["href"] or ""
        assert href in ("/", "/api/openapi.yaml") or href.removeprefix("#") in ids, href


def test_the_page_needs_neither_scripts_nor_a_session(client: FlaskClient, page: Page) -> None:
    assert not page.all("script")
    assert not [e for e in page.elements if e.get("style") or e.tag == "style"]
    assert "Set-Cookie" not in client.get("/api/docs").headers


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
        ({"$ref": "#/components/schemas/Slot"}, '<a href="#schema-Slot">Slot</a>'),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": ["string", "null"], "format": "date-time"}, "string or null (date-time)"),
        ({"enum": ["a", None]}, "<code>&#34;a&#34;</code> or <code>null</code>"),
        ({}, "any"),
    ],
)
def test_kinds_are_said_in_words(schema: contract.Node, said: str) -> None:
    assert contract.kind(schema) == said
