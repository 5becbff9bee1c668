"""Which keys a media store takes."""

import re

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){0,7}")


def is_key(text: str) -> bool:
    """Segments of ASCII letters, digits, '_', '-' and inner dots, joined by '/'.

    That means the same file on every file system and in every bucket, needs no escaping, cannot leave the store,
    and keeps names with a leading dot for the store's own use.
    """
    return _KEY.fullmatch(text) is not None


def checked(key: str) -> str:
    """The key itself; ValueError if it is none."""
    if not is_key(key):
        raise ValueError(f"not a media key: {key[:100]!r}")
    return key
