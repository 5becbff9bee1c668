"""Copies through the API: where they go, how that goes, and a file to try it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.wiring import Wiring
from tests.support.copying import finish_photo
from tests.support.ledger import Ledger
from tests.web.booth import code, details

Auth = dict[str, str]
COPIES = "/api/copies"
BUCKET = {"url": "s3://studio/photos", "access_key_id": "KEYID", "secret_access_key": "a-secret-that-nobody-sees"}


def test_a_new_installation_copies_nothing(client: FlaskClient, auth: Auth) -> None:
    assert client.get(COPIES, headers=auth).json == {
        "url": None,
        "access_key_id": None,
        "secret_access_key": {"is_set": False, "updated_at": None, "updated_by": None},
        "is_ready": False,
        "slots": {},
    }


def test_a_bucket_is_set_up_and_its_secret_never_comes_back(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    answer = client.put(COPIES, headers=auth, json=BUCKET)
    assert client.get(COPIES, headers=auth).json == answer.json
    assert (answer.json["url"], answer.json["access_key_id"]) == ("s3://studio/photos", "KEYID")
    assert (answer.json["secret_access_key"]["updated_by"], answer.json["is_ready"]) == ("serg", True)
    kept = str([ledger.ask(f"SELECT * FROM {table}") for table in ("app_settings", "audit_log", "provider_secret")])
    assert BUCKET["secret_access_key"] not in answer.text + kept


def test_blank_keeps_and_null_removes(client: FlaskClient, auth: Auth) -> None:
    client.put(COPIES, headers=auth, json=BUCKET)
    kept = client.put(COPIES, headers=auth, json={"secret_access_key": "", "url": ""}).json
    assert (kept["is_ready"], kept["url"]) == (True, "s3://studio/photos")
    removed = client.put(COPIES, headers=auth, json={"secret_access_key": None}).json
    assert (removed["is_ready"], removed["access_key_id"]) == (False, "KEYID")


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"url": "photos"}, {"url": {"code": "bad_url"}}),
        ({"secret_access_key": "two words"}, {"secret_access_key": {"code": "bad_key"}}),
        (
            {"folder": "/mnt"},
            {"folder": {"code": "unknown_field", "allowed": ["url", "access_key_id", "secret_access_key"]}},
        ),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_named_and_nothing_changes(
    client: FlaskClient, auth: Auth, change: dict[str, str], problems: dict[str, object]
) -> None:
    answer = client.put(COPIES, headers=auth, json={**BUCKET, **change})
    assert (answer.status_code, code(answer)) == (422, "invalid_settings")
    assert details(answer)["fields"] == problems
    assert client.get(COPIES, headers=auth).json["url"] is None


@pytest.mark.parametrize("inside", ["media", "media/results", "postgres", "postgres/base"])
def test_nobody_copies_into_our_own_files(client: FlaskClient, auth: Auth, settings: Settings, inside: str) -> None:
    answer = client.put(COPIES, headers=auth, json={"url": str(settings.var_dir / inside)})
    assert details(answer)["fields"] == {"url": {"code": "own_place"}}


def test_a_token_that_only_reads_changes_and_tries_nothing(client: FlaskClient, auth: Auth) -> None:
    token = {"name": "Monitor", "scope": "read", "expires_in_days": 1}
    secret = client.post("/api/tokens", headers=auth, json=token).json["access_token"]
    reading = {"Authorization": f"Bearer {secret}"}
    assert client.get(COPIES, headers=reading).status_code == 200
    assert code(client.put(COPIES, headers=reading, json=BUCKET)) == "insufficient_scope"
    assert code(client.post(f"{COPIES}/test", headers=reading)) == "insufficient_scope"


class TestTrying:
    def test_a_folder_that_works(self, client: FlaskClient, auth: Auth, tmp_path: Path) -> None:
        (tmp_path / "studio").mkdir()
        client.put(COPIES, headers=auth, json={"url": str(tmp_path / "studio")})
        answer = client.post(f"{COPIES}/test", headers=auth).json
        assert answer == {"ok": True, "duration_ms": answer["duration_ms"], "fault": None, "message": None}

    def test_one_that_is_not_there(self, client: FlaskClient, auth: Auth, tmp_path: Path) -> None:
        client.put(COPIES, headers=auth, json={"url": str(tmp_path / "studio")})
        answer = client.post(f"{COPIES}/test", headers=auth).json
        assert (answer["ok"], answer["fault"]) == (False, "folder_missing")
        assert not (tmp_path / "studio").exists()

    def test_none(self, client: FlaskClient, auth: Auth) -> None:
        assert client.post(f"{COPIES}/test", headers=auth).json["fault"] == "not_set_up"


def test_how_it_goes_is_told_by_slot(client: FlaskClient, auth: Auth, wiring: Wiring, tmp_path: Path) -> None:
    finish_photo(wiring, slot_id="slot-003")
    waiting = client.get(COPIES, headers=auth).json["slots"]
    assert waiting == {
        "slot-003": {
            "copied": 0,
            "waiting": 1,
            "withheld": 0,
            "lost": 0,
            "oldest_waiting_at": waiting["slot-003"]["oldest_waiting_at"],
            "error": "",
        }
    }
    (tmp_path / "studio").mkdir()
    client.put(COPIES, headers=auth, json={"url": str(tmp_path / "studio")})
    wiring.copies.run()
    told = client.get(COPIES, headers=auth).json["slots"]["slot-003"]
    assert (told["copied"], told["waiting"], told["oldest_waiting_at"]) == (1, 0, None)
