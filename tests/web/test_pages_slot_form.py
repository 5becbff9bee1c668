"""Every type of field that a catalogue can have: how it is drawn, and what becomes of what was typed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.config import Settings
from app.domain.catalogue import Catalogue, Field, InputLimits, Model, Operation, Option, ProviderSpec
from app.domain.media import Output
from app.domain.slot import Keeping, Policy, Publishing, Slot, Step
from app.web.application import install
from app.web.pages import slot_form
from app.wiring import Wiring
from tests.web.visitor import Page, Visitor


def label(text: str) -> dict[str, str]:
    return {"ru": f"{text} по-русски", "en": text}


PAPERS = tuple(Option(str(n), label(f"P{n}")) for n in range(13))
FIELDS = (
    Field("seed", "integer", label("Seed"), minimum=0),
    Field("noise", "integer", label("Noise"), default=7, minimum=0, maximum=4_294_967_295),
    Field("weight", "number", label("Weight"), default=0.5, minimum=0, maximum=1, step=0.1),
    Field("shift", "number", label("Shift"), minimum=0, maximum=10),
    Field("smile", "boolean", label("Smile"), default=True),
    Field("prompt", "text", label("Prompt"), maximum=200, hint=label("Say it plainly")),
    Field("paper", "choice", label("Paper"), default="3", options=PAPERS),
    Field("size", "choice", label("Size"), default="2K", options=(Option("1K", label("1")), Option("2K", label("2")))),
    Field("reference", "template", label("Reference")),
)
OPERATION = Operation("edit", label("Edit"), FIELDS, (Model("", label("Edit"), 9, 20, Decimal("0.1")),))
LIMITS = InputLimits(("image/jpeg",), 10_000_000, 10_000)
CATALOGUE = Catalogue(
    (ProviderSpec("far", "far", label("Far away"), (OPERATION,), False, LIMITS, "https://far.example"),)
)
STEP = Step("far", "edit")
NOW = datetime.now(UTC)
SLOT = Slot("slot-001", "Party", STEP, (), Output(), Policy(), Keeping(), Publishing(), True, 1, None, NOW)


class TestDrawing:
    @pytest.fixture
    def app(self, assembled_app: Flask, settings: Settings, wiring: Wiring) -> Flask:
        install(assembled_app, settings, replace(wiring.services(), catalogue=CATALOGUE))
        return assembled_app

    @pytest.fixture
    def step(self, app: Flask) -> Page:
        visitor = Visitor(app.test_client()).log_in()
        answer = visitor.post("/slots/slot-001/fields", {"version": "1", "provider": "far"}, htmx=True)
        return Page(answer.text)

    def test_defaults_are_filled_in(self, step: Page) -> None:
        assert step.one(id="settings.weight")["value"] == "0.5"
        assert step.one(id="settings.seed")["value"] == ""
        assert "checked" in step.one(id="settings.smile").attributes
        assert "checked" in step.one(id="settings.size-2K").attributes

    def test_only_numbers_with_a_value_between_near_ends_have_a_slider(self, step: Page) -> None:
        [slider] = step.all("input", type="range")
        assert (slider["data-mirror"], slider["min"], slider["max"]) == ("settings.weight", "0", "1")

    def test_a_long_choice_is_a_list_and_a_short_one_is_seen_at_once(self, step: Page) -> None:
        assert len([e for e in step.one("select", id="settings.paper").inside if e.tag == "option"]) == 13
        assert len(step.all("input", type="radio", name="settings.size")) == 2

    def test_a_value_that_left_the_catalogue_is_shown_as_it_is(self, app: Flask) -> None:
        sent = {"version": "1", "provider": "far", "operation": "edit", "settings.size": "8K", "settings.paper": "99"}
        step = Page(Visitor(app.test_client()).log_in().post("/slots/slot-001/fields", sent, htmx=True).text)
        assert "checked" in step.one("input", id="settings.size-8K").attributes
        assert "selected" in step.one("option", value="99").attributes

    def test_hints_belong_to_their_fields(self, step: Page) -> None:
        assert step.one("textarea", id="settings.prompt")["aria-describedby"] == "settings.prompt-hint"
        assert step.one(id="settings.prompt-hint").text.strip() == "Say it plainly по-русски"

    def test_an_image_that_is_not_needed_can_be_left_out(self, step: Page) -> None:
        [none] = step.all("input", type="radio", name="settings.reference")
        assert none["value"] == ""
        assert "checked" in none.attributes


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("seed", "42", 42),
        ("seed", " 42 ", 42),
        ("seed", "0", 0),
        ("seed", "-1", -1),
        ("seed", "", None),
        ("seed", "4,2", "4,2"),
        ("seed", "9" * 5000, "9" * 5000),
        ("weight", "0,5", 0.5),
        ("weight", "0.5", 0.5),
        ("weight", "1", 1.0),
        ("weight", "nan", "nan"),
        ("weight", "1e9", "1e9"),
        ("weight", "", None),
        ("smile", "on", True),
        ("smile", "", False),
        ("prompt", "", None),
        ("prompt", " as typed ", " as typed "),
        ("prompt", "first\r\n\r\nsecond\r\n", "first\n\nsecond\n"),
        ("paper", "3", "3"),
    ],
)
def test_what_was_typed_becomes_a_value_of_the_fields_type(name: str, typed: str, value: Any) -> None:
    assert content({f"settings.{name}": typed})[name] == value


def test_a_checkbox_that_was_sent_counts_over_its_empty_twin() -> None:
    assert content({"settings.smile": ["", "on"]})["smile"] is True


def test_a_field_that_was_not_in_the_form_is_left_to_its_default() -> None:
    assert content({}) == {}


def test_values_kept_for_other_operations_are_not_sent() -> None:
    assert content({"settings.effect": "comic"}) == {}


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 42, "weight": 0.25, "smile": True, "prompt": " as typed ", "paper": "3", "size": "1K"},
        {"seed": 0, "weight": 1.0, "smile": False},
        {},
    ],
)
def test_a_stored_slot_is_what_its_form_sends(values: dict[str, Any]) -> None:
    policy = Policy(content_blocked="next", hedge=True, price_cap_usd=0.001, daily_budget_usd=100_000.0)
    output = Output("webp", 1, 12_000, "crop", str(uuid4()), "top_left", "bottom_right")
    step = Step("far", "edit", values)
    chosen = replace(SLOT, step=step, fallbacks=(step, step), policy=policy, output=output, keeping=Keeping(True, True))
    chosen = replace(chosen, publishing=Publishing(str(uuid4()), "event", "{qr2}"))
    assert sent(chosen) == chosen.snapshot()


def test_a_slot_without_policy_and_finish_is_what_its_form_sends() -> None:
    assert sent(SLOT) == SLOT.snapshot()


def sent(slot: Slot) -> dict[str, Any]:
    """What the slot service would be given by the untouched form, as a job would carry it."""
    content = slot_form.stored(slot).content(CATALOGUE)
    primary = {"provider": content.provider, "operation": content.operation, "settings": content.settings}
    parts = {"output": content.output, "policy": content.policy, "keeping": content.keeping}
    parts["publishing"] = content.publishing
    return {"steps": [primary, *content.fallbacks], **parts}


def content(fields: dict[str, Any]) -> dict[str, Any]:
    """The settings that the slot service would be given."""
    form = slot_form.posted(MultiDict({"provider": "far", "operation": "edit", "version": "1", **fields}), CATALOGUE)
    settings: dict[str, Any] = form.content(CATALOGUE).settings
    return settings
