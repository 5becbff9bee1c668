"""Bodies that no program should send: of the wrong shape, with members of wrong types, or with one too many."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.vk.community import Secret
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk
from tests.support.operations import Operation, operations, resolved
from tests.vk.community import a_community
from tests.vk.publishing import new_post
from tests.web.booth import code

Auth = dict[str, str]

NO_OBJECTS = [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"[" * 5000, b'{"a": 1} x', b'{"\\ud800": NaN']
WRONG: list[Any] = [None, True, -1, 0.5, 10**30, "", "x\0", "\ud800", [], [[]], {}, {"x": {"y": None}}]
NOBODY, COMMUNITY, POST = (UUID(int=number) for number in range(3))
IN_PATHS = {
    "slot_id": "slot-001",
    "channel": "telegram",
    "change": "hide",
    "name": "price",
    "album_id": 1,
    "community_id": COMMUNITY,
    "post_id": POST,
}


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture(autouse=True)
def _post_of_a_community(wiring: Wiring) -> None:
    community = wiring.stores.communities.add(replace(a_community(), id=COMMUNITY))
    wiring.stores.secrets.put(owner_of(COMMUNITY), Secret.USER_TOKEN, USER_TOKEN, "serg")
    wiring.stores.system_posts.add(new_post(community, id=POST, due_in=3600))


def test_a_body_that_is_no_object_is_refused(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for operation in with_json():
        for body in NO_OBJECTS:
            with subtests.test(operation=str(operation), body=body[:20]):
                answer = send(client, auth, operation, data=body, content_type="application/json")
                assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_an_object_must_say_that_it_is_json(client: FlaskClient, auth: Auth) -> None:
    for operation in with_json():
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            assert send(client, auth, operation, data=b"{}", content_type=kind).status_code == 400, (operation, kind)


def test_a_body_beyond_a_megabyte_is_too_large(client: FlaskClient, auth: Auth) -> None:
    for operation in with_json():
        body = b'{"x": "%s"}' % (b"x" * (1 << 20))
        answer = send(client, auth, operation, data=body, content_type="application/json")
        assert (answer.status_code, code(answer)) == (413, "payload_too_large"), operation


def test_members_of_wrong_types_are_no_failure(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    """The client of the tests accepts no answer that the contract does not describe, and so no 500."""
    for operation in with_json():
        for name in members(operation):
            for value in WRONG:
                with subtests.test(operation=str(operation), member=name, value=ascii(value)):
                    answer = send(client, auth, operation, json={**example(operation), name: value})
                    # the community's token was changed on the way: VK is asked, and wants another
                    assert answer.status_code < 500 or code(answer) == "vk_refused"


def test_a_member_that_nobody_knows_changes_nothing(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for operation in with_json():
        with subtests.test(operation=str(operation)):
            strict = schema(operation).get("additionalProperties") is False
            answer = send(client, auth, operation, json={**example(operation), "is_admin": True})
            assert (answer.status_code in (400, 422)) == strict, answer.text
            assert "is_admin" in answer.text or not strict


def with_json() -> Iterator[Operation]:
    return (operation for operation in operations() if "application/json" in operation.bodies)


def send(client: FlaskClient, auth: Auth, operation: Operation, **request: Any) -> Any:
    path = re.sub(r"\{(\w+)\}", lambda match: str(IN_PATHS.get(match[1], NOBODY)), operation.path)
    return client.open(path, method=operation.method.upper(), headers=auth, **request)


def example(operation: Operation) -> dict[str, Any]:
    media = operation.bodies["application/json"]
    values = [named["value"] for named in media.get("examples", {}).values()] or [media["example"]]
    return dict(values[-1])


def members(operation: Operation) -> list[str]:
    return list(schema(operation)["properties"])


def schema(operation: Operation) -> dict[str, Any]:
    return resolved(operation.bodies["application/json"]["schema"])
