"""What people paste to name a community, or to hand over a token, and what is meant by it."""

import re
from urllib.parse import urlsplit

TOKEN_MAX = 2048

_GROUP_ID = re.compile(r"-?(?:club|public|event)?([1-9][0-9]{0,11})")
_SCREEN_NAME = re.compile(r"[a-z][a-z0-9_.]{2,63}")
_HOSTS = ("vk.com", "m.vk.com", "www.vk.com", "vk.ru", "m.vk.ru", "www.vk.ru", "vkontakte.ru")
_IN_ADDRESS = re.compile(r"(?:^|[#?&])access_token=([^&\s]+)")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{20,2048}")


def community_named(text: str) -> int | str | None:
    """A group's id, or its screen name in small letters, of a link, a name or an id; None if it is none of these.

    >>> community_named("https://vk.com/club42?w=wall-42_1"), community_named("@Studio"), community_named("-42")
    (42, 'studio', 42)
    """
    name = _last_part(text.strip()).lower()
    if found := _GROUP_ID.fullmatch(name):
        return int(found[1])
    return name if _SCREEN_NAME.fullmatch(name) else None


def token_in(text: str) -> str | None:
    """The token itself, also out of a whole address with `access_token=` as VK leaves it in a browser; or None."""
    given = _IN_ADDRESS.search(text)
    token = given[1] if given else text.strip()
    return token if _TOKEN.fullmatch(token) else None


def _last_part(text: str) -> str:
    """The name in a link of VK's; what is no link is a name already."""
    if "/" not in text:
        return text.removeprefix("@")
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        host = parts.hostname or ""
    except ValueError:
        return ""
    return parts.path.strip("/") if host in _HOSTS else ""
