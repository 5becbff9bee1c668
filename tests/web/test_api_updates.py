"""What changed in communities, as pages and programs ask for it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.vk.community import Community
from app.domain.vk.content import ContentKind
from app.wiring import Wiring
from tests.vk.community import a_community
from tests.web.visitor import Visitor


@pytest.fixture
def community(wiring: Wiring) -> Community:
    return wiring.stores.communities.add(a_community())


def ask(client: FlaskClient, auth: dict[str, str], **body: Any) -> Any:
    answer = client.post("/api/getUpdates", json=body, headers=auth)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_what_changed_is_told_once(
    client: FlaskClient, auth: dict[str, str], community: Community, wiring: Wiring
) -> None:
    wiring.update_tracker.add_updated_project(community.id)
    assert ask(client, auth) == {"updatedProjectIds": [str(community.id)], "isMoreComing": False}
    assert ask(client, auth) == {"updatedProjectIds": [], "isMoreComing": False}


def test_no_body_is_needed(client: FlaskClient, auth: dict[str, str], community: Community, wiring: Wiring) -> None:
    wiring.update_tracker.add_updated_project(community.id)
    answer = client.post("/api/getUpdates", headers=auth)
    assert answer.json["updatedProjectIds"] == [str(community.id)]


def test_one_reader_takes_nothing_from_another(
    client: FlaskClient, auth: dict[str, str], community: Community, wiring: Wiring
) -> None:
    wiring.update_tracker.add_updated_project(community.id)
    for reader in ({}, {"reader": "one"}, {"reader": "other"}):
        assert ask(client, auth, **reader)["updatedProjectIds"] == [str(community.id)]


def test_nor_one_administrator_from_the_other(
    client: FlaskClient, auth: dict[str, str], community: Community, wiring: Wiring
) -> None:
    wiring.update_tracker.add_updated_project(community.id)
    ask(client, auth)
    igors = client.post("/api/login", json={"username": "igor", "password": "igor-secret-1"}).json["access_token"]
    assert ask(client, {"Authorization": f"Bearer {igors}"})["updatedProjectIds"] == [str(community.id)]


def test_a_change_that_is_being_read_is_worth_asking_again_soon(
    client: FlaskClient, auth: dict[str, str], community: Community, wiring: Wiring
) -> None:
    wiring.stores.refreshes.wish(community.id, ContentKind.ALBUMS)
    assert ask(client, auth) == {"updatedProjectIds": [], "isMoreComing": True}


@pytest.mark.parametrize("reader", ["", "a b", "я", "a" * 65, 5, None, ["a"], "a\n"])
def test_a_reader_has_a_plain_name(client: FlaskClient, auth: dict[str, str], reader: object) -> None:
    answer = client.post("/api/getUpdates", json={"reader": reader}, headers=auth)
    assert answer.status_code == 400
    assert answer.json["error"]["details"] == {"pattern": "[A-Za-z0-9_-]{1,64}"}


def test_strangers_are_told_nothing(client: FlaskClient) -> None:
    assert client.post("/api/getUpdates", json={}).status_code == 401


def test_a_session_needs_the_token_of_its_page(app: Flask, client: FlaskClient) -> None:
    visitor = Visitor(client).log_in()
    assert client.post("/api/getUpdates", json={}).status_code == 400
    assert client.post("/api/getUpdates", json={}, headers={"X-CSRFToken": visitor.token}).status_code == 200
