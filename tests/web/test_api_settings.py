"""Settings and purges through the API: what may be changed, and that no secret ever comes back."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.booth import code, details, shoot

Auth = dict[str, str]


def test_the_defaults_and_a_secret_that_only_says_that_it_is_set(client: FlaskClient, auth: Auth) -> None:
    answer = client.get("/api/settings", headers=auth).json
    assert (answer["sync_response_seconds"], answer["result_retention_hours"]) == (48, 72)
    assert set(answer["ingest_password"]) == {"is_set", "updated_at", "updated_by"}
    assert answer["ingest_password"]["is_set"] is True


def test_changes_are_kept_with_who_made_them(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    change = {"sync_response_seconds": 60, "result_retention_hours": 24, "ingest_password": "новый секрет"}
    answer = client.put("/api/settings", headers=auth, json=change).json
    assert (answer["sync_response_seconds"], answer["result_retention_hours"]) == (60, 24)
    assert answer["ingest_password"]["updated_by"] == "serg"
    assert client.get("/api/settings", headers=auth).json == answer
    assert "новый секрет" not in str(ledger.ask("SELECT * FROM app_settings"))


def test_a_new_ingest_password_counts_from_the_next_shot(client: FlaskClient, auth: Auth) -> None:
    assert code(shoot(client)) == "sync_timeout"
    client.put("/api/settings", headers=auth, json={"ingest_password": "another one"})
    assert code(shoot(client)) == "invalid_password"
    assert code(shoot(client, password="another one")) == "sync_timeout"


def test_an_empty_ingest_password_changes_nothing(client: FlaskClient, auth: Auth) -> None:
    before = client.get("/api/settings", headers=auth).json
    assert client.put("/api/settings", headers=auth, json={"ingest_password": ""}).json == before
    assert client.put("/api/settings", headers=auth, json={}).json == before
    assert code(shoot(client)) == "sync_timeout"


REFUSED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"sync_response_seconds": 44}, {"sync_response_seconds": "out_of_range"}),
    ({"sync_response_seconds": 61}, {"sync_response_seconds": "out_of_range"}),
    ({"sync_response_seconds": "48"}, {"sync_response_seconds": "out_of_range"}),
    ({"sync_response_seconds": 48.5}, {"sync_response_seconds": "out_of_range"}),
    ({"sync_response_seconds": True}, {"sync_response_seconds": "out_of_range"}),
    ({"sync_response_seconds": None}, {"sync_response_seconds": "out_of_range"}),
    ({"sync_response_seconds": 10**400}, {"sync_response_seconds": "out_of_range"}),
    ({"result_retention_hours": 23}, {"result_retention_hours": "out_of_range"}),
    ({"result_retention_hours": 169}, {"result_retention_hours": "out_of_range"}),
    ({"ingest_password": "abc"}, {"ingest_password": "bad_password"}),
    ({"ingest_password": "x" * 129}, {"ingest_password": "bad_password"}),
    ({"ingest_password": "a\x00bcd"}, {"ingest_password": "bad_password"}),
    ({"ingest_password": "ab\ncd"}, {"ingest_password": "bad_password"}),
    ({"ingest_password": "\ud800abcd"}, {"ingest_password": "bad_password"}),
    ({"ingest_password": None}, {"ingest_password": "bad_password"}),
    ({"ingest_password": {"is_set": True}}, {"ingest_password": "bad_password"}),
    ({"T_sync": 48}, {"T_sync": "unknown_field"}),
    ({"": {}}, {"": "unknown_field"}),
    ({"sync_response_seconds": 50, "result_retention_hours": 0}, {"result_retention_hours": "out_of_range"}),
]


def test_what_cannot_be_used_changes_nothing(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    before = client.get("/api/settings", headers=auth).json
    for change, refused in REFUSED:
        with subtests.test(change=change):
            answer = client.put("/api/settings", headers=auth, json=change)
            assert (answer.status_code, code(answer)) == (422, "invalid_settings")
            assert {name: problem["code"] for name, problem in details(answer)["fields"].items()} == refused
            assert client.get("/api/settings", headers=auth).json == before


def test_the_refusal_says_what_is_allowed(client: FlaskClient, auth: Auth) -> None:
    answer = client.put("/api/settings", headers=auth, json={"sync_response_seconds": 1})
    assert details(answer)["fields"]["sync_response_seconds"] == {"code": "out_of_range", "minimum": 45, "maximum": 60}


def test_what_is_no_object(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for body in (b"", b"[]", b"null", b"{", b'{"sync_response_seconds": 48} {}', b"[" * 100_000):
        with subtests.test(body=body[:40]):
            answer = client.put("/api/settings", headers=auth, data=body, content_type="application/json")
            assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_a_purge_is_queued_once_and_can_be_followed(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    asked = client.post("/api/media/cache/purge", headers=auth)
    assert (asked.status_code, asked.json["status"], asked.json["requested_by"]) == (202, "queued", "serg")
    assert client.post("/api/media/cache/purge", headers=auth).json == asked.json
    path = f"/api/media/cache/purge/{asked.json['id']}"
    assert client.get(path, headers=auth).json == asked.json
    assert wiring.retention.run_requested()
    done = client.get(path, headers=auth).json
    assert (done["status"], done["counts"]["results"], done["counts"]["bytes"]) == ("finished", 0, 0)
    assert client.post("/api/media/cache/purge", headers=auth).json["id"] != done["id"]


def test_a_purge_that_is_none(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for purge_id in ("1", "0", "-1", "9" * 30, "9" * 5000, "x", "1.0"):
        with subtests.test(purge_id=purge_id[:40]):
            answer = client.get(f"/api/media/cache/purge/{purge_id}", headers=auth)
            assert (answer.status_code, code(answer)) == (404, "not_found")
