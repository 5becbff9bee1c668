"""Values that administrators change while the system runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Setting:
    """A stored value with who set it and when; `read_at` is when it was read, by the same clock."""

    value: Any
    updated_by: str | None
    updated_at: datetime
    read_at: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class SettingView:
    """A setting for people: `value` is None for secrets, which only say whether they are set."""

    value: Any
    is_set: bool
    updated_by: str | None
    updated_at: datetime | None


INGEST_PASSWORD_KEY = "ingest_password"  # noqa: S105 - the name of a setting
PREVIOUS_PASSWORD_KEY = "ingest_password_previous"  # noqa: S105 - the name of a setting
PREVIOUS_USE_KEY = "ingest_password_previous_use"
PROVIDERS_KEY = "providers"


@dataclass(frozen=True, slots=True)
class PreviousPassword:
    """A password that booths had before the one of now, while it is still accepted."""

    hash: str = field(repr=False)
    valid_until: datetime
    left: timedelta


def previous_passwords(setting: Setting | None) -> tuple[PreviousPassword, ...]:
    """What PREVIOUS_PASSWORD_KEY holds: a list, newest first, of `hash`, valid for `seconds` since it was stored.

    Those whose time is over are left out.
    """
    if setting is None or setting.value is None:
        return ()
    ends = [(kept["hash"], setting.updated_at + timedelta(seconds=kept["seconds"])) for kept in setting.value]
    return tuple(PreviousPassword(old, end, end - setting.read_at) for old, end in ends if end > setting.read_at)


class SettingsStore(Protocol):
    """Values that administrators change at run time, JSON by key."""

    def get(self, key: str) -> Setting | None: ...

    def below(self, prefix: str) -> Mapping[str, Setting]:
        """Those whose keys begin with `prefix`, by key."""

    def put(self, key: str, value: Any, author: str | None) -> None: ...

    def version(self) -> int:
        """How often `advance` succeeded."""

    def advance(self, expected: int | None) -> int | None:
        """Raise the version by one and return it; None if it is not the expected one, where one is expected.

        Who calls it next waits until the open transaction ends.
        """


class RuntimeSettings(Protocol):
    """Settings as they are now, administrators' changes included."""

    def sync_response_seconds(self) -> float:
        """T_sync_response in seconds."""

    def time_zone(self) -> ZoneInfo:
        """Where the house is: what `today` means, and when days of statistics begin."""


class ProviderSettings(Protocol):
    """The part of the settings that says how providers are reached."""

    def problems(self, changes: Any) -> dict[str, dict[str, Any]]:
        """Why some of `changes` cannot be used, by path such as `providers.gemini.api_key`; empty if all can."""

    def apply(self, changes: Mapping[str, Mapping[str, Any]], author: str | None) -> None:
        """Make changes that have no problems, inside the transaction that is open."""
