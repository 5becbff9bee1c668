"""What a slot's output, policy and keeping may say, and the place of each mistake."""

from typing import Any
from uuid import UUID

import pytest

from app.domain.catalogue import Problem
from app.domain.media import Output
from app.domain.slot import Keeping, Policy
from app.domain.slot_rules import check_keeping, check_output, check_policy, check_publishing


def problems_of(check: Any, value: Any) -> dict[str, str]:
    problems: dict[str, Problem] = {}
    check(value, problems)
    return {path: problem.code for path, problem in problems.items()}


def test_what_is_left_out_is_as_usual() -> None:
    problems: dict[str, Problem] = {}
    assert check_output({"format": "png"}, problems) == Output("png")
    assert check_policy({}, problems) == Policy()
    assert check_keeping({"copies": True}, problems) == Keeping(copies=True)
    assert problems == {}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"format": "gif"}, {"output.format": "not_an_option"}),
        ({"quality": 0}, {"output.quality": "out_of_range"}),
        ({"quality": True}, {"output.quality": "out_of_range"}),
        ({"max_side": 63}, {"output.max_side": "out_of_range"}),
        ({"aspect": "stretch"}, {"output.aspect": "not_an_option"}),
        ({"aspect": ["fit"]}, {"output.aspect": "not_an_option"}),
        ({"overlay": "logo.png"}, {"output.overlay": "not_a_template"}),
        ({"overlay_place": "middle"}, {"output.overlay_place": "not_an_option"}),
        ({"qr_corner": "middle"}, {"output.qr_corner": "not_an_option"}),
        ({"colour": "red"}, {"output": "not_an_object"}),
        ([], {"output": "not_an_object"}),
        (None, {"output": "not_an_object"}),
    ],
)
def test_a_wrong_output_is_refused_at_its_place(value: Any, found: dict[str, str]) -> None:
    assert problems_of(check_output, value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"content_blocked": "ignore"}, {"policy.content_blocked": "not_an_option"}),
        ({"hedge": 1}, {"policy.hedge": "not_a_boolean"}),
        ({"price_cap_usd": 0}, {"policy.price_cap_usd": "out_of_range"}),
        ({"daily_budget_usd": float("nan")}, {"policy.daily_budget_usd": "out_of_range"}),
        ({"daily_budget_usd": "5"}, {"policy.daily_budget_usd": "out_of_range"}),
        ({"retries": 9}, {"policy": "not_an_object"}),
        ("stop", {"policy": "not_an_object"}),
    ],
)
def test_a_wrong_policy_is_refused_at_its_place(value: Any, found: dict[str, str]) -> None:
    assert problems_of(check_policy, value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"originals": "yes"}, {"keeping.originals": "not_a_boolean"}),
        ({"originals": None, "copies": 1}, {"keeping.originals": "not_a_boolean", "keeping.copies": "not_a_boolean"}),
        ({"payloads": True}, {"keeping": "not_an_object"}),
        (True, {"keeping": "not_an_object"}),
    ],
)
def test_a_wrong_keeping_is_refused_at_its_place(value: Any, found: dict[str, str]) -> None:
    assert problems_of(check_keeping, value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, {}),
        ({"community": str(UUID(int=1)), "album": "day", "consent_field": "{qr2}"}, {}),
        ({"community": str(UUID(int=1))}, {}),
        ({"album": "week"}, {"publishing.album": "not_an_option"}),
        ({"album": ["day"]}, {"publishing.album": "not_an_option"}),
        ({"album": "day"}, {"publishing.community": "required"}),
        ({"community": "studio", "album": "event"}, {"publishing.community": "not_a_community"}),
        ({"community": 7}, {"publishing.community": "not_a_community"}),
        ({"consent_field": " {} "}, {"publishing.consent_field": "bad_length"}),
        ({"consent_field": True}, {"publishing.consent_field": "bad_length"}),
        ({"consent_field": "x" * 101}, {"publishing.consent_field": "bad_length"}),
        ({"wall": True}, {"publishing": "not_an_object"}),
        (7, {"publishing": "not_an_object"}),
    ],
)
def test_publishing_needs_a_community_and_names_a_field(value: Any, found: dict[str, str]) -> None:
    assert problems_of(check_publishing, value) == found
