"""Who changed what, through the API."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.installation import ADMIN_PASSWORD
from tests.support.ledger import Ledger
from tests.web.booth import code

Auth = dict[str, str]


def changes(client: FlaskClient, auth: Auth, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/audit", headers=auth, query_string=query)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def test_what_was_done_comes_newest_first(client: FlaskClient, auth: Auth) -> None:
    client.put("/api/settings", headers=auth, json={"sync_response_seconds": 55, "ingest_password": "tonight-88"})
    client.post("/api/media/cache/purge", headers=auth)
    found = changes(client, auth)
    assert [(c["username"], c["action"], c["subject"]) for c in found[:3]] == [
        ("serg", "purge.requested", ""),
        ("serg", "settings.changed", "settings"),
        ("serg", "login", ""),
    ]
    assert found[1]["detail"] == {
        "sync_response_seconds": [48, 55],
        "ingest_password": "set",
        "ingest_password_grace_hours": 24,
    }


def test_one_subject_and_one_user_can_be_picked(client: FlaskClient, auth: Auth) -> None:
    client.put("/api/settings", headers=auth, json={"providers": {"openai": {"api_key": "sk-four-times-secret-01"}}})
    client.post("/api/login", json={"username": "igor", "password": "igor-secret-1"})
    [change] = changes(client, auth, subject="openai")
    assert (change["action"], change["detail"]) == ("provider.changed", {"api_key": "set"})
    assert [c["action"] for c in changes(client, auth, username="igor")] == ["login"]
    assert changes(client, auth, username="igor", subject="openai") == []


def test_pages_follow_one_another(client: FlaskClient, auth: Auth) -> None:
    for seconds in (50, 51, 52):
        client.put("/api/settings", headers=auth, json={"sync_response_seconds": seconds})
    pages = [changes(client, auth, page=page, page_size=2, subject="settings") for page in (1, 2, 3)]
    windows = [[c["detail"].get("sync_response_seconds") for c in page] for page in pages]
    assert windows == [[[51, 52], [50, 51]], [[48, 50], None], []], "the last is the release, which sets a password"


@pytest.mark.parametrize("query", ["page=0", "page=x", "page_size=0", "page_size=201", "page=1000001"])
def test_a_page_that_cannot_be(client: FlaskClient, auth: Auth, query: str) -> None:
    assert code(client.get(f"/api/audit?{query}", headers=auth)) == "invalid_request"


def test_nothing_is_on_record_of_what_cannot_exist(client: FlaskClient, auth: Auth) -> None:
    assert changes(client, auth, subject="nul\x00") == changes(client, auth, username="nobody") == []


def test_no_secret_is_on_record(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    secrets = {"api_key": "sk-four-times-secret-01", "proxy": "http://user:pr0xy-pa55@127.0.0.1:3128"}
    client.put("/api/settings", headers=auth, json={"ingest_password": "tonight-88", "providers": {"openai": secrets}})
    for _ in range(10):
        client.post("/api/login", json={"username": ADMIN_PASSWORD, "password": "wrong"})
    kept = str(ledger.ask("SELECT * FROM audit_log"))
    assert "login.throttled" in kept
    for secret in (ADMIN_PASSWORD, "tonight-88", "sk-four-times-secret-01", "pr0xy-pa55"):
        assert secret not in kept
