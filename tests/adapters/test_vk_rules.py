"""The shipped rules are what the facts say, and wrong ones stop the start with the place of the mistake."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.vk_api.rules import VkRulesError, load_rules

SHIPPED = Path(__file__).parents[2] / "configs" / "vk.json"


def changed(folder: Path, **values: Any) -> Path:
    path = folder / "vk.json"
    content = {**json.loads(SHIPPED.read_text("utf-8")), **values}
    path.write_text(json.dumps({name: value for name, value in content.items() if value is not None}), "utf-8")
    return path


def test_where_sources_disagree_the_safer_number_is_shipped() -> None:
    rules = load_rules(SHIPPED)
    assert (rules.user_calls_per_second, rules.community_calls_per_second) == (3, 20)
    assert rules.posts_per_day == 50
    assert (rules.flood_pause_seconds, rules.quota_pause_seconds) == (600, 3600)


def test_an_installation_may_know_better(tmp_path: Path) -> None:
    assert load_rules(changed(tmp_path, posts_per_day=500)).posts_per_day == 500


@pytest.mark.parametrize(
    ("values", "mistake"),
    [
        ({"posts_per_day": 0}, "$.posts_per_day: 0 is less than the minimum of 1"),
        ({"posts_per_day": "50"}, "$.posts_per_day: '50' is not of type 'integer'"),
        ({"api_version": "6"}, "$.api_version: '6' does not match '^5\\\\.[0-9]{1,3}$'"),
        ({"posts_per_day": None}, "$: 'posts_per_day' is a required property"),
        ({"posts_a_day": 5}, "$: Additional properties are not allowed ('posts_a_day' was unexpected)"),
    ],
    ids=["too small", "text", "version", "missing", "unknown"],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, values: dict[str, Any], mistake: str) -> None:
    path = changed(tmp_path, **values)
    with pytest.raises(VkRulesError) as caught:
        load_rules(path)
    assert str(caught.value) == f"{path}: {mistake}"


@pytest.mark.parametrize("content", ["", "{", "[]"], ids=["empty", "half", "list"])
def test_a_file_that_is_none_is_a_mistake_too(tmp_path: Path, content: str) -> None:
    path = tmp_path / "vk.json"
    path.write_text(content)
    with pytest.raises(VkRulesError, match=str(path)):
        load_rules(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(VkRulesError, match=r"nowhere\.json"):
        load_rules(tmp_path / "nowhere.json")
