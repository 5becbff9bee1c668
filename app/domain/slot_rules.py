"""What a slot's output, policy, keeping and publishing may say."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from app.domain.catalogue import Problem
from app.domain.media import ASPECTS, CORNERS, OUTPUT_FORMATS, OVERLAY_PLACES, Output
from app.domain.slot import CONTENT_BLOCKED_CHOICES, NAME_MAX, Keeping, Policy, Publishing
from app.domain.vk.filling import AlbumPer, plain_name

_QUALITY = (1, 100)
_MAX_SIDE = (64, 12_000)
_MONEY = (0.001, 100_000)
_OUTPUT_NAMES = [f.name for f in fields(Output)]
_POLICY_NAMES = [f.name for f in fields(Policy)]
_KEEPING_NAMES = [f.name for f in fields(Keeping)]
_PUBLISHING_NAMES = [f.name for f in fields(Publishing)]
CONSENT_FIELD_MAX = 100
"""Characters of a booth field's name."""

Problems = dict[str, Problem]


def check_name(value: Any, problems: Problems) -> str:
    if isinstance(value, str) and 1 <= len(value.strip()) <= NAME_MAX and value.isprintable():
        return value.strip()
    problems["name"] = Problem("bad_length", {"minimum": 1, "maximum": NAME_MAX})
    return ""


def check_flag(name: str, value: Any, problems: Problems) -> bool:
    if not isinstance(value, bool):
        problems[name] = Problem("not_a_boolean")
    return value is True


def check_output(value: Any, problems: Problems) -> Output:
    """The output that `value` describes, what it leaves out as usual; problems by path such as `output.quality`.

    Whether the overlay's template exists is not looked at.
    """
    if not isinstance(value, Mapping) or not set(value) <= set(_OUTPUT_NAMES):
        problems["output"] = Problem("not_an_object", {"fields": _OUTPUT_NAMES})
        return Output()
    output = Output(**value)
    _one_of("output.format", output.format, OUTPUT_FORMATS, problems)
    _whole("output.quality", output.quality, _QUALITY, problems)
    if output.max_side is not None:
        _whole("output.max_side", output.max_side, _MAX_SIDE, problems)
    _one_of("output.aspect", output.aspect, ASPECTS, problems)
    _one_of("output.overlay_place", output.overlay_place, OVERLAY_PLACES, problems)
    if output.qr_corner is not None:
        _one_of("output.qr_corner", output.qr_corner, CORNERS, problems)
    if output.overlay is not None and not _is_id(output.overlay):
        problems["output.overlay"] = Problem("not_a_template")
    return output


def check_policy(value: Any, problems: Problems) -> Policy:
    """The policy that `value` describes, as `check_output`."""
    if not isinstance(value, Mapping) or not set(value) <= set(_POLICY_NAMES):
        problems["policy"] = Problem("not_an_object", {"fields": _POLICY_NAMES})
        return Policy()
    policy = Policy(**value)
    _one_of("policy.content_blocked", policy.content_blocked, CONTENT_BLOCKED_CHOICES, problems)
    check_flag("policy.hedge", policy.hedge, problems)
    for name in ("price_cap_usd", "daily_budget_usd"):
        check_money(f"policy.{name}", getattr(policy, name), problems)
    return policy


def check_keeping(value: Any, problems: Problems) -> Keeping:
    """What is kept as `value` says, as `check_output`."""
    if not isinstance(value, Mapping) or not set(value) <= set(_KEEPING_NAMES):
        problems["keeping"] = Problem("not_an_object", {"fields": _KEEPING_NAMES})
        return Keeping()
    keeping = Keeping(**value)
    for name in _KEEPING_NAMES:
        check_flag(f"keeping.{name}", getattr(keeping, name), problems)
    return keeping


def check_publishing(value: Any, problems: Problems) -> Publishing:
    """Where to publish as `value` says, as `check_output`. Whether the community is connected is not looked at."""
    if not isinstance(value, Mapping) or not set(value) <= set(_PUBLISHING_NAMES):
        problems["publishing"] = Problem("not_an_object", {"fields": _PUBLISHING_NAMES})
        return Publishing()
    publishing = Publishing(**value)
    _one_of("publishing.album", publishing.album, tuple(AlbumPer), problems)
    if publishing.community is None and publishing.album in (AlbumPer.DAY, AlbumPer.EVENT):
        problems["publishing.community"] = Problem("required")
    elif publishing.community is not None and not _is_id(publishing.community):
        problems["publishing.community"] = Problem("not_a_community")
    if publishing.consent_field is not None and not _is_field_name(publishing.consent_field):
        problems["publishing.consent_field"] = Problem("bad_length", {"minimum": 1, "maximum": CONSENT_FIELD_MAX})
    return publishing


def check_money(path: str, value: Any, problems: Problems) -> None:
    """US dollars, None for no limit."""
    low, high = _MONEY
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (is_number and low <= value <= high):
        problems[path] = Problem("out_of_range", {"minimum": low, "maximum": high})


def _one_of(path: str, value: Any, allowed: tuple[str, ...], problems: Problems) -> None:
    if value not in allowed:
        problems[path] = Problem("not_an_option", {"options": list(allowed)})


def _whole(path: str, value: Any, bounds: tuple[int, int], problems: Problems) -> None:
    low, high = bounds
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        problems[path] = Problem("out_of_range", {"minimum": low, "maximum": high})


def _is_field_name(value: Any) -> bool:
    is_short = isinstance(value, str) and len(value) <= CONSENT_FIELD_MAX
    return is_short and value.isprintable() and plain_name(value) != ""


def _is_id(value: Any) -> bool:
    try:
        return bool(str(UUID(value)) == value)
    except (ValueError, AttributeError, TypeError):
        return False
