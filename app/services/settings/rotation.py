"""Changing the booths' password while they are still being told the new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.ports.access import PasswordHasher
from app.ports.settings import (
    INGEST_PASSWORD_KEY,
    PREVIOUS_PASSWORD_KEY,
    PREVIOUS_USE_KEY,
    SettingsStore,
    previous_password,
)
from app.services.settings.values import GRACE, GRACE_HOURS_DEFAULT


@dataclass(frozen=True, slots=True)
class Rotation:
    """A previous password that is still valid; `last_*` tell of the last shot that came with it, if one has."""

    valid_until: datetime
    left: timedelta
    last_used_at: datetime | None = None
    last_slot_id: str = ""
    last_client: str = ""


class IngestPassword:
    """The password of now, and the one before it for a time of grace."""

    def __init__(self, store: SettingsStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher

    def rotation(self) -> Rotation | None:
        """None if only the password of now counts."""
        kept = self._store.below(PREVIOUS_PASSWORD_KEY)
        previous = previous_password(kept.get(PREVIOUS_PASSWORD_KEY))
        if previous is None:
            return None
        used = kept.get(PREVIOUS_USE_KEY)
        if used is None or used.value is None:
            return Rotation(previous.valid_until, previous.left)
        return Rotation(
            previous.valid_until, previous.left, used.updated_at, used.value["slot_id"], used.value["client"]
        )

    def apply(self, changes: Mapping[str, Any], author: str | None) -> dict[str, Any]:
        """Make changes that have no problems, inside the transaction that is open; returns what to write down."""
        password, hours = changes.get(INGEST_PASSWORD_KEY, ""), changes.get(GRACE)
        if password is None:
            return self._remove(author)
        if password:
            return self._replace(password, GRACE_HOURS_DEFAULT if hours is None else hours, author)
        return {} if hours is None else self._prolong(hours, author)

    def _replace(self, password: str, hours: int, author: str | None) -> dict[str, Any]:
        current = self._store.get(INGEST_PASSWORD_KEY)
        old_hash = current.value["hash"] if current and current.value else None
        self._keep(old_hash, hours, author)
        self._store.put(PREVIOUS_USE_KEY, None, None)
        self._store.put(INGEST_PASSWORD_KEY, {"hash": self._hasher.hash(password)}, author)
        return {INGEST_PASSWORD_KEY: "set", **({GRACE: hours} if old_hash else {})}

    def _remove(self, author: str | None) -> dict[str, Any]:
        current = self._store.get(INGEST_PASSWORD_KEY)
        if current is None or current.value is None:
            return {}
        self._keep(None, 0, author)
        self._store.put(INGEST_PASSWORD_KEY, None, author)
        return {INGEST_PASSWORD_KEY: "removed"}

    def _prolong(self, hours: int, author: str | None) -> dict[str, Any]:
        """Let the previous password be valid for that long from now, if it still is."""
        previous = previous_password(self._store.get(PREVIOUS_PASSWORD_KEY))
        if previous is None:
            return {}
        self._keep(previous.hash, hours, author)
        return {GRACE: hours}

    def _keep(self, password_hash: str | None, hours: int, author: str | None) -> None:
        kept = {"hash": password_hash, "hours": hours} if password_hash and hours else None
        self._store.put(PREVIOUS_PASSWORD_KEY, kept, author)
