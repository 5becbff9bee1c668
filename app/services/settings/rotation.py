"""Changing the booths' password while they are still being told the new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.ports.access import PasswordHasher
from app.ports.settings import (
    INGEST_PASSWORD_KEY,
    PREVIOUS_PASSWORD_KEY,
    PREVIOUS_USE_KEY,
    SettingsStore,
    previous_passwords,
)
from app.services.settings.values import GRACE, GRACE_HOURS_DEFAULT

PREVIOUS_MAX = 3
"""Whoever corrects a new password at once must not lose the one that booths really have."""

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Rotation:
    """Previous passwords are still valid, the longest `valid_until` then; `last_*` tell of the last shot with one."""

    valid_until: datetime
    left: timedelta
    last_used_at: datetime | None = None
    last_slot_id: str = ""
    last_client: str = ""


class IngestPassword:
    """The password of now, and those before it for a time of grace."""

    def __init__(self, store: SettingsStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher

    def rotation(self) -> Rotation | None:
        """None if only the password of now counts."""
        kept = self._store.below(PREVIOUS_PASSWORD_KEY)
        found = previous_passwords(kept.get(PREVIOUS_PASSWORD_KEY))
        if not found:
            return None
        previous = max(found, key=lambda one: one.valid_until)
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
        self._keep([(old_hash, hours * _HOUR), *self._left(hours)] if old_hash else [], author)
        self._store.put(PREVIOUS_USE_KEY, None, None)
        self._store.put(INGEST_PASSWORD_KEY, {"hash": self._hasher.hash(password)}, author)
        return {INGEST_PASSWORD_KEY: "set", **({GRACE: hours} if old_hash else {})}

    def _remove(self, author: str | None) -> dict[str, Any]:
        current = self._store.get(INGEST_PASSWORD_KEY)
        if current is None or current.value is None:
            return {}
        self._keep([], author)
        self._store.put(INGEST_PASSWORD_KEY, None, author)
        return {INGEST_PASSWORD_KEY: "removed"}

    def _prolong(self, hours: int, author: str | None) -> dict[str, Any]:
        """Let the previous passwords that are still valid be so for that long from now."""
        previous = previous_passwords(self._store.get(PREVIOUS_PASSWORD_KEY))
        if not previous:
            return {}
        self._keep([(one.hash, hours * _HOUR) for one in previous], author)
        return {GRACE: hours}

    def _left(self, hours: int) -> list[tuple[str, float]]:
        """The hashes that are still accepted, with the seconds left, none longer than is allowed for old ones now."""
        previous = previous_passwords(self._store.get(PREVIOUS_PASSWORD_KEY))
        return [(one.hash, min(one.left.total_seconds(), hours * _HOUR)) for one in previous]

    def _keep(self, hashes: Sequence[tuple[str, float]], author: str | None) -> None:
        """Store the newest with their seconds from now on; what has none is not kept."""
        kept = [{"hash": old, "seconds": seconds} for old, seconds in hashes if seconds > 0]
        self._store.put(PREVIOUS_PASSWORD_KEY, kept[:PREVIOUS_MAX] or None, author)
