"""What a booth program sends beside the photo (see docs/booth.md), made safe to store and to show."""

from collections.abc import Iterable, Mapping

from app.domain.text import storable

FILE_FIELDS = ("filetoupload", "file", "image")
"""Names of the file part, lower case, in order of preference; the first is DSLR Remote Pro's own."""

PASSWORD_FIELD = "password"  # noqa: S105 - the name of a form field

_OF_DSLR_REMOTE_PRO = ("time", "user_id", "id", "profile", "status", "hash", "name", "model", "version")
_OF_BREEZE_BOOTH = ("username", "eventkitesessionid", "eventkitegalleryid")
_GIVE_AWAY = ({"version", "profile"}, {"version", "hash"}, {"eventkitesessionid"}, {"eventkitegalleryid"})
TECHNICAL_FIELDS = frozenset((*_OF_DSLR_REMOTE_PRO, *_OF_BREEZE_BOOTH))
"""Names, lower case, of what booth programs say about themselves: `name` is the computer's, not the guest's."""

_MAX_FIELDS = 100
_MAX_NAME = 100
_MAX_VALUE = 2000
_BOOTH_NAME_MAX = 80


def clean_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Text parts as metadata: bounded, without control characters, never the password. The first of a name wins."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        key = storable(name, _MAX_NAME)
        if key and key.strip().casefold() != PASSWORD_FIELD and len(fields) < _MAX_FIELDS:
            fields.setdefault(key, storable(value, _MAX_VALUE))
    return fields


def booth_name(fields: Mapping[str, str]) -> str:
    """Which booth sent these fields: its computer and the account there, empty if no booth program speaks.

    Where nothing is sent that only booth programs send, `name` and `username` may be a guest's.
    """
    told = {name.casefold(): value.strip() for name, value in fields.items()}
    account = told.get("user_id") or told.get("username", "")
    if not account or not any(names <= told.keys() for names in _GIVE_AWAY):
        return ""
    return " · ".join(part for part in (told.get("name", ""), account) if part)[:_BOOTH_NAME_MAX]
