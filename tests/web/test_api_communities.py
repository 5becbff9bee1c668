"""Communities by the API: programs connect, examine and disconnect them, and never read a secret."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, SCREEN_NAME, USER_TOKEN, FakeVk
from tests.support.fakes.vk.troubles import refuses

PATH = "/api/communities"
WANTED = {"link": f"vk.com/{SCREEN_NAME}", "user_token": USER_TOKEN, "community_token": COMMUNITY_TOKEN}


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url, "PUBLIC_BASE_URL": "https://photos.example.org"}


@pytest.fixture
def added(client: FlaskClient, auth: dict[str, str]) -> str:
    """The path of a community that was connected."""
    answer = client.post(PATH, json=WANTED, headers=auth)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json['id']}"


def code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def test_one_is_connected_and_listed_without_its_secrets(client: FlaskClient, auth: dict[str, str], added: str) -> None:
    listed = client.get(PATH, headers=auth).json
    whole = client.get(added, headers=auth)
    assert [(item["group_id"], item["name"]) for item in listed["items"]] == [(GROUP_ID, "Фотобудка")]
    assert whole.json["user_token"]["is_set"]
    assert not whole.json["callback_secret"]["is_set"]
    assert USER_TOKEN not in whole.text
    assert client.get(added, headers={**auth, "If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_it_cannot_be_connected_twice(client: FlaskClient, auth: dict[str, str], added: str) -> None:
    assert code(client.post(PATH, json=WANTED, headers=auth)) == (409, "community_exists")


def test_what_is_wrong_is_told_by_field(client: FlaskClient, auth: dict[str, str]) -> None:
    answer = client.post(PATH, json={"link": "https://example.org"}, headers=auth)
    assert code(answer) == (422, "invalid_settings")
    assert answer.json["error"]["details"]["fields"] == {"link": {"code": "bad_link"}}


def test_a_vk_that_fails_is_told_apart(client: FlaskClient, auth: dict[str, str], vk: FakeVk) -> None:
    vk.always(refuses(14))
    assert code(client.post(PATH, json=WANTED, headers=auth)) == (502, "vk_refused")


def test_it_is_changed_by_what_is_named(client: FlaskClient, auth: dict[str, str], added: str) -> None:
    changed = client.put(added, json={"late_policy": "ask", "community_token": None}, headers=auth).json
    assert (changed["late_policy"], changed["community_token"]["is_set"], changed["version"]) == ("ask", False, 2)


def test_its_tokens_are_examined(client: FlaskClient, auth: dict[str, str], added: str, vk: FakeVk) -> None:
    assert client.post(f"{added}/check", headers=auth).json["can_publish"] is True
    vk.revoke(USER_TOKEN)
    checked = client.post(f"{added}/check", headers=auth).json
    assert checked["can_publish"] is False
    assert [finding["code"] for finding in checked["user_token"]["findings"]] == ["refused"]


def test_callback_is_set_up(client: FlaskClient, auth: dict[str, str], added: str, vk: FakeVk) -> None:
    assert client.get(f"{added}/callback", headers=auth).json["trouble"] == "not_set_up"
    assert client.post(f"{added}/callback", headers=auth).json["trouble"] == "waiting"
    vk.world.servers.of(GROUP_ID)[0].status = "ok"
    state = client.get(f"{added}/callback", headers=auth).json
    assert state == {"works": True, "url": "https://photos.example.org/api/callback", "trouble": None, "details": {}}


def test_vk_confirms_what_was_set_up(client: FlaskClient, auth: dict[str, str], added: str, vk: FakeVk) -> None:
    """The code that VK is answered with is the one that was fetched."""
    client.post(f"{added}/callback", headers=auth)
    answer = client.post("/api/callback", json={"type": "confirmation", "group_id": GROUP_ID})
    assert answer.text == vk.world.groups[GROUP_ID].confirmation_code


def test_it_is_disconnected_with_its_callback_server(
    client: FlaskClient, auth: dict[str, str], added: str, vk: FakeVk
) -> None:
    client.post(f"{added}/callback", headers=auth)
    assert client.delete(added, headers=auth).status_code == 204
    assert vk.world.servers.of(GROUP_ID) == []
    assert code(client.get(added, headers=auth)) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/check")])
def test_one_that_is_not_there(client: FlaskClient, auth: dict[str, str], method: str, path: str) -> None:
    answer = client.open(f"{PATH}/{uuid4()}{path}", method=method, headers=auth, json={} if method == "PUT" else None)
    assert code(answer) == (404, "not_found")
