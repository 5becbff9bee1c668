"""Settings and purges through the API: what may be changed, and that no secret ever comes back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.booth import code, details, shoot

Auth = dict[str, str]


def test_the_defaults_and_a_secret_that_only_says_that_it_is_set(client: FlaskClient, auth: Auth) -> None:
    answer = client.get("/api/settings", headers=auth).json
    assert (answer["sync_response_seconds"], answer["result_retention_hours"]) == (48, 72)
    assert answer["time_zone"] == "Europe/Moscow"
    assert set(answer["ingest_password"]) == {
        "is_set",
        "updated_at",
        "updated_by",
        "previous_valid_until",
        "previous_last_used_at",
    }
    assert answer["ingest_password"]["is_set"] is True
    assert answer["ingest_password"]["previous_valid_until"] is None


def test_changes_are_kept_with_who_made_them(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    change = {"sync_response_seconds": 60, "result_retention_hours": 24, "ingest_password": "новый секрет"}
    answer = client.put("/api/settings", headers=auth, json=change).json
    assert (answer["sync_response_seconds"], answer["result_retention_hours"]) == (60, 24)
    assert answer["ingest_password"]["updated_by"] == "serg"
    assert client.get("/api/settings", headers=auth).json == answer
    assert "новый секрет" not in str(ledger.ask("SELECT * FROM app_settings"))


def test_a_new_ingest_password_counts_from_the_next_shot(client: FlaskClient, auth: Auth) -> None:
    assert code(shoot(client)) == "sync_timeout"
    client.put("/api/settings", headers=auth, json={"ingest_password": "another one", "ingest_password_grace_hours": 0})
    assert code(shoot(client)) == "invalid_password"
    assert code(shoot(client, password="another one")) == "sync_timeout"


def test_booths_with_the_old_password_may_go_on_until_the_time_of_grace_is_ended(
    client: FlaskClient, auth: Auth
) -> None:
    changed = client.put("/api/settings", headers=auth, json={"ingest_password": "another one"}).json
    valid_until = datetime.fromisoformat(changed["ingest_password"]["previous_valid_until"])
    assert valid_until - datetime.fromisoformat(changed["ingest_password"]["updated_at"]) == timedelta(hours=24)
    assert code(shoot(client)) == "sync_timeout"
    told = client.get("/api/settings", headers=auth).json["ingest_password"]
    assert told["previous_last_used_at"] is not None
    ended = client.put("/api/settings", headers=auth, json={"ingest_password_grace_hours": 0}).json
    assert ended["ingest_password"]["previous_valid_until"] is None
    assert code(shoot(client)) == "invalid_password"


def test_without_any_password_no_booth_comes_in(client: FlaskClient, auth: Auth) -> None:
    removed = client.put("/api/settings", headers=auth, json={"ingest_password": None}).json["ingest_password"]
    assert (removed["is_set"], removed["updated_by"]) == (False, "serg")
    assert code(shoot(client)) == "invalid_password"


class TestVersions:
    def test_every_answer_carries_the_version_to_go_on_from(self, client: FlaskClient, auth: Auth) -> None:
        tag = client.get("/api/settings", headers=auth).headers["ETag"]
        first = change(client, auth, tag, sync_response_seconds=50)
        second = change(client, auth, first.headers["ETag"], sync_response_seconds=51)
        assert second.json["sync_response_seconds"] == 51

    def test_who_comes_second_changes_nothing_and_learns_what_is_there(self, client: FlaskClient, auth: Auth) -> None:
        tag = client.get("/api/settings", headers=auth).headers["ETag"]
        client.put("/api/settings", headers=auth, json={"providers": {"openai": {"daily_budget_usd": 5}}})
        refused = change(client, auth, tag, sync_response_seconds=50)
        assert (refused.status_code, code(refused)) == (409, "version_conflict")
        now = client.get("/api/settings", headers=auth)
        assert details(refused)["settings"] == now.json
        assert now.headers["ETag"].startswith(f'"{details(refused)["version"]}-')
        assert now.json["sync_response_seconds"] == 48

    def test_nobody_has_to_name_one(self, client: FlaskClient, auth: Auth) -> None:
        for tag in (None, "*"):
            assert change(client, auth, tag, sync_response_seconds=50).status_code == 200

    @pytest.mark.parametrize("tag", ['"x"', '"-1"', '"99999999999"'])
    def test_one_that_never_was_is_refused(self, client: FlaskClient, auth: Auth, tag: str) -> None:
        assert change(client, auth, tag, sync_response_seconds=50).status_code in (400, 409)
        assert client.get("/api/settings", headers=auth).json["sync_response_seconds"] == 48


def change(client: FlaskClient, auth: Auth, tag: str | None, **changes: Any) -> TestResponse:
    return client.put("/api/settings", headers={**auth, **({"If-Match": tag} if tag else {})}, json=changes)


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
    ({"ingest_password_grace_hours": 169}, {"ingest_password_grace_hours": "out_of_range"}),
    ({"ingest_password_grace_hours": None}, {"ingest_password_grace_hours": "out_of_range"}),
    ({"time_zone": "Moscow"}, {"time_zone": "not_a_zone"}),
    ({"time_zone": None}, {"time_zone": "not_a_zone"}),
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
