"""The contract and the application say the same, and the test client would notice if they did not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.domain.errors import Reason
from app.web import channel, errors
from tests.support.contract import ContractClient, document

METHODS = {"get", "put", "post", "delete", "patch"}


def test_the_contract_is_valid_openapi() -> None:
    validate(document())


def test_every_route_is_in_the_contract_and_nothing_else(app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(errors.MACHINE_PATHS)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, item in _paths() for method in METHODS & set(item)}


def test_the_contract_lists_every_code_that_can_be_answered() -> None:
    codes = {reason.value for reason in errors.STATUS} | {*errors.HTTP_CODES.values(), "internal_error"}
    codes |= {*channel.ERROR_CODES.values(), "server_error"}
    assert set(document()["components"]["schemas"]["ErrorCode"]["enum"]) == codes


def test_every_reason_but_that_of_a_cancelled_job_has_a_status() -> None:
    """A booth whose job was cancelled is told provider_error."""
    assert set(Reason) - set(errors.STATUS) == {Reason.CANCELLED}


def test_codes_stand_under_the_status_that_they_are_answered_with() -> None:
    answered = {reason.value: status for reason, status in errors.STATUS.items()}
    answered |= {code: status for status, code in errors.HTTP_CODES.items() if code not in answered}
    for path, item in _paths():
        for method in METHODS & set(item):
            for status, response in item[method]["responses"].items():
                for code in _codes(_resolved(response)):
                    assert answered[code] == int(status), (method, path, code)


def test_every_operation_says_who_may_use_it_and_what_it_does() -> None:
    for path, item in _paths():
        for method in METHODS & set(item):
            operation = item[method]
            assert operation["summary"], (path, method)
            assert operation["tags"], (path, method)
            assert ("401" in operation["responses"]) == (operation.get("security") != [] or _checks_password(path))


def test_every_example_is_what_its_schema_says() -> None:
    examples = list(_examples(document(), ()))
    assert len(examples) > 30
    for place, schema, example in examples:
        validator = Draft202012Validator({**schema, "components": document()["components"]})
        problems = [error.message for error in validator.iter_errors(example)]
        assert not problems, (place, problems)


SLOT = {
    "id": "slot-001",
    "name": "Entrance",
    "provider": "local",
    "operation": "image_edit",
    "settings": {},
    "fallbacks": [],
    "output": {"format": "jpeg", "quality": 90, "max_side": None},
    "policy": {"content_blocked": "stop"},
    "keeping": {"originals": False},
    "publishing": {"album": "none"},
    "is_active": True,
    "version": 1,
    "updated_by": None,
    "updated_at": "2026-11-20T17:45:12+00:00",
    "ingest_url": "http://localhost/ingest/slot-001",
}


def _error(code: str, **rest: Any) -> str:
    return json.dumps({"error": {"code": code, "message": "No.", "details": {}, **rest}})


def test_the_client_accepts_what_is_documented() -> None:
    answered = _answering(Response(json.dumps(SLOT), 200, {"ETag": '"1"'}, "application/json"))
    assert answered.get("/api/slots/slot-001").status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        Response(json.dumps({**SLOT, "extra": 1}), 200, {"ETag": '"1"'}, "application/json"),
        Response(json.dumps({**SLOT, "version": "1"}), 200, {"ETag": '"1"'}, "application/json"),
        Response(json.dumps({**SLOT, "updated_at": "yesterday"}), 200, {"ETag": '"1"'}, "application/json"),
        Response(json.dumps({"id": "slot-001"}), 200, {"ETag": '"1"'}, "application/json"),
        Response(json.dumps(SLOT), 200, {}, "application/json"),
        Response(json.dumps(SLOT), 200, {"ETag": '"one"'}, "application/json"),
        Response(json.dumps(SLOT), 200, {"ETag": '"1"'}, "text/html"),
        Response(json.dumps(SLOT), 201, {"ETag": '"1"'}, "application/json"),
        Response(_error("not_found"), 404, {}, "application/json"),
        Response(_error("slot_not_found", hint="?"), 404, {}, "application/json"),
        Response(_error("queue_unavailable"), 503, {}, "application/json"),
        Response(_error("internal_error"), 500, {}, "application/json"),
    ],
    ids=[
        "unknown member",
        "wrong type",
        "no time",
        "missing members",
        "missing header",
        "malformed header",
        "wrong media type",
        "undocumented status",
        "code of another path",
        "error with an unknown member",
        "no Retry-After",
        "internal error",
    ],
)
def test_the_client_refuses_what_is_not(answer: Response) -> None:
    with pytest.raises(AssertionError, match="not in the contract"):
        _answering(answer).get("/api/slots/slot-001")


def _answering(answer: Response) -> ContractClient:
    app = Flask("stand-in")
    app.add_url_rule("/api/slots/<slot_id>", view_func=lambda slot_id: answer)
    return ContractClient(app, app.response_class)


def _paths() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        name = item.get("$ref", "").rpartition("/")[2]
        yield path, document()["components"]["pathItems"][name] if name else item


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    return document()["components"]["responses"][name] if name else response


def _codes(response: dict[str, Any]) -> Iterator[str]:
    for media in response.get("content", {}).values():
        for part in media.get("schema", {}).get("allOf", []):
            code = part.get("properties", {}).get("error", {}).get("properties", {}).get("code", {})
            yield from code.get("enum", [code["const"]] if "const" in code else [])


def _checks_password(path: str) -> bool:
    return path.endswith(("/login", "/ingest/{slot_id}"))


def _examples(node: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any], Any]]:
    if isinstance(node, list):
        for number, child in enumerate(node):
            yield from _examples(child, (*place, str(number)))
    if not isinstance(node, dict):
        return
    schema = node if place[:2] == ("components", "schemas") else node.get("schema")
    if schema is not None and "example" in node:
        yield place, schema, node["example"]
    for name, example in node.get("examples", {}).items():
        yield (*place, name), node["schema"], example["value"]
    for name, child in node.items():
        if name not in ("example", "examples"):
            yield from _examples(child, (*place, name))
