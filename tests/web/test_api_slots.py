"""Slots through the API: read, change without overwriting anybody, refuse by the field."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.slots import MAX_FALLBACKS
from tests.support.ledger import Ledger
from tests.web.booth import code, details

Auth = dict[str, str]
PATH = "/api/slots/slot-003"


@pytest.fixture
def slot(client: FlaskClient, auth: Auth) -> dict[str, Any]:
    """The slot as it was before the test."""
    return dict(client.get(PATH, headers=auth).json)


def fields(answer: Any) -> dict[str, Any]:
    """The refused fields; the answer must be 422."""
    assert (answer.status_code, code(answer)) == (422, "invalid_settings"), answer.get_data()
    return {path: problem["code"] for path, problem in details(answer)["fields"].items()}


def test_there_are_fifteen_in_order(client: FlaskClient, auth: Auth) -> None:
    answer = client.get("/api/slots", headers=auth).json
    assert [slot["id"] for slot in answer["items"]] == [f"slot-{n:03}" for n in range(1, 16)]
    assert answer["total"] == 15


def test_a_slot_tells_its_link_and_its_version(client: FlaskClient, auth: Auth) -> None:
    answer = client.get(PATH, headers=auth)
    assert answer.json["ingest_url"] == "http://localhost/ingest/slot-003"
    assert answer.headers["ETag"] == f'"{answer.json["version"]}"'


@pytest.mark.parametrize("environment", [{"PUBLIC_BASE_URL": "https://photo.example.org"}])
def test_links_go_to_the_public_address(client: FlaskClient, auth: Auth) -> None:
    assert client.get(PATH, headers=auth).json["ingest_url"] == "https://photo.example.org/ingest/slot-003"


def test_a_slot_that_is_none(client: FlaskClient, auth: Auth) -> None:
    for slot_id in ("slot-016", "SLOT-003", "x" * 3000, "'"):
        for method in ("GET", "PUT"):
            answer = client.open(f"/api/slots/{slot_id}", method=method, headers=auth, json={"version": 1})
            assert (answer.status_code, code(answer)) == (404, "slot_not_found")


def test_put_takes_what_get_gives(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    answer = client.put(PATH, headers=auth, json=slot)
    assert answer.status_code == 200
    changed = {"version", "updated_by", "updated_at"}
    assert {k: v for k, v in answer.json.items() if k not in changed} == {
        k: v for k, v in slot.items() if k not in changed
    }
    assert (answer.json["version"], answer.json["updated_by"]) == (slot["version"] + 1, "serg")
    assert answer.headers["ETag"] == f'"{slot["version"] + 1}"'
    assert client.get(PATH, headers=auth).json == answer.json


def test_what_is_left_out_stays(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    answer = client.put(PATH, headers=auth, json={"name": "  Вход 🎉 ", "version": slot["version"]})
    assert answer.json["name"] == "Вход 🎉"
    assert answer.json["settings"] == slot["settings"]


def test_everything_can_be_changed_at_once(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    wanted = {
        "name": "Entrance",
        "settings": {"effect": "glow", "strength": 0},
        "fallbacks": [{"provider": "local", "operation": "image_edit", "settings": {"effect": "oil", "strength": 100}}],
        "output": {
            "format": "webp",
            "quality": 1,
            "max_side": 64,
            "aspect": "fit",
            "overlay": None,
            "overlay_place": "top_left",
            "qr_corner": "bottom_right",
        },
        "policy": {"content_blocked": "next", "hedge": True, "price_cap_usd": 0.2, "daily_budget_usd": None},
        "keeping": {"originals": True, "copies": True},
        "is_active": False,
    }
    answer = client.put(PATH, headers=auth, json={**wanted, "version": slot["version"]})
    assert {name: answer.json[name] for name in wanted} == wanted


def test_missing_settings_take_the_catalogues_defaults(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    answer = client.put(PATH, headers=auth, json={"settings": {}, "version": slot["version"]})
    assert answer.json["settings"] == {"effect": "watercolour", "strength": 80}


def test_who_comes_second_overwrites_nothing(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    version = slot["version"]
    assert client.put(PATH, headers=auth, json={"name": "first", "version": version}).status_code == 200
    answer = client.put(PATH, headers=auth, json={"name": "second", "version": version})
    assert (answer.status_code, code(answer)) == (409, "version_conflict")
    assert details(answer)["expected_version"] == version
    assert (details(answer)["version"], details(answer)["updated_by"]) == (version + 1, "serg")
    assert client.get(PATH, headers=auth).json["name"] == "first"


def test_what_a_part_leaves_out_stays(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    rich = {"output": {"qr_corner": "top_left"}, "policy": {"hedge": True}, "keeping": {"originals": True}}
    changed = client.put(PATH, headers=auth, json={**rich, "version": slot["version"]}).json
    plain = {"output": {"format": "png", "quality": 80, "max_side": None}, "version": changed["version"]}
    assert client.put(PATH, headers=auth, json=plain).json["output"] == {**changed["output"], **plain["output"]}
    assert client.get(PATH, headers=auth).json["policy"]["hedge"] is True
    copies = {"keeping": {"copies": True}, "version": changed["version"] + 1}
    assert client.put(PATH, headers=auth, json=copies).json["keeping"] == {"originals": True, "copies": True}


def test_of_many_at_once_one_is_first(app: Flask, auth: Auth, ledger: Ledger) -> None:
    def change(number: int) -> int:
        body = {"name": f"writer {number}", "version": 1}
        return app.test_client().put(PATH, headers=auth, json=body).status_code

    with ThreadPoolExecutor(8) as writers:
        assert sorted(writers.map(change, range(8))) == [200] + [409] * 7
    assert len(ledger.ask("SELECT * FROM slot_version WHERE slot_id = 'slot-003'")) == 2


def test_if_match_goes_before_the_version_in_the_body(client: FlaskClient, auth: Auth, slot: dict[str, Any]) -> None:
    stale = {**auth, "If-Match": '"999"'}
    assert client.put(PATH, headers=stale, json=slot).status_code == 409
    current = {**auth, "If-Match": f'"{slot["version"]}"'}
    assert client.put(PATH, headers=current, json={"name": "tagged", "version": 999}).status_code == 200
    assert client.put(PATH, headers=current, json={"name": "again"}).status_code == 409


def test_an_etag_that_is_no_version(
    client: FlaskClient, auth: Auth, slot: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for tag in ("one", "-1", "0", "1.0", "2147483648", "9" * 5000):
        with subtests.test(tag=tag):
            answer = client.put(PATH, headers={**auth, "If-Match": f'"{tag}"'}, json=slot)
            assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_a_version_that_is_none(client: FlaskClient, auth: Auth, subtests: pytest.Subtests) -> None:
    for version in ("1", 1.0, True, None, [], -1, 0, 2**31, 10**400):
        with subtests.test(version=version):
            answer = client.put(PATH, headers=auth, json={"name": "x", "version": version})
            assert (answer.status_code, code(answer)) == (400, "invalid_request")


def test_a_change_must_say_what_it_is_based_on(client: FlaskClient, auth: Auth) -> None:
    assert code(client.put(PATH, headers=auth, json={"name": "x"})) == "invalid_request"


REFUSED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"colour": "red"}, {"colour": "unknown_field"}),
    ({"settings_json": {}}, {"settings_json": "unknown_field"}),
    ({"\x00": 1}, {"\x00": "unknown_field"}),
    ({"name": ""}, {"name": "bad_length"}),
    ({"name": "   "}, {"name": "bad_length"}),
    ({"name": "x" * 81}, {"name": "bad_length"}),
    ({"name": None}, {"name": "bad_length"}),
    ({"name": 5}, {"name": "bad_length"}),
    ({"name": "a\x00b"}, {"name": "bad_length"}),
    ({"name": "a\nb"}, {"name": "bad_length"}),
    ({"name": "\ud800"}, {"name": "bad_length"}),
    ({"name": "\u202egpj.exe"}, {"name": "bad_length"}),
    ({"provider": "nobody"}, {"provider": "not_an_option"}),
    ({"provider": None}, {"provider": "not_an_option"}),
    ({"provider": ["local"]}, {"provider": "not_an_option"}),
    ({"operation": "inpaint"}, {"operation": "not_an_option"}),
    ({"operation": {}}, {"operation": "not_an_option"}),
    ({"settings": []}, {"settings": "not_an_object"}),
    ({"settings": None}, {"settings": "not_an_object"}),
    ({"settings": {"effekt": "glow"}}, {"settings.effekt": "unknown_field"}),
    ({"settings": {"effect": "GLOW"}}, {"settings.effect": "not_an_option"}),
    ({"settings": {"effect": ["glow"]}}, {"settings.effect": "not_an_option"}),
    ({"settings": {"effect": "glow\x00"}}, {"settings.effect": "not_an_option"}),
    ({"settings": {"strength": "80"}}, {"settings.strength": "not_a_number"}),
    ({"settings": {"strength": 80.0}}, {"settings.strength": "not_a_number"}),
    ({"settings": {"strength": float("nan")}}, {"settings.strength": "not_a_number"}),
    ({"settings": {"strength": float("inf")}}, {"settings.strength": "not_a_number"}),
    ({"settings": {"strength": True}}, {"settings.strength": "not_a_number"}),
    ({"settings": {"strength": -1}}, {"settings.strength": "out_of_range"}),
    ({"settings": {"strength": 10**300}}, {"settings.strength": "out_of_range"}),
    ({"operation": "frame", "settings": {}}, {"settings.template": "required"}),
    ({"operation": "frame", "settings": {"template": "1"}}, {"settings.template": "not_a_template"}),
    ({"operation": "frame", "settings": {"template": 10**31}}, {"settings.template": "not_a_template"}),
    ({"operation": "frame", "settings": {"template": "0" * 32}}, {"settings.template": "not_a_template"}),
    ({"operation": "frame", "settings": {"template": "\ud800"}}, {"settings.template": "not_a_template"}),
    ({"operation": "frame", "settings": {"template": []}}, {"settings.template": "not_a_template"}),
    ({"fallbacks": None}, {"fallbacks": "not_a_list"}),
    ({"fallbacks": {}}, {"fallbacks": "not_a_list"}),
    ({"fallbacks": ["local"]}, {"fallbacks": "not_a_list"}),
    ({"fallbacks": [{}] * (MAX_FALLBACKS + 1)}, {"fallbacks": "not_a_list"}),
    ({"fallbacks": [{}]}, {"fallbacks.0.provider": "not_an_option"}),
    (
        {"fallbacks": [{"provider": "local", "operation": "image_edit", "model": "x"}]},
        {"fallbacks.0.model": "unknown_field"},
    ),
    (
        {"fallbacks": [{"provider": "local", "operation": "image_edit", "settings": {"strength": 101}}]},
        {"fallbacks.0.settings.strength": "out_of_range"},
    ),
    ({"output": "jpeg"}, {"output": "not_an_object"}),
    ({"output": {"format": "jpeg", "dpi": 300}}, {"output": "not_an_object"}),
    ({"output": {"format": "gif"}}, {"output.format": "not_an_option"}),
    ({"output": {"format": ["jpeg"]}}, {"output.format": "not_an_option"}),
    ({"output": {"quality": 0}}, {"output.quality": "out_of_range"}),
    ({"output": {"quality": 90.5}}, {"output.quality": "out_of_range"}),
    ({"output": {"quality": None}}, {"output.quality": "out_of_range"}),
    ({"output": {"max_side": 63}}, {"output.max_side": "out_of_range"}),
    ({"output": {"max_side": "2048"}}, {"output.max_side": "out_of_range"}),
    ({"output": {"aspect": "stretch"}}, {"output.aspect": "not_an_option"}),
    ({"output": {"overlay": "logo.png"}}, {"output.overlay": "not_a_template"}),
    ({"output": {"overlay": f"{0:032x}"}}, {"output.overlay": "not_a_template"}),
    ({"output": {"overlay_place": None}}, {"output.overlay_place": "not_an_option"}),
    ({"output": {"qr_corner": "centre"}}, {"output.qr_corner": "not_an_option"}),
    ({"policy": []}, {"policy": "not_an_object"}),
    ({"policy": {"retries": 5}}, {"policy": "not_an_object"}),
    ({"policy": {"content_blocked": "retry"}}, {"policy.content_blocked": "not_an_option"}),
    ({"policy": {"hedge": "on"}}, {"policy.hedge": "not_a_boolean"}),
    ({"policy": {"price_cap_usd": 0}}, {"policy.price_cap_usd": "out_of_range"}),
    ({"policy": {"daily_budget_usd": "10"}}, {"policy.daily_budget_usd": "out_of_range"}),
    ({"policy": {"daily_budget_usd": float("nan")}}, {"policy.daily_budget_usd": "out_of_range"}),
    ({"keeping": None}, {"keeping": "not_an_object"}),
    ({"keeping": {"shots": True}}, {"keeping": "not_an_object"}),
    ({"keeping": {"originals": "yes"}}, {"keeping.originals": "not_a_boolean"}),
    ({"is_active": "yes"}, {"is_active": "not_a_boolean"}),
    ({"is_active": 1}, {"is_active": "not_a_boolean"}),
    (
        {"name": "", "is_active": 0, "output": {"quality": 0}},
        {"name": "bad_length", "is_active": "not_a_boolean", "output.quality": "out_of_range"},
    ),
]


def test_what_cannot_be_used_is_named_by_its_field(
    client: FlaskClient, auth: Auth, slot: dict[str, Any], subtests: pytest.Subtests
) -> None:
    for change, refused in REFUSED:
        with subtests.test(change=change):
            assert fields(client.put(PATH, headers=auth, json={**change, "version": slot["version"]})) == refused
    assert client.get(PATH, headers=auth).json == slot


def test_the_refusal_says_what_is_allowed(client: FlaskClient, auth: Auth) -> None:
    change = {"settings": {"strength": 500}, "output": {"format": "gif"}, "version": 1}
    found = details(client.put(PATH, headers=auth, json=change))["fields"]
    assert found["settings.strength"] == {"code": "out_of_range", "minimum": 0, "maximum": 100}
    assert found["output.format"] == {"code": "not_an_option", "options": ["jpeg", "png", "webp", "original"]}


def test_every_change_is_kept_in_the_history(client: FlaskClient, auth: Auth, ledger: Ledger) -> None:
    client.put(PATH, headers=auth, json={"name": "second", "version": 1})
    client.put(PATH, headers=auth, json={"name": "third", "version": 2})
    rows = ledger.ask("SELECT version, content, updated_by FROM slot_version WHERE slot_id = 'slot-003' ORDER BY 1")
    assert [(row.version, row.content["name"], row.updated_by) for row in rows][1:] == [
        (2, "second", "serg"),
        (3, "third", "serg"),
    ]


def test_who_has_a_slot_already_gets_it_only_when_it_has_changed(client: FlaskClient, auth: Auth) -> None:
    for path in (PATH, "/api/slots"):
        known = {**auth, "If-None-Match": client.get(path, headers=auth).headers["ETag"]}
        answer = client.get(path, headers=known)
        assert (answer.status_code, answer.data) == (304, b"")
        version = client.get(PATH, headers=auth).json["version"]
        client.put(PATH, headers=auth, json={"name": f"name {version}", "version": version})
        assert client.get(path, headers=known).status_code == 200
