"""Values that are kept encrypted: where they lie, what people see of them, and which entries change something."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from app.ports.settings import SettingView

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A value as an administrator left it; `value` is None if it was removed.

    And where it is not `is_readable`: it was encrypted with a key that ENCRYPTION_KEYS does not hold.
    """

    value: str | None = field(repr=False)
    updated_by: str | None
    updated_at: datetime
    is_readable: bool = True


class SecretUnreadable(Exception):
    """A secret was encrypted with a key that ENCRYPTION_KEYS does not hold; the message names it."""


class SecretStore(Protocol):
    """What is needed to reach the providers, the channels of alerts as `alerts:NAME`, and the storage for copies as
    `copies:studio`, encrypted at rest.
    """

    def of(self, provider: str) -> Mapping[str, StoredSecret]:
        """By name: `api_key`, `proxy`, `base_url`. What an administrator never touched is not there."""

    def all(self) -> Mapping[str, Mapping[str, StoredSecret]]:
        """The same of every provider that somebody touched."""

    def put(self, provider: str, name: str, value: str | None, author: str | None) -> None:
        """Store; None removes the value, and what the environment says does not come back."""

    def rotate(self) -> int:
        """Encrypt everything with the newest key; returns how many values there are.

        Raises SecretUnreadable; nothing changes then.
        """


def shown(kept: Mapping[str, StoredSecret], names: Iterable[Name], hidden: Collection[str]) -> dict[Name, SettingView]:
    """The values `names` for people; `hidden` ones only say whether they are set."""
    return {name: _shown(kept.get(name), is_hidden=name in hidden) for name in names}


def unreadable(kept: Mapping[str, StoredSecret], names: Iterable[Name]) -> tuple[Name, ...]:
    """Those of `names` that were encrypted with a key which is gone."""
    return tuple(name for name in names if name in kept and not kept[name].is_readable)


def changes(
    entered: Mapping[Name, str | None],
    current: Mapping[Name, SettingView],
    *,
    hidden: Collection[str],
    lost: Collection[str],
) -> dict[Name, str | None]:
    """What to store of what was `entered`, None for what to remove; `lost` values cannot be read any more.

    Blank entries change nothing. A hidden value that is entered always is a change: nobody must find out whether it
    is the one that was there.
    """
    filled = {name: value and value.strip() for name, value in entered.items() if value is None or value.strip()}
    return {
        name: value
        for name, value in filled.items()
        if (current[name].is_set or name in lost if value is None else name in hidden or value != current[name].value)
    }


def told(stored: Mapping[Name, str | None]) -> dict[str, str]:
    """What the audit says of values that were stored: never the values."""
    return {str(name): "removed" if value is None else "set" for name, value in stored.items()}


def _shown(kept: StoredSecret | None, *, is_hidden: bool) -> SettingView:
    if kept is None:
        return SettingView(None, False, None, None)
    value = None if is_hidden else kept.value
    return SettingView(value, kept.value is not None, kept.updated_by, kept.updated_at)
