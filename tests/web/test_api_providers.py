"""How providers are reached, through the API: what may be changed, what comes back, and what a check says."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support.fakes.openai import KEY, FakeOpenAi
from tests.support.fakes.server import drip, status
from tests.support.ledger import Ledger
from tests.web.booth import code, details

Auth = dict[str, str]
SECRET_FIELDS = {"is_set", "updated_at", "updated_by"}
NOT_SET = {"is_set": False, "updated_at": None, "updated_by": None}


@pytest.fixture
def openai() -> Iterator[FakeOpenAi]:
    with FakeOpenAi() as fake:
        yield fake


@pytest.fixture
def change(client: FlaskClient, auth: Auth) -> Any:
    """Changes how OpenAI is reached; gives the status and how it is reached then, or why not."""

    def put(provider: str = "openai", **values: Any) -> tuple[int, Any]:
        answer = client.put("/api/settings", headers=auth, json={"providers": {provider: values}})
        if answer.status_code != 200:
            return answer.status_code, {n: p["code"] for n, p in details(answer)["fields"].items()}
        return 200, answer.json["providers"][provider]

    return put


def test_at_first_everything_is_as_the_catalogue_says(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    providers = client.get("/api/settings", headers=auth).json["providers"]
    remote = {spec.id: spec.base_url for spec in wiring.catalogue.providers if spec.is_remote}
    assert {name: told["base_url"] for name, told in providers.items()} == remote
    assert providers["openai"] == {
        "api_key": NOT_SET,
        "base_url": "https://api.openai.com",
        "proxy": NOT_SET,
        "daily_budget_usd": None,
    }


def test_what_is_entered_counts_and_secrets_only_say_that_they_are_set(change: Any, ledger: Ledger) -> None:
    proxy = "http://user:pa55-w0rd@10.0.0.1:3128"
    found, told = change(api_key=KEY, base_url="https://own.example/v1/", proxy=proxy, daily_budget_usd=12.5)
    assert found == 200
    assert (told["base_url"], told["daily_budget_usd"]) == ("https://own.example/v1", 12.5)
    for secret in (told["api_key"], told["proxy"]):
        assert set(secret) == SECRET_FIELDS
        assert (secret["is_set"], secret["updated_by"]) == (True, "serg")
    kept = str([bytes(row[0]) for row in ledger.ask("SELECT encrypted FROM provider_secret")])
    assert not [secret for secret in (KEY, "pa55-w0rd", "own.example") if secret in kept]


def test_a_blank_leaves_and_null_removes(change: Any) -> None:
    _, before = change(api_key=KEY, base_url="https://own.example", daily_budget_usd=1)
    assert change(api_key="", base_url="", proxy="") == (200, before)
    _, after = change(api_key=None, base_url=None, proxy=None, daily_budget_usd=None)
    assert (after["api_key"]["is_set"], after["api_key"]["updated_by"]) == (False, "serg")
    assert (after["base_url"], after["proxy"], after["daily_budget_usd"]) == ("https://api.openai.com", NOT_SET, None)


@pytest.mark.parametrize("environment", [{"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://env.example/"}])
def test_the_environment_is_where_it_begins(client: FlaskClient, auth: Auth, change: Any) -> None:
    told = client.get("/api/settings", headers=auth).json["providers"]["openai"]
    assert (told["api_key"], told["base_url"]) == ({**NOT_SET, "is_set": True}, "http://env.example")
    _, told = change(api_key=None)
    assert told["api_key"]["is_set"] is False


def test_what_cannot_be_used_is_named_by_its_path(change: Any) -> None:
    assert change(api_key="two words", proxy="nowhere", base_url="ftp://x", daily_budget_usd=-1) == (
        422,
        {
            "providers.openai.api_key": "bad_key",
            "providers.openai.proxy": "bad_proxy",
            "providers.openai.base_url": "bad_address",
            "providers.openai.daily_budget_usd": "out_of_range",
        },
    )
    assert change("local", api_key="x") == (422, {"providers.local": "unknown_field"})
    assert change("\ud800", api_key="x")[0] == 422


def test_of_a_change_with_a_mistake_anywhere_nothing_is_made(client: FlaskClient, auth: Auth) -> None:
    before = client.get("/api/settings", headers=auth).json
    good = {"api_key": KEY, "daily_budget_usd": 3}
    for change in (
        {"providers": {"openai": good}, "sync_response_seconds": 1},
        {"providers": {"openai": good, "gemini": {"proxy": "x"}}, "sync_response_seconds": 50},
        {"providers": {"openai": good, "nobody": {}}},
    ):
        assert client.put("/api/settings", headers=auth, json=change).status_code == 422
        assert client.get("/api/settings", headers=auth).json == before


class TestCheck:
    @pytest.fixture
    def check(self, client: FlaskClient, auth: Auth) -> Any:
        return lambda name="openai": client.post(f"/api/providers/{name}/check", headers=auth)

    def test_a_key_that_works(self, change: Any, check: Any, openai: FakeOpenAi) -> None:
        change(api_key=KEY, base_url=openai.url)
        answer = check()
        assert (answer.status_code, answer.json["ok"], answer.json["fault"]) == (200, True, None)
        assert 0 <= answer.json["duration_ms"] < 5000
        assert [(call.method, call.path) for call in openai.calls] == [("GET", "/v1/models")]

    def test_a_key_that_does_not_is_an_answer_without_the_key(
        self, change: Any, check: Any, openai: FakeOpenAi
    ) -> None:
        change(api_key="sk-wrong-0123456789", base_url=openai.url)
        answer = check()
        assert (answer.status_code, answer.json["ok"], answer.json["fault"]) == (200, False, "key_refused")
        assert answer.json["message"]
        assert "sk-wrong-0123456789" not in answer.text

    def test_a_changed_key_counts_at_once(self, change: Any, check: Any, openai: FakeOpenAi) -> None:
        change(api_key="sk-wrong-0123456789", base_url=openai.url)
        assert check().json["ok"] is False
        change(api_key=KEY)
        assert check().json["ok"] is True
        change(api_key=None)
        assert check().json["fault"] == "not_configured"

    def test_other_troubles_are_told_apart(self, change: Any, check: Any, openai: FakeOpenAi, free_port: int) -> None:
        change(api_key=KEY, base_url=openai.url)
        openai.misbehave(status(503))
        assert check().json["fault"] == "overloaded"
        change(base_url=f"http://127.0.0.1:{free_port}")
        assert check().json["fault"] == "unreachable"

    def test_one_that_does_not_answer_is_given_up_within_five_seconds(
        self, change: Any, check: Any, openai: FakeOpenAi
    ) -> None:
        change(api_key=KEY, base_url=openai.url)
        openai.misbehave(drip(pause=0.5))
        began = time.monotonic()
        assert check().json["fault"] == "hang"
        assert time.monotonic() - began < 5

    def test_who_cannot_be_checked_is_not_found(self, check: Any) -> None:
        for name in ("local", "nobody", "%00"):
            assert (check(name).status_code, code(check(name))) == (404, "not_found")

    def test_only_administrators_may(self, client: FlaskClient) -> None:
        assert client.post("/api/providers/openai/check").status_code == 401
