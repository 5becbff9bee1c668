"""What must not happen whoever asks: secrets leaving, foreign hosts, forged addresses, unreadable ones."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, request_finished
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.contract import assert_is_error
from tests.support.installation import ADMIN_PASSWORD, INGEST_PASSWORD
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, post, shoot
from tests.web.visitor import Visitor

Auth = dict[str, str]


@pytest.fixture
def plain_client(app: Flask) -> FlaskClient:
    """A client that accepts answers which the contract knows in general only."""
    return FlaskClient(app, TestResponse)


def test_every_answer_tells_browsers_to_be_careful(client: FlaskClient) -> None:
    for path in ("/healthz", "/api/slots", "/api/nothing", "/login", "/nothing", "/metrics"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cache-Control"] == "no-store", path
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path


def test_nobody_elses_scripts_may_read_the_api(client: FlaskClient, auth: Auth) -> None:
    foreign = {**auth, "Origin": "https://evil.example"}
    assert "Access-Control-Allow-Origin" not in client.get("/api/slots", headers=foreign).headers


@pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "https://photo.example.org"}, {}])
def test_the_sessions_cookie_is_kept_from_scripts_and_other_sites(
    client: FlaskClient, environment: dict[str, str]
) -> None:
    cookie = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == bool(environment)


def test_a_forged_cookie_is_nobodys(client: FlaskClient) -> None:
    for value in ("x", "eyJfdXNlcl9pZCI6InNlcmcifQ.aR.x", "." * 3000, "\x00"):
        client.set_cookie("photochanger", value)
        assert code(client.get("/api/slots")) == "not_authenticated"


def test_a_session_ends_with_its_account(client: FlaskClient, ledger: Ledger) -> None:
    Visitor(client).log_in()
    assert client.get("/api/slots").status_code == 200
    ledger.ask("DELETE FROM admin_user WHERE username = 'serg'")
    assert code(client.get("/api/slots")) == "not_authenticated"


@pytest.mark.parametrize("environment", [{"TRUSTED_HOSTS": "photo.example.org"}])
def test_an_unknown_host_gets_nothing(plain_client: FlaskClient) -> None:
    for path in ("/healthz", "/api/slots", "/public/results/x", "/login"):
        for host in ("evil.example", "photo.example.org.evil.example", "127.0.0.1"):
            assert plain_client.get(path, headers={"Host": host}).status_code == 400, (path, host)
        assert plain_client.get(path, headers={"Host": "photo.example.org"}).status_code != 400, path


@pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "https://photo.example.org"}])
def test_a_public_address_is_the_only_host_but_for_health_checks_of_this_machine(plain_client: FlaskClient) -> None:
    for host in ("photo.example.org", "localhost:8000", "127.0.0.1:8000"):
        assert plain_client.get("/healthz", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "photo.example.org.evil.example", "192.168.1.20"):
        assert plain_client.get("/healthz", headers={"Host": host}).status_code == 400, host


def test_forwarding_headers_change_no_link(client: FlaskClient, auth: Auth) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    answer = client.get("/api/slots/slot-001", headers={**auth, **forged})
    assert answer.json["ingest_url"] == "http://localhost/ingest/slot-001"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nul_in_any_address_is_no_failure(
    app: Flask, plain_client: FlaskClient, auth: Auth, method: str, subtests: pytest.Subtests
) -> None:
    for rule in app.url_map.iter_rules():
        if "<" not in rule.rule or method not in (rule.methods or ()):
            continue
        path = "/".join("%00" if part.startswith("<") else part for part in rule.rule.split("/"))
        with subtests.test(path=path):
            answer = plain_client.open(f"{path}?a=%00&%00=b", method=method, headers=auth)
            assert answer.status_code == 404


def test_other_methods_are_refused_with_those_that_are_not(plain_client: FlaskClient, auth: Auth) -> None:
    for method, path in (("GET", "/ingest/slot-001"), ("DELETE", "/api/slots/slot-001"), ("TRACE", "/healthz")):
        answer = plain_client.open(path, method=method, headers=auth)
        assert (answer.status_code, code(answer)) == (405, "method_not_allowed")
        assert answer.headers["Allow"]
        assert_is_error(answer.json)


class TestSecrets:
    """Neither passwords nor tokens leave by an answer or a log line, whatever is done with them."""

    @pytest.fixture
    def answers(self, app: Flask) -> Iterator[list[str]]:
        """Headers and body of every answer since."""
        seen: list[str] = []

        def remember(_app: Flask, response: Response, **_rest: Any) -> None:
            seen.append(f"{response.headers}\n{response.get_data(as_text=True)}")

        with request_finished.connected_to(remember, app):
            yield seen

    @pytest.fixture
    def told(self, answers: list[str], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Any:
        """Everything that was answered or logged so far."""
        caplog.set_level(logging.DEBUG)

        def read() -> str:
            captured = capfd.readouterr()
            return "\n".join([*answers, captured.out, captured.err, caplog.text])

        return read

    def test_the_ingest_password(self, client: FlaskClient, ledger: Ledger, told: Any) -> None:
        shoot(client)
        shoot(client, "slot-016")
        shoot(client, fileToUpload=None)
        shoot(client, Password=INGEST_PASSWORD, fileToUpload=b"not an image")
        shoot(client, password=f"{INGEST_PASSWORD}-mistyped")
        post(client, "/ingest/slot-001", ("password", INGEST_PASSWORD), ("password", "x"), ("file", PHOTO))
        assert "ingest_refused" in (said := told())
        assert INGEST_PASSWORD not in said
        kept = ledger.ask("SELECT detail FROM processing_log"), ledger.jobs()
        assert INGEST_PASSWORD not in str(kept)

    def test_an_administrators_password(self, client: FlaskClient, told: Any) -> None:
        client.post("/api/login", json={"username": ADMIN_PASSWORD, "password": ADMIN_PASSWORD})
        client.post("/api/login", json={"username": "serg", "password": f"{ADMIN_PASSWORD}-mistyped"})
        client.post("/api/login", data=f'{{"password": "{ADMIN_PASSWORD}"', content_type="application/json")
        client.post("/api/login", json={"username": "serg", "password": ADMIN_PASSWORD})
        Visitor(client).log_in()
        assert ADMIN_PASSWORD not in told()

    def test_a_new_ingest_password(self, client: FlaskClient, auth: Auth, told: Any) -> None:
        for value in ("four-times-secret", "four-times-secret\x00", {"four-times-secret": 1}):
            client.put("/api/settings", headers=auth, json={"ingest_password": value})
        client.get("/api/settings", headers=auth)
        assert "four-times-secret" not in told()

    def test_a_providers_key_and_proxy(
        self, client: FlaskClient, auth: Auth, ledger: Ledger, told: Any, free_port: int
    ) -> None:
        key, password = "sk-four-times-secret-0123", "pr0xy-pa55"
        secrets = {"api_key": key, "proxy": f"http://user:{password}@127.0.0.1:{free_port}"}
        for values in (secrets, {"api_key": [key]}, {"proxy": f"{secrets['proxy']}/path"}, {key: password}):
            client.put("/api/settings", headers=auth, json={"providers": {"openai": values}})
        client.get("/api/settings", headers=auth)
        client.post("/api/providers/openai/check", headers=auth)
        visitor = Visitor(client).log_in()
        visitor.post("/settings/providers/openai", secrets)
        visitor.post("/settings/providers/openai", {**secrets, "base_url": "nowhere"})
        visitor.post("/settings/providers/openai/check", {})
        visitor.get("/settings?provider=openai")
        visitor.post("/settings/providers/openai/remove", {**secrets, "remove": "api_key"}, htmx=True)
        said = told().replace(f'providers.openai.{key}"', "")  # a name that was sent is said to be unknown
        kept = str(ledger.ask("SELECT * FROM provider_secret, app_settings"))
        for secret in (key, password):
            assert secret not in said
            assert secret not in kept

    def test_a_token(self, client: FlaskClient, auth: Auth, token: str, told: Any) -> None:
        client.get("/api/slots", headers=auth)
        client.put("/api/slots/slot-001", headers=auth, json={})
        client.get("/api/nothing", headers=auth)
        assert token not in told()
