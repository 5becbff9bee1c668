"""Bearer tokens through the API: what one may do, how it is issued, and how it ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.release import set_password
from app.wiring import Wiring
from tests.support.addresses import unsafe
from tests.support.ledger import Ledger
from tests.web.booth import code, details, shoot
from tests.web.visitor import Visitor

Auth = dict[str, str]
OPEN_DOORS = ("/ingest/", "/api/ingest/", "/api/login", "/api/callback")
WANTED = {"name": "Night upload", "scope": "read", "expires_in_days": 30}


def issued(client: FlaskClient, auth: Auth, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/tokens", headers=auth, json={**WANTED, **changes})
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json
    return token


def bearing(token: dict[str, Any]) -> Auth:
    return {"Authorization": f"Bearer {token['access_token']}"}


def names(client: FlaskClient, auth: Auth) -> list[str]:
    return [token["name"] for token in client.get("/api/tokens", headers=auth).json["items"]]


def test_a_token_is_listed_without_its_secret(client: FlaskClient, auth: Auth) -> None:
    token = issued(client, auth)
    answer = client.get("/api/tokens", headers=auth)
    assert names(client, auth) == ["Night upload", "POST /api/login"]
    listed = answer.json["items"][0]
    assert listed == {name: value for name, value in token.items() if name != "access_token"}
    assert (listed["scope"], listed["username"], listed["last_used_at"]) == ("read", "serg", None)
    assert token["access_token"] not in answer.text


def test_its_last_use_is_shown(client: FlaskClient, auth: Auth) -> None:
    client.get("/api/slots", headers=bearing(issued(client, auth)))
    assert client.get("/api/tokens", headers=auth).json["items"][0]["last_used_at"] is not None


def test_a_token_cannot_be_made_to_outlive_itself(client: FlaskClient, auth: Auth) -> None:
    login = client.get("/api/tokens", headers=auth).json["items"][0]
    second = issued(client, auth, scope="write", expires_in_days=366)
    third = issued(client, bearing(second), scope="write", expires_in_days=366)
    assert login["expires_at"] == second["expires_at"] == third["expires_at"]


def test_nor_through_the_form_of_the_page(client: FlaskClient, auth: Auth) -> None:
    form = {**WANTED, "expires_in_days": "366"}
    assert client.post("/settings/tokens", headers=auth, data=form).status_code == 201
    ends = {token["expires_at"] for token in client.get("/api/tokens", headers=auth).json["items"]}
    assert len(ends) == 1


def test_a_session_may_issue_one_for_a_year(client: FlaskClient) -> None:
    visitor = Visitor(client).log_in()
    wanted = {**WANTED, "expires_in_days": 366}
    token = client.post("/api/tokens", headers={"X-CSRFToken": visitor.token}, json=wanted).json
    lifetime = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(token["created_at"])
    assert lifetime == timedelta(days=366)


def test_a_revoked_token_is_nobody(client: FlaskClient, auth: Auth) -> None:
    token = issued(client, auth)
    assert client.get("/api/slots", headers=bearing(token)).status_code == 200
    assert client.delete(f"/api/tokens/{token['id']}", headers=auth).status_code == 204
    assert code(client.get("/api/slots", headers=bearing(token))) == "not_authenticated"
    assert code(client.delete(f"/api/tokens/{token['id']}", headers=auth)) == "not_found"


@pytest.mark.parametrize("token_id", ["00000000-0000-0000-0000-000000000000", "x", "1"])
def test_a_token_that_never_was_cannot_be_revoked(client: FlaskClient, auth: Auth, token_id: str) -> None:
    assert code(client.delete(f"/api/tokens/{token_id}", headers=auth)) == "not_found"


def test_what_cannot_be_issued_says_what_can(client: FlaskClient, auth: Auth) -> None:
    answer = client.post("/api/tokens", headers=auth, json={"name": " ", "scope": "admin", "days": 3})
    assert (answer.status_code, code(answer)) == (422, "invalid_settings")
    assert details(answer)["fields"] == {
        "name": {"code": "bad_length", "minimum": 1, "maximum": 60},
        "scope": {"code": "not_an_option", "options": ["read", "write"]},
        "expires_in_days": {"code": "out_of_range", "minimum": 1, "maximum": 366},
        "days": {"code": "unknown_field", "allowed": ["name", "scope", "expires_in_days"]},
    }
    assert names(client, auth) == ["POST /api/login"]


class TestScopes:
    @pytest.fixture
    def reader(self, client: FlaskClient, auth: Auth) -> Auth:
        return bearing(issued(client, auth))

    def test_a_read_token_may_look_everywhere(
        self, app: Flask, client: FlaskClient, reader: Auth, subtests: pytest.Subtests
    ) -> None:
        for path in ("/api/slots", "/api/settings", "/api/tokens", "/api/audit", "/api/jobs", "/", "/settings"):
            with subtests.test(path=path):
                assert client.get(path, headers=reader).status_code == 200

    def test_it_changes_nothing_at_any_address(
        self, app: Flask, client: FlaskClient, reader: Auth, subtests: pytest.Subtests
    ) -> None:
        """The API's addresses and the pages', whatever stands in the body."""
        for method, path, endpoint in unsafe(app):
            if path.startswith(OPEN_DOORS):
                continue
            with subtests.test(method=method, path=path):
                answer = client.open(path, method=method, headers=reader)
                assert answer.status_code == 403
                if endpoint.startswith("api."):
                    assert code(answer) == "insufficient_scope"
                    assert details(answer) == {"scope": "read", "needed": "write"}

    def test_a_write_token_does_both(self, client: FlaskClient, auth: Auth) -> None:
        writer = bearing(issued(client, auth, scope="write"))
        assert client.put("/api/settings", headers=writer, json={"sync_response_seconds": 50}).status_code == 200

    def test_doors_that_take_a_password_look_at_no_token(self, client: FlaskClient, reader: Auth) -> None:
        assert code(client.post("/api/login", headers=reader, json={"username": "x", "password": "y"})) == (
            "invalid_credentials"
        )
        assert code(shoot(client, headers=reader)) == "sync_timeout"

    def test_a_read_token_beside_a_session_stays_a_read_token(self, client: FlaskClient, reader: Auth) -> None:
        visitor = Visitor(client).log_in()
        answer = client.put("/api/settings", json={}, headers={**reader, "X-CSRFToken": visitor.token})
        assert code(answer) == "insufficient_scope"


def test_a_new_password_ends_the_users_tokens_and_nobody_elses(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    igors = client.post("/api/login", json={"username": "igor", "password": "igor-secret-1"}).json
    mine = issued(client, auth, scope="write")
    set_password(wiring.settings, "serg", "brand-new-1")
    assert code(client.get("/api/slots", headers=bearing(mine))) == "not_authenticated"
    assert client.get("/api/slots", headers=bearing(igors)).status_code == 200


def test_only_digests_are_stored(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    token = issued(client, auth)
    everything = str(ledger.ask("SELECT * FROM api_token")) + str(ledger.ask("SELECT * FROM audit_log"))
    assert token["access_token"] not in everything
