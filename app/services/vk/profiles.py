"""Who a community is, and what a token's owner is there: https://dev.vk.com/ru/method/groups.getById."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.text import storable
from app.domain.vk.errors import VkBadRequest, VkOutcomeUnknown
from app.ports.vk.api import VkApi, VkToken

_METHOD = "groups.getById"
_NAME_MAX = 200
_ADDRESS_MAX = 2000


class Role(StrEnum):
    """What somebody is in a community; STRANGER may do nothing there."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    MODERATOR = "moderator"
    STRANGER = "stranger"


_LEVELS = {1: Role.MODERATOR, 2: Role.EDITOR, 3: Role.ADMINISTRATOR}


@dataclass(frozen=True, slots=True)
class Profile:
    """`role` is that of the owner of the token that asked."""

    group_id: int
    name: str
    screen_name: str
    photo_url: str
    role: Role


def read_profile(api: VkApi, token: VkToken, group: int | str | None) -> Profile:
    """Of the community with this id or screen name; of the token's own if it is None. Raises VkError.

    VkBadRequest if there is no such community.
    """
    answer = api.read(_METHOD, token, group_id=group)
    groups = answer.get("groups") if isinstance(answer, Mapping) else None
    if not isinstance(groups, list):
        raise VkOutcomeUnknown("VK's answer about a community cannot be read.", method=_METHOD)
    if not groups:
        raise VkBadRequest("VK knows no such community.", method=_METHOD)
    return _profile(groups[0])


def _profile(item: Any) -> Profile:
    try:
        return Profile(
            group_id=int(item["id"]),
            name=storable(str(item["name"]), _NAME_MAX),
            screen_name=storable(str(item.get("screen_name") or ""), _NAME_MAX),
            photo_url=_picture(item),
            role=_LEVELS.get(item.get("admin_level") or 0, Role.STRANGER) if item.get("is_admin") else Role.STRANGER,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise VkOutcomeUnknown("VK's answer about a community cannot be read.", method=_METHOD) from None


def _picture(item: Mapping[str, Any]) -> str:
    """The largest of those that are always there."""
    url = item.get("photo_200") or item.get("photo_100") or item.get("photo_50")
    return storable(url, _ADDRESS_MAX) if isinstance(url, str) else ""
