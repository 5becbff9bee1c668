"""Where VK tells of events: over HTTP, as anybody may reach it."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from app.domain.errors import DatabaseUnavailable
from app.domain.vk.community import Community, Secret
from app.services.vk.callback import PATIENCE_SECONDS
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.support.tcp_proxy import tcp_proxy
from tests.vk.community import GROUP_ID, a_community

SECRET = "8Jr2vQn0sXcB"
ADDRESS = "/api/callback"
WITHIN_SECONDS = 1.0
SLACK_SECONDS = 1.0
"""For whatever else keeps the machine busy meanwhile."""


@pytest.fixture
def community(wiring: Wiring) -> Community:
    community = wiring.stores.communities.add(a_community())
    wiring.stores.secrets.put(owner_of(community.id), Secret.CALLBACK_SECRET.value, SECRET, "serg")
    return community


def event(**changes: Any) -> dict[str, Any]:
    told = {"type": "wall_post_new", "event_id": "a", "v": "5.199", "object": {"id": 1}, "group_id": GROUP_ID}
    return {**told, "secret": SECRET, **changes}


def send(client: FlaskClient, said: Any, content_type: str = "application/json") -> TestResponse:
    body = said if isinstance(said, bytes) else json.dumps(said)
    return client.post(ADDRESS, data=body, content_type=content_type)


def test_an_event_is_acknowledged_with_the_word_that_vk_expects(client: FlaskClient, community: Community) -> None:
    answer = send(client, event())
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"ok", "text/plain")


def test_a_confirmation_gets_the_bare_code(client: FlaskClient, community: Community) -> None:
    answer = send(client, {"type": "confirmation", "group_id": GROUP_ID})
    assert (answer.status_code, answer.text, answer.mimetype) == (200, community.confirmation_code, "text/plain")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_whatever_content_type_it_has(client: FlaskClient, community: Community, content_type: str) -> None:
    assert send(client, event(), content_type).text == "ok"


@pytest.mark.parametrize(
    "said",
    [
        event(secret="another"),
        event(secret=""),
        event(secret=None),
        event(secret=[SECRET]),
        event(secret="секрет"),
        {key: value for key, value in event().items() if key != "secret"},
        event(group_id=1),
        event(group_id=str(GROUP_ID)),
        event(group_id=True),
        event(group_id=-GROUP_ID),
        event(group_id=10**40),
        {"type": "confirmation", "group_id": 1},
        {"type": "confirmation"},
        {},
    ],
    ids=str,
)
def test_strangers_learn_nothing(client: FlaskClient, community: Community, said: Any) -> None:
    answer = send(client, said)
    assert (answer.status_code, answer.data) == (403, b"")


def test_strangers_change_nothing(client: FlaskClient, community: Community, wiring: Wiring) -> None:
    send(client, event(secret="another"))
    assert wiring.stores.refreshes.pending() == frozenset()


@pytest.mark.parametrize("body", ["", "ok", "[]", "null", "{", "\xff", "[" * 100_000, '{"a":' * 100_000, "9" * 5_000])
def test_what_is_no_object_of_json_is_no_event(client: FlaskClient, community: Community, body: str) -> None:
    assert send(client, body.encode("latin-1")).status_code == 400


def test_more_than_a_megabyte_is_not_read(client: FlaskClient, community: Community) -> None:
    assert send(client, event(object={"text": "я" * (1 << 20)})).status_code == 413


def test_an_event_of_nearly_a_megabyte_is(client: FlaskClient, community: Community) -> None:
    assert send(client, event(object={"text": "a" * 1_000_000})).text == "ok"


def test_neither_a_session_nor_a_token_is_asked_for_or_heeded(client: FlaskClient, community: Community) -> None:
    answer = client.post(ADDRESS, json=event(), headers={"Authorization": "Bearer nonsense"})
    assert answer.text == "ok"


def test_only_posting_is_possible(client: FlaskClient) -> None:
    assert client.get(ADDRESS).status_code == 405


@pytest.mark.parametrize(
    ("counter", "seconds"),
    [(None, 10), ("0", 10), ("1", 180), ("4", 3600), ("5", 3600), ("99", 3600), ("-1", 10), ("x", 10), ("9" * 99, 10)],
)
def test_without_a_database_vk_is_asked_to_come_again_and_later_each_time(
    client: FlaskClient,
    community: Community,
    wiring: Wiring,
    monkeypatch: pytest.MonkeyPatch,
    counter: str | None,
    seconds: int,
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(wiring.database, "run", away)
    headers = {} if counter is None else {"X-Retry-Counter": counter}
    answer = client.post(ADDRESS, json=event(), headers=headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(seconds))


def test_secrets_stay_out_of_the_log(
    client: FlaskClient, community: Community, capsys: pytest.CaptureFixture[str]
) -> None:
    send(client, event())
    send(client, event(secret="another-secret"))
    printed = "".join(capsys.readouterr())
    assert SECRET not in printed
    assert "another-secret" not in printed


def test_vk_has_its_answer_within_a_second_though_the_database_hangs(settings: Settings, community: Community) -> None:
    assert PATIENCE_SECONDS < WITHIN_SECONDS
    with tcp_proxy(str(settings.database_url)) as proxy:
        distant = replace(settings, database_url=proxy.url)
        wiring = Wiring(distant, role="web")
        client = create_app(distant, wiring.services()).test_client()
        send(client, event(event_id="the first connection"))
        began = time.monotonic()
        assert send(client, event()).text == "ok"
        assert time.monotonic() - began < WITHIN_SECONDS
        proxy.hang()
        began = time.monotonic()
        answer = send(client, event(event_id="b"))
        assert time.monotonic() - began < PATIENCE_SECONDS + SLACK_SECONDS
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        proxy.resume()
        assert send(client, event(event_id="b")).text == "ok"
        wiring.database.close()
