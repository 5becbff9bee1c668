"""What the API tells of the providers: enough to set up a slot without having seen the page."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring

Auth = dict[str, str]


@pytest.fixture
def providers(client: FlaskClient, auth: Auth) -> dict[str, Any]:
    answer = client.get("/api/providers", headers=auth)
    assert answer.json["total"] == len(answer.json["items"])
    return {provider["id"]: provider for provider in answer.json["items"]}


def operation(provider: dict[str, Any], operation_id: str) -> dict[str, Any]:
    return next(o for o in provider["operations"] if o["id"] == operation_id)


def field(operation: dict[str, Any], name: str) -> dict[str, Any]:
    return next(f for f in operation["fields"] if f["name"] == name)


def test_every_provider_of_the_catalogue_is_there(providers: dict[str, Any], wiring: Wiring) -> None:
    assert list(providers) == [spec.id for spec in wiring.catalogue.providers]


def test_a_provider_tells_what_it_needs_and_what_it_takes(providers: dict[str, Any]) -> None:
    assert [providers[name]["needs_key"] for name in ("local", "gemini")] == [False, True]
    assert [providers[name]["is_queue"] for name in ("gemini", "turbotext")] == [False, True]
    assert providers["turbotext"]["input"]["types"] == ["image/jpeg", "image/png", "image/webp"]
    assert providers["gemini"]["quota"] == {"per_minute": 500, "per_day": 2000, "day_zone": "America/Los_Angeles"}
    assert providers["local"]["quota"] == {"per_minute": None, "per_day": None, "day_zone": "UTC"}


def test_models_tell_their_price_and_their_time(providers: dict[str, Any], wiring: Wiring) -> None:
    told = operation(providers["gemini"], "image_edit")["models"]
    spec = wiring.catalogue.operation("gemini", "image_edit")
    assert spec
    assert [(m["id"], m["price_usd"], m["usual_seconds"], m["p95_seconds"], m["max_images"]) for m in told] == [
        (m.id, float(m.price_usd), m.usual_seconds, m.p95_seconds, m.max_images) for m in spec.models
    ]


def test_an_operation_without_a_choice_has_one_model_without_a_name(providers: dict[str, Any]) -> None:
    [model] = operation(providers["local"], "image_edit")["models"]
    assert (model["id"], model["price_usd"]) == ("", 0.0)


def test_fields_tell_everything_that_a_form_needs(providers: dict[str, Any]) -> None:
    fusion = operation(providers["gemini"], "fusion")
    assert field(fusion, "prompt")["placeholders"]
    assert field(fusion, "template")["role"] == "background"
    assert "gemini-2.5-flash-image" not in field(fusion, "template_3")["models"]
    assert field(fusion, "template")["models"] == []
    strength = field(operation(providers["local"], "image_edit"), "strength")
    assert (strength["minimum"], strength["maximum"], strength["step"]) == (0, 100, 5)
    assert set(strength["hint"]) == {"ru", "en"}


def test_a_field_with_nothing_to_explain_has_no_hint(providers: dict[str, Any]) -> None:
    assert field(operation(providers["local"], "image_edit"), "effect")["hint"] is None


def test_the_defaults_make_a_slot_wherever_no_picture_is_needed(
    client: FlaskClient, auth: Auth, providers: dict[str, Any]
) -> None:
    version = 1
    for provider in providers.values():
        for entry in provider["operations"]:
            needed = [f["name"] for f in entry["fields"] if f["required"] and f["default"] is None]
            body = {"provider": provider["id"], "operation": entry["id"], "settings": dict.fromkeys(needed, "x")}
            if any(f["type"] == "template" and f["required"] for f in entry["fields"]):
                continue
            answer = client.put("/api/slots/slot-004", headers=auth, json={**body, "version": version})
            assert answer.status_code == 200, answer.text
            version += 1
