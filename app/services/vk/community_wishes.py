"""What is wanted of a community, checked before anything is done."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import Reason, Refused
from app.domain.vk.community import LatePolicy, Secret
from app.domain.vk.links import TOKEN_MAX, community_named, token_in

TOKENS = (Secret.USER_TOKEN, Secret.COMMUNITY_TOKEN)
CODE_MAX = 100
SECRET_MAX = 50
"""Characters of a Callback server's secret that VK takes."""

_TO_ADD = ("link", "user_token", "community_token")
_TO_CHANGE = ("late_policy", "confirmation_code", *(name.value for name in Secret))
_BAD_TOKEN: dict[str, Any] = {"code": "bad_token", "maximum": TOKEN_MAX}
_CODE = re.compile(rf"[A-Za-z0-9]{{0,{CODE_MAX}}}")
_SECRET = re.compile(rf"[A-Za-z0-9]{{1,{SECRET_MAX}}}")


def tokens_to_add(wanted: Any) -> dict[Secret, str]:
    """The tokens of a community that is to be connected, one or both, what it is called being checked as well.

    Raises Refused(INVALID_SETTINGS) with details by field.
    """
    _refuse(_problems_to_add(wanted))
    given = {name: token_in(wanted[name]) for name in TOKENS if wanted.get(name)}
    tokens = {name: token for name, token in given.items() if token}
    if not tokens:
        _refuse({Secret.USER_TOKEN: {"code": "token_required"}})
    return tokens


def to_change(wanted: Any) -> tuple[dict[str, Any], dict[Secret, str | None]]:
    """What is plain and what is secret of it, checked. Raises Refused(INVALID_SETTINGS)."""
    if not isinstance(wanted, Mapping):
        _refuse({"community": {"code": "not_an_object"}})
    _refuse({**_unknown(wanted, _TO_CHANGE), **_problems_to_change(wanted)})
    plain: dict[str, Any] = {}
    if "late_policy" in wanted:
        plain["late_policy"] = LatePolicy(wanted["late_policy"])
    if "confirmation_code" in wanted:
        plain["confirmation_code"] = wanted["confirmation_code"].strip()
    given = {name: wanted[name] for name in Secret if name in wanted and wanted[name] != ""}
    return plain, {name: _stored(name, value) for name, value in given.items()}


def _problems_to_add(wanted: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(wanted, Mapping):
        return {"community": {"code": "not_an_object"}}
    problems = _unknown(wanted, _TO_ADD)
    link = wanted.get("link")
    if not isinstance(link, str) or not link.strip():
        problems["link"] = {"code": "required"}
    elif community_named(link) is None:
        problems["link"] = {"code": "bad_link"}
    return {**problems, **{name: _BAD_TOKEN for name in TOKENS if not _is_token(wanted.get(name))}}


def _stored(name: Secret, value: str | None) -> str | None:
    return token_in(value) if value is not None and name in TOKENS else value


def _problems_to_change(wanted: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    problems: dict[str, dict[str, Any]] = {name: _BAD_TOKEN for name in TOKENS if not _is_token(wanted.get(name))}
    if wanted.get("late_policy", LatePolicy.PUBLISH) not in list(LatePolicy):
        problems["late_policy"] = {"code": "not_an_option", "options": [policy.value for policy in LatePolicy]}
    code = wanted.get("confirmation_code", "")
    if not isinstance(code, str) or not _CODE.fullmatch(code.strip()):
        problems["confirmation_code"] = {"code": "bad_code", "maximum": CODE_MAX}
    secret = wanted.get(Secret.CALLBACK_SECRET)
    if secret not in (None, "") and not (isinstance(secret, str) and _SECRET.fullmatch(secret)):
        problems[Secret.CALLBACK_SECRET] = {"code": "bad_secret", "maximum": SECRET_MAX}
    return problems


def _unknown(wanted: Mapping[str, Any], known: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {str(name): {"code": "unknown_field", "allowed": list(known)} for name in wanted if name not in known}


def _is_token(given: Any) -> bool:
    """Or nothing."""
    return given is None or given == "" or (isinstance(given, str) and token_in(given) is not None)


def _refuse(problems: Mapping[str, Mapping[str, Any]]) -> None:
    if problems:
        raise Refused(Reason.INVALID_SETTINGS, "The community cannot be like this.", details={"fields": problems})
