"""Links of guests cannot be found by trying: nothing but a whole token is answered in a way of its own.

That the time of an answer tells nothing either is taken from what it is made of: status, headers, body and the
statements that the database was asked are the same for every wrong token, and the right one is found by the digest of
what came, so that none is almost right. The times themselves are measured by benchmarks/link_guesses.py.
"""

import logging
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.errors import DatabaseUnavailable
from app.logs import configure_logs
from app.services.access.guests import MISSES_FROM_PLACE, WRONG_FOR_LINK_FROM_PLACE
from app.services.share_links import ShareLinkService
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.guests import link, taken
from tests.web.statements import counted

PASSWORD = "роза-2026"
UNKNOWN = "A" * 43
MALFORMED = ["x", "A" * 42, "A" * 44, "A" * 2000, "%ED%A0%80", "токен", "A" * 42 + "=", "'; --", "%25s"]
SAID_ANEW = {"Set-Cookie", "Date"}


@pytest.fixture
def _logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def places(app: Flask) -> list[tuple[str, str]]:
    """Method and address, with TOKEN in it, of whatever a token opens."""
    return [
        (method, str(rule.rule).replace("<token>", "TOKEN").replace("<uuid:photo_id>", str(UUID(int=0))))
        for rule in app.url_map.iter_rules()
        if "token" in rule.arguments
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def asked(client: FlaskClient, place: tuple[str, str], token: str, guest: str = "198.51.100.4") -> TestResponse:
    method, address = place
    return client.open(address.replace("TOKEN", token), method=method, environ_overrides={"REMOTE_ADDR": guest})


def answers(client: FlaskClient, place: tuple[str, str], token: str) -> tuple[int, dict[str, str], str, list[str]]:
    """Status, headers, text and what it asked of the database."""
    with counted() as statements:
        answer = asked(client, place, token)
    headers = {name: value for name, value in answer.headers.items() if name not in SAID_ANEW}
    return answer.status_code, headers, answer.text, list(statements)


def test_every_place_is_known(places: list[tuple[str, str]]) -> None:
    assert {("GET", "/s/TOKEN"), ("POST", "/s/TOKEN"), ("GET", "/wall/TOKEN"), ("POST", "/wall/TOKEN")} <= set(places)


def test_what_is_no_token_is_answered_like_a_token_that_nobody_has(
    client: FlaskClient, places: list[tuple[str, str]], subtests: pytest.Subtests
) -> None:
    for place in places:
        asked(client, place, UNKNOWN)  # the first miss of a place, which writes a row, and the zone of the house
        wanted = answers(client, place, UNKNOWN)
        assert wanted[0] == 404, place
        with subtests.test(place=place):
            token = MALFORMED[places.index(place) % len(MALFORMED)]
            assert answers(client, place, token) == wanted


@pytest.mark.parametrize("token", MALFORMED)
def test_however_it_is_malformed(client: FlaskClient, token: str) -> None:
    asked(client, ("GET", "/s/TOKEN"), UNKNOWN)
    assert answers(client, ("GET", "/s/TOKEN"), token) == answers(client, ("GET", "/s/TOKEN"), UNKNOWN)


def test_an_address_that_no_token_can_have_looks_the_same(client: FlaskClient) -> None:
    assert answers(client, ("GET", "/s/TOKEN"), "%00")[:3] == answers(client, ("GET", "/s/TOKEN"), UNKNOWN)[:3]


def test_a_token_that_is_almost_right_is_like_any_other(client: FlaskClient, wiring: Wiring) -> None:
    token = link(wiring)
    wrong = ("B" if token[0] == "A" else "A") + token[1:]
    asked(client, ("GET", "/s/TOKEN"), UNKNOWN)
    for almost in (wrong, token[:-1], f"{token}A", token.swapcase()):
        assert answers(client, ("GET", "/s/TOKEN"), almost) == answers(client, ("GET", "/s/TOKEN"), UNKNOWN)


def test_whoever_tries_many_is_refused_for_a_while_and_guests_beside_them_are_not(
    client: FlaskClient, wiring: Wiring
) -> None:
    token = link(wiring)
    for number in range(MISSES_FROM_PLACE):
        asked(client, ("GET", "/s/TOKEN"), f"guess-{number}", f"2001:db8::{number:x}")
    refused = asked(client, ("GET", "/s/TOKEN"), "one-more", "2001:db8::ffff")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    assert asked(client, ("GET", "/s/TOKEN"), token, "2001:db8::ffff").status_code == 200
    assert asked(client, ("GET", "/s/TOKEN"), "one-more", "2001:db8:0:1::1").status_code == 404


def closed_links(wiring: Wiring, ledger: Ledger) -> Iterator[str]:
    expired = link(wiring, name="expired")
    ledger.ask("UPDATE share_link SET expires_at = now() WHERE name = 'expired'")
    revoked = link(wiring, name="revoked")
    ledger.ask("UPDATE share_link SET revoked_at = now() WHERE name = 'revoked'")
    yield from (expired, revoked)


def test_a_closed_link_says_so_everywhere_and_shows_nothing(
    client: FlaskClient, wiring: Wiring, ledger: Ledger, places: list[tuple[str, str]], subtests: pytest.Subtests
) -> None:
    photo_id = taken(wiring)
    for token in closed_links(wiring, ledger):
        for place in places:
            with subtests.test(place=place):
                answer = asked(client, place, token)
                assert answer.status_code == 410
                assert str(photo_id) not in answer.text
                assert answer.headers["Cache-Control"] == "no-store"


def test_a_locked_link_shows_nothing_without_its_password(
    client: FlaskClient, wiring: Wiring, places: list[tuple[str, str]], subtests: pytest.Subtests
) -> None:
    photo_id = taken(wiring)
    token = link(wiring, password=PASSWORD, name=(name := "Тайное торжество"), allows_archive=True)
    for place in places:
        with subtests.test(place=place):
            answer = asked(client, place, token)
            assert answer.status_code in (200, 302, 401)
            for secret in (str(photo_id), name, quote(name)):
                assert secret not in answer.text + str(answer.headers)
            assert answer.headers["X-Robots-Tag"].startswith("noindex")
            assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_right_password_is_no_different_while_a_pause_lasts(client: FlaskClient, wiring: Wiring) -> None:
    token = link(wiring, password=PASSWORD)

    def tried(password: str) -> tuple[int, str]:
        answer = client.post(f"/s/{token}", data={"password": password})
        return answer.status_code, answer.text

    assert {tried("guess")[0] for _ in range(WRONG_FOR_LINK_FROM_PLACE)} == {401}
    assert tried("guess") == tried(PASSWORD)
    assert tried(PASSWORD)[0] == 429


@pytest.mark.usefixtures("_logging_restored")
@pytest.mark.parametrize("path", ["/s/{}", "/wall/{}", "/s/{}/arrivals"])
def test_no_log_holds_a_token(
    client: FlaskClient,
    wiring: Wiring,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    token = link(wiring)

    def fail(_service: ShareLinkService, token: str, _client: str) -> None:
        raise DatabaseUnavailable(f"could not ask for /s/{token}")

    monkeypatch.setattr(ShareLinkService, "open", fail)
    configure_logs("web")
    structlog.configure(cache_logger_on_first_use=False)  # a logger kept by its module would outlive the test
    assert client.get(path.format(token)).status_code == 503
    said = capsys.readouterr().out
    assert "request_unavailable" in said
    assert token not in said


def test_nor_do_metrics(client: FlaskClient, wiring: Wiring) -> None:
    token = link(wiring)
    client.get(f"/s/{token}")
    assert token not in client.get("/metrics").text
