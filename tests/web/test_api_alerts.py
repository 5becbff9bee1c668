"""Alerts through the API: what is wrong, where it is told, and a message to try it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support.fakes import server, telegram
from tests.support.fakes.server import FakeServer
from tests.support.fakes.telegram import FakeTelegram
from tests.support.ledger import Ledger
from tests.web.booth import code, details

Auth = dict[str, str]
CHANNELS = "/api/alert-channels"
BOT = {"token": telegram.TOKEN, "chat_id": telegram.CHAT_ID}
SHARED = "shared-secret-of-ours"


@pytest.fixture
def hook() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


@pytest.fixture
def bots() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def environment(bots: FakeTelegram) -> dict[str, str]:
    return {"TELEGRAM_API_BASE_URL": f"{bots.url}/", "PUBLIC_BASE_URL": "http://localhost"}


def test_nothing_is_wrong_with_a_new_installation(client: FlaskClient, auth: Auth) -> None:
    assert client.get("/api/alerts", headers=auth).json == {"items": [], "total": 0, "page": 1, "page_size": 50}


def test_what_is_wrong_is_told_with_who_suffers(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    ledger.ask("UPDATE slot SET provider = 'gemini' WHERE id = 'slot-003'")
    answer = client.get("/api/alerts", headers=auth).json
    assert answer["total"] == 1
    assert answer["items"] == [
        {
            "kind": "key_missing",
            "severity": "bad",
            "provider": "gemini",
            "model": "",
            "message": "",
            "since": None,
            "slots": [{"id": "slot-003", "name": "Слот 3"}],
        }
    ]


def test_a_new_installation_tells_nobody(client: FlaskClient, auth: Auth) -> None:
    answer = client.get(CHANNELS, headers=auth).json
    assert (answer["language"], answer["webhook"]["is_ready"], answer["telegram"]["is_ready"]) == ("ru", False, False)


def test_channels_are_set_up_and_no_secret_comes_back(
    client: FlaskClient, auth: Auth, hook: FakeServer, ledger: Ledger
) -> None:
    change = {"language": "en", "telegram": BOT, "webhook": {"url": hook.url, "secret": SHARED}}
    answer = client.put(CHANNELS, headers=auth, json=change)
    assert client.get(CHANNELS, headers=auth).json == answer.json
    assert answer.json["telegram"]["token"]["updated_by"] == "serg"
    assert (answer.json["telegram"]["chat_id"], answer.json["webhook"]["url"]) == (telegram.CHAT_ID, hook.url)
    assert answer.json["telegram"]["is_ready"]
    kept = str([ledger.ask(f"SELECT * FROM {table}") for table in ("app_settings", "audit_log", "provider_secret")])
    for secret in (telegram.TOKEN, SHARED):
        assert secret not in answer.text
        assert secret not in kept


def test_blank_keeps_and_null_removes(client: FlaskClient, auth: Auth) -> None:
    client.put(CHANNELS, headers=auth, json={"telegram": BOT})
    kept = client.put(CHANNELS, headers=auth, json={"telegram": {"token": ""}}).json
    assert kept["telegram"]["is_ready"]
    removed = client.put(CHANNELS, headers=auth, json={"telegram": {"token": None}}).json
    assert (removed["telegram"]["is_ready"], removed["telegram"]["chat_id"]) == (False, telegram.CHAT_ID)


def test_what_cannot_be_used_is_named_and_nothing_changes(client: FlaskClient, auth: Auth) -> None:
    change = {"telegram": {"token": "x", "chat_id": "-1"}, "webhook": {"url": "x"}, "language": "de", "pigeon": 1}
    answer = client.put(CHANNELS, headers=auth, json=change)
    assert (answer.status_code, code(answer)) == (422, "invalid_settings")
    assert {path: problem["code"] for path, problem in details(answer)["fields"].items()} == {
        "telegram.token": "bad_token",
        "webhook.url": "bad_url",
        "language": "not_an_option",
        "pigeon": "unknown_field",
    }
    assert client.get(CHANNELS, headers=auth).json["telegram"]["chat_id"] is None


def test_a_test_message_arrives(client: FlaskClient, auth: Auth, bots: FakeTelegram, hook: FakeServer) -> None:
    client.put(CHANNELS, headers=auth, json={"telegram": BOT, "webhook": {"url": hook.url}})
    for channel in ("telegram", "webhook"):
        answer = client.post(f"{CHANNELS}/{channel}/test", headers=auth).json
        assert (answer["ok"], answer["mishap"], answer["message"]) == (True, None, None)
    assert "Проверка" in bots.texts[0]
    assert hook.calls[0].json()["event"] == "test"
    assert client.get(CHANNELS, headers=auth).json["telegram"]["state"]["told_at"]


def test_one_that_does_not_arrive_says_why(client: FlaskClient, auth: Auth, bots: FakeTelegram) -> None:
    client.put(CHANNELS, headers=auth, json={"telegram": {**BOT, "chat_id": "42"}})
    answer = client.post(f"{CHANNELS}/telegram/test", headers=auth)
    assert answer.json["ok"] is False
    assert (answer.json["mishap"], answer.json["message"]) == ("refused", "Telegram says: Bad Request: chat not found")
    bots.misbehave(server.status(401, b"{}"))
    assert client.post(f"{CHANNELS}/telegram/test", headers=auth).json["mishap"] == "out_of_order"
    assert telegram.TOKEN not in answer.text


def test_what_is_not_set_up_or_not_there_cannot_be_tried(client: FlaskClient, auth: Auth) -> None:
    assert client.post(f"{CHANNELS}/webhook/test", headers=auth).json["mishap"] == "not_set_up"
    assert client.post(f"{CHANNELS}/pigeon/test", headers=auth).status_code == 404


def test_strangers_are_told_nothing(client: FlaskClient) -> None:
    for path in ("/api/alerts", CHANNELS):
        assert client.get(path).status_code == 401
    assert client.post(f"{CHANNELS}/webhook/test").status_code == 401


def test_alerts_go_the_whole_way(
    client: FlaskClient, auth: Auth, ledger: Ledger, wiring: Wiring, bots: FakeTelegram, hook: FakeServer
) -> None:
    """From a slot without a key to two channels and back, as the cleanup process does it."""
    client.put(CHANNELS, headers=auth, json={"telegram": BOT, "webhook": {"url": hook.url}})
    ledger.ask("UPDATE slot SET provider = 'gemini' WHERE id = 'slot-003'")
    wiring.notices.run()
    assert (bots.texts, hook.calls) == ([], [])
    ledger.ask("UPDATE alert_notice SET raised_at = raised_at - interval '31 seconds'")
    for _ in range(2):
        wiring.notices.run()
    [raised] = bots.texts
    assert "Ключ не задан. Введите его в настройках." in telegram.as_read(raised).splitlines()
    ledger.ask("UPDATE slot SET is_active = false WHERE id = 'slot-003'")
    wiring.notices.run()
    ledger.ask("UPDATE alert_notice SET ended_at = ended_at - interval '31 seconds'")
    for _ in range(2):
        wiring.notices.run()
    assert [call.json()["event"] for call in hook.calls] == ["raised", "ended"]
    assert len(bots.texts) == 2
    assert ledger.ask("SELECT * FROM alert_notice") == []
