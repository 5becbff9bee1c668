"""Whatever JSON a slot is to be changed to, the answer is one of the documented ones."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.support.contract import document

PATH = "/api/slots/slot-003"
CURRENT = "the current version"
TEMPLATE = "6f1c2b0e-95d2-1c44-8a07-3be1f0b9d7aa"

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "effect": st.sampled_from(["glow", "oil"]) | SCALARS,
        "strength": st.integers(-1, 101) | SCALARS,
        "template": st.just(TEMPLATE) | SCALARS,
        "fit": st.just("cover") | SCALARS,
    },
)
STEP = {
    "provider": st.just("local") | SCALARS,
    "operation": st.sampled_from(["image_edit", "style_transfer", "frame"]) | SCALARS,
    "settings": SETTINGS | ANYTHING,
}
OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from(["jpeg", "png", "webp"]) | SCALARS,
        "quality": st.integers(0, 101) | SCALARS,
        "max_side": st.integers(60, 13_000) | SCALARS,
    },
)
CHANGES = st.fixed_dictionaries(
    {"version": st.just(CURRENT) | ANYTHING},
    optional={
        **STEP,
        "name": st.text(max_size=90) | SCALARS,
        "fallbacks": st.lists(st.fixed_dictionaries({}, optional=STEP), max_size=4) | ANYTHING,
        "output": OUTPUT | ANYTHING,
        "is_active": st.booleans() | SCALARS,
    },
)


@pytest.fixture
def contract_of_changes() -> Draft202012Validator:
    components = document()["components"]
    return Draft202012Validator({**components["schemas"]["SlotChange"], "components": components})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=CHANGES | ANYTHING)
@example(body={"version": CURRENT, "settings": {"effect": "glow", "strength": 40}, "output": {"format": "png"}})
@example(body={"version": 10**400})
def test_any_json_gets_a_documented_answer(
    client: FlaskClient, auth: dict[str, str], contract_of_changes: Draft202012Validator, body: Any
) -> None:
    before = client.get(PATH, headers=auth).json
    if isinstance(body, dict) and body.get("version") == CURRENT:
        body = {**body, "version": before["version"]}
    answer = client.put(PATH, headers=auth, data=json.dumps(body), content_type="application/json")
    after = client.get(PATH, headers=auth).json
    if answer.status_code == 200:
        contract_of_changes.validate(body)
        assert after == answer.json
        assert after["version"] == before["version"] + 1
    else:
        assert answer.status_code in (400, 409, 422)
        assert after == before
