"""Who may use the API: passwords become tokens, and a browser's cookie needs its CSRF token beside it."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.installation import ADMIN_PASSWORD
from tests.support.ledger import Ledger
from tests.web.booth import code
from tests.web.visitor import Page, Visitor

SERG = {"username": "serg", "password": ADMIN_PASSWORD}
WRONG = {"username": "serg", "password": "wrong"}


@pytest.fixture
def csrf(client: FlaskClient) -> dict[str, str]:
    """The headers that a script of the site's own pages sends; `client` holds the session's cookie."""
    page = Page(Visitor(client).log_in().get("/").text)
    headers: dict[str, str] = json.loads(page.one("body")["hx-headers"] or "")
    return headers


def test_the_right_password_gives_a_token_that_works_for_twelve_hours(client: FlaskClient) -> None:
    answer = client.post("/api/login", json=SERG)
    token = answer.json["access_token"]
    assert client.get("/api/slots", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    left = datetime.fromisoformat(answer.json["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12, seconds=5)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("serg", "wrong"),
        ("serg", ""),
        ("serg", ADMIN_PASSWORD.upper()),
        ("igor", ADMIN_PASSWORD),
        ("SERG", ADMIN_PASSWORD),
        ("nobody", ADMIN_PASSWORD),
        ("", ""),
        ("serg\x00", ADMIN_PASSWORD),
        ("\ud800", "\udfff"),
        ("x" * 100_000, "y" * 100_000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_everything_else_gives_the_same_answer(client: FlaskClient, username: str, password: str) -> None:
    answer = client.post("/api/login", json={"username": username, "password": password})
    assert answer.status_code == 401
    assert answer.json == {
        "error": {"code": "invalid_credentials", "message": "The user name or the password is wrong.", "details": {}}
    }


def test_an_unknown_user_takes_as_long_as_a_wrong_password(client: FlaskClient) -> None:
    def seconds(username: str) -> float:
        began = time.process_time()
        client.post("/api/login", json={"username": username, "password": "wrong"})
        return time.process_time() - began

    known, unknown = (min(seconds(name) for _ in range(3)) for name in ("serg", "nobody"))
    assert unknown > known / 2


def test_ten_wrong_attempts_close_the_door_to_the_right_password_too(client: FlaskClient, ledger: Ledger) -> None:
    began = time.monotonic()
    for _ in range(10):
        assert code(client.post("/api/login", json=WRONG)) == "invalid_credentials"
    answer = client.post("/api/login", json=SERG)
    assert (answer.status_code, code(answer)) == (429, "too_many_attempts")
    assert 299 - (time.monotonic() - began) <= int(answer.headers["Retry-After"]) <= 300
    ledger.ask("UPDATE throttle SET window_ends_at = now()")
    assert client.post("/api/login", json=SERG).status_code == 200


def test_who_guesses_keeps_neither_the_user_out_elsewhere_nor_others_here(client: FlaskClient) -> None:
    for number in range(10):
        client.post("/api/login", json=WRONG, environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"})
    guesser = {"REMOTE_ADDR": "203.0.113.77"}
    assert code(client.post("/api/login", json=SERG, environ_overrides=guesser)) == "too_many_attempts"
    assert client.post("/api/login", json=SERG).status_code == 200
    igor = {"username": "igor", "password": "igor-secret-1"}
    assert client.post("/api/login", json=igor, environ_overrides=guesser).status_code == 200


NO_LOGINS = [
    b"",
    b"username=serg&password=x",
    b"[]",
    b"null",
    b'"serg"',
    b'{"username": "serg"}',
    b'{"username": ["serg"], "password": 1}',
    b'{"username": "serg", "password": null}',
    b'{"username": "serg", "password": "x"',
    b'{"username": "\xff\xfe", "password": "x"}',
    b"[" * 100_000,
    b'{"username": ' + b"9" * 5000 + b"}",
    b'{"username": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
]


def test_what_is_no_login_is_refused(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for body in NO_LOGINS:
        with subtests.test(body=body[:60]):
            answer = client.post("/api/login", data=body, content_type="application/json")
            assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_json_must_be_called_json(client: FlaskClient) -> None:
    answer = client.post("/api/login", data=json.dumps(SERG), content_type="text/plain")
    assert code(answer) == "invalid_request"


def test_a_giant_body_is_not_even_read(client: FlaskClient) -> None:
    answer = client.post("/api/login", json={"username": "x" * 2_000_000, "password": ""})
    assert (answer.status_code, code(answer)) == (413, "payload_too_large")


def test_without_a_valid_token_there_is_nothing(client: FlaskClient, token: str, subtests: pytest.Subtests) -> None:
    for header in ("", "Bearer", "Bearer ", "Bearer x", f"Basic {token}", token, f"Bearer {token}x", "Bearer \xff"):
        with subtests.test(header=header):
            answer = client.get("/api/slots", headers={"Authorization": header})
            assert (answer.status_code, code(answer)) == (401, "not_authenticated")


PRIVATE = [
    ("GET", "/api/audit"),
    ("GET", "/api/tokens"),
    ("POST", "/api/tokens"),
    ("DELETE", "/api/tokens/6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa"),
    ("GET", "/api/providers"),
    ("GET", "/api/slots"),
    ("GET", "/api/slots/slot-001"),
    ("PUT", "/api/slots/slot-001"),
    ("POST", "/api/slots/slot-001/test-run"),
    ("GET", "/api/settings"),
    ("PUT", "/api/settings"),
    ("POST", "/api/media/cache/purge"),
    ("GET", "/api/media/cache/purge/1"),
    ("GET", "/api/template-media"),
    ("POST", "/api/template-media/register"),
    ("DELETE", "/api/template-media/6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa"),
    ("GET", "/api/jobs"),
    ("GET", "/api/jobs/6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa"),
]


def test_every_path_but_login_wants_a_user(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for method, path in PRIVATE:
        for headers in ({}, {"Authorization": "Bearer stale"}):
            with subtests.test(method=method, path=path, headers=headers):
                assert code(client.open(path, method=method, headers=headers)) == "not_authenticated"


def test_a_token_ends(client: FlaskClient, auth: dict[str, str], ledger: Ledger) -> None:
    ledger.ask("UPDATE api_token SET expires_at = now()")
    assert code(client.get("/api/slots", headers=auth)) == "not_authenticated"


def test_only_a_digest_of_the_token_is_stored(token: str, ledger: Ledger) -> None:
    assert token not in str(ledger.ask("SELECT * FROM api_token"))


def test_a_session_may_read(client: FlaskClient, csrf: dict[str, str]) -> None:
    assert client.get("/api/slots").status_code == 200


def test_a_session_writes_only_with_the_csrf_token_of_its_pages(client: FlaskClient, csrf: dict[str, str]) -> None:
    refused = client.put("/api/settings", json={})
    assert (refused.status_code, code(refused)) == (400, "invalid_request")
    assert client.put("/api/settings", json={}, headers={"X-CSRFToken": "forged"}).status_code == 400
    assert client.put("/api/settings", json={}, headers=csrf).status_code == 200


def test_a_csrf_token_of_another_session_does_not_count(app: Flask, csrf: dict[str, str]) -> None:
    other = app.test_client()
    Visitor(other).log_in("igor", "igor-secret-1")
    assert other.put("/api/settings", json={}, headers=csrf).status_code == 400


def test_a_wrong_bearer_token_is_not_saved_by_a_cookie(client: FlaskClient, csrf: dict[str, str]) -> None:
    stale = {"Authorization": "Bearer stale"}
    assert code(client.put("/api/settings", json={}, headers=stale)) == "not_authenticated"
    assert code(client.get("/api/settings", headers=stale)) == "not_authenticated"


def test_logging_out_ends_the_session_for_the_api_too(client: FlaskClient) -> None:
    visitor = Visitor(client).log_in()
    assert client.get("/api/slots").status_code == 200
    visitor.post("/logout", {})
    assert code(client.get("/api/slots")) == "not_authenticated"
