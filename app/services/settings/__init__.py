"""The settings page: the window, how long results live, where the house is, the booths' password, and the providers."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.errors import Reason, Refused
from app.ports.access import PasswordHasher
from app.ports.audit import AuditLog
from app.ports.settings import (
    INGEST_PASSWORD_KEY,
    PROVIDERS_KEY,
    ProviderSettings,
    Setting,
    SettingsStore,
    SettingView,
)
from app.ports.upkeep import Transaction
from app.services.settings.rotation import IngestPassword, Rotation
from app.services.settings.values import DEFAULTS, SYNC_RESPONSE, TIME_ZONE, problem_of

SUBJECT = "settings"
"""What the audit log calls the settings of the house."""


class SettingsService:
    """Reads and changes the settings. `sync_override` replaces the window without its range, for tests."""

    def __init__(
        self,
        *,
        store: SettingsStore,
        hasher: PasswordHasher,
        providers: ProviderSettings,
        audit: AuditLog,
        transaction: Transaction,
        sync_override: float | None = None,
    ) -> None:
        self._store = store
        self._password = IngestPassword(store, hasher)
        self._providers = providers
        self._audit = audit
        self._transaction = transaction
        self._sync_override = sync_override

    def sync_response_seconds(self) -> float:
        """Implements ports.RuntimeSettings: T_sync_response in seconds."""
        if self._sync_override is not None:
            return self._sync_override
        return float(self._view(SYNC_RESPONSE).value)

    def time_zone(self) -> ZoneInfo:
        """Implements ports.RuntimeSettings: the zone of the house."""
        return ZoneInfo(self._view(TIME_ZONE).value)

    def read(self) -> dict[str, SettingView]:
        """All settings but the providers' by name, secrets without their values."""
        kept = self._store.below("")
        views = {name: _view(name, kept.get(name)) for name in DEFAULTS}
        password = kept.get(INGEST_PASSWORD_KEY)
        if password is None:
            return {**views, INGEST_PASSWORD_KEY: SettingView(None, False, None, None)}
        is_set = password.value is not None
        return {**views, INGEST_PASSWORD_KEY: SettingView(None, is_set, password.updated_by, password.updated_at)}

    def rotation(self) -> Rotation | None:
        """The booths' previous password while it is still valid."""
        return self._password.rotation()

    def version(self) -> int:
        """How often the settings were changed, the providers' too."""
        return self._store.version()

    def change(self, changes: Mapping[str, Any], author: str | None, expected_version: int | None = None) -> None:
        """Apply all of `changes` or none; raises Refused(INVALID_SETTINGS) with details by field.

        An empty ingest_password leaves it unchanged, None removes it; the old one stays valid for
        ingest_password_grace_hours, which alone are about the one that is being replaced. `providers` holds changes by
        provider and name. Raises Refused(VERSION_CONFLICT) if a version is expected and it is not the one of now.
        """
        own = {name: value for name, value in changes.items() if name != PROVIDERS_KEY}
        providers = changes.get(PROVIDERS_KEY, {})
        problems = {name: problem for name in own if (problem := problem_of(name, own[name]))}
        problems |= self._providers.problems(providers)
        if problems:
            raise Refused(Reason.INVALID_SETTINGS, "Some settings cannot be used.", details={"fields": problems})
        with self._transaction():
            self._advance(expected_version)
            self._apply(own, author)
            self._providers.apply(providers, author)

    def _advance(self, expected_version: int | None) -> None:
        """Nobody else changes the settings until the open transaction ends."""
        if self._store.advance(expected_version) is None:
            raise Refused(
                Reason.VERSION_CONFLICT,
                "Somebody else has changed the settings meanwhile; read them again.",
                details={"version": self._store.version()},
            )

    def _apply(self, changes: Mapping[str, Any], author: str | None) -> None:
        """Store what differs, so that each value keeps the name of who really changed it."""
        told: dict[str, Any] = {}
        for name in [known for known in DEFAULTS if known in changes]:
            old = self._view(name).value
            if changes[name] != old:
                self._store.put(name, changes[name], author)
                told[name] = [old, changes[name]]
        told |= self._password.apply(changes, author)
        if told:
            self._audit.record(author, "settings.changed", SUBJECT, told)

    def _view(self, name: str) -> SettingView:
        return _view(name, self._store.get(name))


def _view(name: str, setting: Setting | None) -> SettingView:
    if setting is None:
        return SettingView(DEFAULTS[name], False, None, None)
    return SettingView(setting.value, True, setting.updated_by, setting.updated_at)
