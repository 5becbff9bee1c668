"""Values that administrators change while the system runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Setting:
    """A stored value with who set it and when."""

    value: Any
    updated_by: str | None
    updated_at: datetime


INGEST_PASSWORD_KEY = "ingest_password"  # noqa: S105 - the name of a setting


class SettingsStore(Protocol):
    """Values that administrators change at run time, JSON by key."""

    def get(self, key: str) -> Setting | None: ...

    def put(self, key: str, value: Any, author: str | None) -> None: ...


class RuntimeSettings(Protocol):
    """Settings as they are now, administrators' changes included."""

    def sync_response_seconds(self) -> float:
        """T_sync_response in seconds."""


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A provider's value as an administrator left it; `value` is None if it was removed."""

    value: str | None = field(repr=False)
    updated_by: str | None
    updated_at: datetime


class SecretUnreadable(Exception):
    """A secret was encrypted with a key that ENCRYPTION_KEYS does not hold."""


class SecretStore(Protocol):
    """What is needed to reach the providers, encrypted at rest."""

    def of(self, provider: str) -> Mapping[str, StoredSecret]:
        """By name: `api_key`, `proxy`, `base_url`. Raises SecretUnreadable."""

    def put(self, provider: str, name: str, value: str | None, author: str | None) -> None:
        """Store; None removes the value, and what the environment says does not come back."""

    def rotate(self) -> int:
        """Encrypt everything with the newest key; returns how many values there are. Raises SecretUnreadable."""
