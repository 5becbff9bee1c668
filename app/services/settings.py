"""The settings page: the window, how long results live, the booths' password, and how providers are reached."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.deadlines import (
    RESULT_RETENTION_HOURS_DEFAULT,
    RESULT_RETENTION_HOURS_RANGE,
    SYNC_RESPONSE_DEFAULT,
    SYNC_RESPONSE_RANGE,
)
from app.domain.errors import Reason, Refused
from app.domain.zones import TIME_ZONE_DEFAULT, time_zones
from app.ports.access import PasswordHasher
from app.ports.settings import (
    INGEST_PASSWORD_KEY,
    PROVIDERS_KEY,
    ProviderSettings,
    Setting,
    SettingsStore,
    SettingView,
)
from app.ports.upkeep import Transaction

INGEST_PASSWORD_LENGTH = (4, 128)

TIME_ZONE = "time_zone"

_NUMBERS = {
    "sync_response_seconds": (SYNC_RESPONSE_RANGE, SYNC_RESPONSE_DEFAULT),
    "result_retention_hours": (RESULT_RETENTION_HOURS_RANGE, RESULT_RETENTION_HOURS_DEFAULT),
}
_DEFAULTS = {**{name: default for name, (_, default) in _NUMBERS.items()}, TIME_ZONE: TIME_ZONE_DEFAULT}


class SettingsService:
    """Reads and changes the settings. `sync_override` replaces the window without its range, for tests."""

    def __init__(
        self,
        *,
        store: SettingsStore,
        hasher: PasswordHasher,
        providers: ProviderSettings,
        transaction: Transaction,
        sync_override: float | None = None,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._providers = providers
        self._transaction = transaction
        self._sync_override = sync_override

    def sync_response_seconds(self) -> float:
        """Implements ports.RuntimeSettings: T_sync_response in seconds."""
        if self._sync_override is not None:
            return self._sync_override
        return float(self._view("sync_response_seconds").value)

    def time_zone(self) -> ZoneInfo:
        """Implements ports.RuntimeSettings: the zone of the house."""
        return ZoneInfo(self._view(TIME_ZONE).value)

    def read(self) -> dict[str, SettingView]:
        """All settings but the providers' by name, secrets without their values."""
        with self._transaction():
            views = {name: self._view(name) for name in _DEFAULTS}
            views[INGEST_PASSWORD_KEY] = _view(self._store.get(INGEST_PASSWORD_KEY), None)
        return views

    def change(self, changes: Mapping[str, Any], author: str | None) -> None:
        """Apply all of `changes` or none; raises Refused(INVALID_SETTINGS) with details by field.

        An empty ingest_password leaves it unchanged. `providers` holds changes by provider and name.
        """
        own = {name: value for name, value in changes.items() if name != PROVIDERS_KEY}
        providers = changes.get(PROVIDERS_KEY, {})
        problems = {name: problem for name in own if (problem := _problem(name, own[name]))}
        problems |= self._providers.problems(providers)
        if problems:
            raise Refused(Reason.INVALID_SETTINGS, "Some settings cannot be used.", details={"fields": problems})
        with self._transaction():
            self._apply(own, author)
            self._providers.apply(providers, author)

    def _apply(self, changes: Mapping[str, Any], author: str | None) -> None:
        for name, value in changes.items():
            if name in _DEFAULTS:
                self._store.put(name, value, author)
            elif value:
                self._store.put(INGEST_PASSWORD_KEY, {"hash": self._hasher.hash(value)}, author)

    def _view(self, name: str) -> SettingView:
        setting = self._store.get(name)
        if setting is None:
            return SettingView(_DEFAULTS[name], False, None, None)
        return _view(setting, setting.value)


def _view(setting: Setting | None, value: Any) -> SettingView:
    if setting is None:
        return SettingView(None, False, None, None)
    return SettingView(value, True, setting.updated_by, setting.updated_at)


def _problem(name: str, value: Any) -> dict[str, Any] | None:
    if name in _NUMBERS:
        low, high = _NUMBERS[name][0]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and low <= value <= high else {"code": "out_of_range", "minimum": low, "maximum": high}
    if name == TIME_ZONE:
        return None if isinstance(value, str) and value in time_zones() else {"code": "not_a_zone"}
    if name != INGEST_PASSWORD_KEY:
        return {"code": "unknown_field", "allowed": [*_DEFAULTS, INGEST_PASSWORD_KEY, PROVIDERS_KEY]}
    shortest, longest = INGEST_PASSWORD_LENGTH
    fits = isinstance(value, str) and (value == "" or shortest <= len(value) <= longest) and value.isprintable()
    return None if fits else {"code": "bad_password", "minimum": shortest, "maximum": longest}
