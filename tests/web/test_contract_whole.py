"""No operation of the contract leaves out what its users must know: examples, refusals, pages, ETags."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.web import contract, errors
from app.wiring import Wiring
from tests.support.operations import UNSAFE, Operation, operations, resolved
from tests.vk.community import a_community
from tests.web.booth import code, details

Auth = dict[str, str]
ANYWHERE = {"headers_too_large", "internal_error", "method_not_allowed", "not_implemented", "server_error"}
"""Codes that the description names for every path."""


def collections() -> list[Operation]:
    """What answers a page of something."""
    return [o for o in operations() if o.method == "get" and "items" in _members(o)]


@pytest.mark.parametrize("operation", list(operations()), ids=str)
def test_every_operation_shows_what_it_takes_and_answers(operation: Operation) -> None:
    answers = operation.about["responses"].items()
    media = [*operation.bodies.values()] + [
        shape for _, answer in answers for kind, shape in answer.get("content", {}).items() if kind.endswith("json")
    ]
    assert [shape for shape in media if not _has_example(shape)] == []


def test_every_operation_but_the_two_names_of_one_has_an_id_of_its_own() -> None:
    ids = [o.about["operationId"] for o in operations() if not o.path.endswith("/ingest/{slot_id}")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("operation", [o for o in operations() if o.needs_sign_in], ids=str)
def test_whoever_needs_a_sign_in_learns_how_it_may_fail(operation: Operation) -> None:
    assert operation.codes(401) == {"not_authenticated"}
    assert "queue_unavailable" in operation.codes(503)
    if operation.method in UNSAFE:
        assert "invalid_request" in operation.codes(400), "without a CSRF token"
        assert operation.codes(403) == {"insufficient_scope"}


@pytest.mark.parametrize("operation", [o for o in operations() if o.bodies], ids=str)
def test_every_body_may_be_too_large_or_wrong(operation: Operation) -> None:
    assert "payload_too_large" in operation.codes(413)
    assert "invalid_request" in operation.codes(400)


def test_every_code_is_said_where_it_is_answered() -> None:
    answered = {reason.value: status for reason, status in errors.STATUS.items()}
    answered |= {code: status for status, code in errors.HTTP_CODES.items() if code not in answered}
    for name, status in answered.items():
        assert name in ANYWHERE or any(name in o.codes(status) for o in operations()), (name, status)
    told = contract.read()["info"]["description"]
    assert all(code in told for code in ANYWHERE - {"server_error"})


def test_collections_have_pages() -> None:
    assert len(collections()) >= 9
    for operation in collections():
        schema = operation.about["responses"]["200"]["content"]["application/json"]["schema"]
        assert {"items", "total", "page", "page_size"} <= set(resolved(schema)["required"]), operation
        size = operation.limits["page_size"]
        assert (size["maximum"], size["default"]) == (200, 50), operation


@pytest.fixture
def community(wiring: Wiring) -> UUID:
    """One of which VK was asked, and has nothing."""
    made = wiring.stores.communities.add(a_community()).id
    wiring.stores.vk_cache.replace_albums(made, [])
    wiring.stores.vk_cache.replace_photos(made, 1, [])
    return made


def addressed(operation: Operation, community: UUID) -> str:
    return operation.path.format(slot_id="slot-001", community_id=community, album_id=1)


def test_pages_are_given_as_asked_for(
    client: FlaskClient, auth: Auth, community: UUID, subtests: pytest.Subtests
) -> None:
    for operation in collections():
        path = addressed(operation, community)
        with subtests.test(path=path):
            far = client.get(f"{path}?page=40&page_size=200&unknown=1", headers=auth).json
            assert (far["items"], far["page"], far["page_size"]) == ([], 40, 200)
            usual = client.get(path, headers=auth).json
            assert (usual["page"], usual["page_size"]) == (1, 50)
            assert client.get(f"{path}?page_size=1", headers=auth).json["items"] == usual["items"][:1]


def test_a_page_that_is_none_is_refused_with_what_is_allowed(
    client: FlaskClient, auth: Auth, community: UUID, subtests: pytest.Subtests
) -> None:
    for operation in collections():
        path = addressed(operation, community)
        for name, limit in operation.limits.items():
            allowed = {"parameters": {name: {"minimum": 1, "maximum": limit["maximum"]}}}
            for value in ("0", "-1", "", "x", "1.5", "%D9%A3", "1e1", "9" * 30, limit["maximum"] + 1):
                with subtests.test(path=path, name=name, value=value):
                    answer = client.get(f"{path}?{name}={value}", headers=auth)
                    assert (answer.status_code, code(answer), details(answer)) == (400, "invalid_request", allowed)


def _members(operation: Operation) -> set[str]:
    content = operation.about["responses"].get("200", {}).get("content", {})
    return set(resolved(content.get("application/json", {}).get("schema", {})).get("properties", {}))


def _has_example(shape: dict[str, Any]) -> bool:
    return bool(shape.get("examples")) or "example" in shape or _is_exemplary(shape.get("schema", {}))


def _is_exemplary(schema: dict[str, Any]) -> bool:
    whole = resolved(schema)
    return "example" in whole or any(map(_is_exemplary, whole.get("allOf", [])))
