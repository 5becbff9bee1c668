"""How each provider is reached: what an administrator entered, else the environment, else the catalogue."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import structlog

from app.domain.catalogue import Catalogue, ProviderSpec
from app.domain.connection import API_KEY, BASE_URL, CONNECTION_FIELDS, PROXY, normal_form
from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault, Reason, Refused, Unavailable
from app.ports import secrets
from app.ports.audit import AuditLog
from app.ports.providers import Connection, Provider, ProviderGate, ProviderRegistry
from app.ports.secrets import SecretStore, StoredSecret
from app.ports.settings import PROVIDERS_KEY, Setting, SettingsStore, SettingView
from app.ports.upkeep import Transaction
from app.services.connections.values import BUDGET, ConnectionView, entered, is_change, problem_of

log = structlog.get_logger(__name__)

CHECK_SECONDS = 4.5
"""The longest that a check may last: people are promised an answer within five."""


@dataclass(frozen=True, slots=True)
class Check:
    """How a call of a provider went; `fault` is None if it succeeded."""

    duration_ms: int
    fault: ProviderFault | None = None


class ConnectionService:
    """Implements ports.ProviderConnections, ports.ProviderKeys, ports.ProviderBudgets and ports.ProviderSettings.

    `environment` holds the initial values by provider and name.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        providers: ProviderRegistry,
        secrets: SecretStore,
        settings: SettingsStore,
        gate: ProviderGate,
        audit: AuditLog,
        transaction: Transaction,
        environment: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._remote = {spec.id: spec for spec in catalogue.providers if spec.is_remote}
        self._providers = providers
        self._secrets = secrets
        self._settings = settings
        self._gate = gate
        self._audit = audit
        self._transaction = transaction
        self._environment = environment
        self._last: dict[str, Connection] = {}  # a shot does not wait for the database to learn what is known

    def get(self, spec: ProviderSpec) -> Connection:
        if not spec.is_remote:
            return Connection("")
        try:
            self._last[spec.id] = self._read(spec)
        except DatabaseUnavailable:
            if spec.id not in self._last:
                raise
            log.warning("connection_from_memory", provider=spec.id)
        return self._last[spec.id]

    def without_key(self, specs: Sequence[ProviderSpec]) -> Mapping[str, str]:
        stored = self._secrets.all()
        found = {}
        for spec in specs:
            kept = stored.get(spec.id, {})
            if lost := secrets.unreadable(kept, CONNECTION_FIELDS):
                found[spec.id] = _loss(lost)
            elif not self._given(spec.id, kept)[API_KEY]:
                found[spec.id] = ""
        return found

    def daily_budgets(self) -> Mapping[str, Decimal]:
        kept = self._settings.below(f"{PROVIDERS_KEY}.")
        budgets = {spec_id: kept.get(_budget_key(spec_id)) for spec_id in self._remote}
        return {spec_id: Decimal(b.value) for spec_id, b in budgets.items() if b and b.value is not None}

    def _read(self, spec: ProviderSpec) -> Connection:
        kept = self._secrets.of(spec.id)
        if lost := secrets.unreadable(kept, CONNECTION_FIELDS):
            raise ProviderFault(FaultKind.NOT_CONFIGURED, _loss(lost), permanent=True)
        given = self._given(spec.id, kept)
        return Connection(
            base_url=_address(spec, given),
            api_key=given[API_KEY],
            proxy=given[PROXY],
            result_hosts=spec.result_hosts,
            daily_budget_usd=self._budget(spec.id).value,
        )

    def views(self) -> list[ConnectionView]:
        """Every provider that is reached over a network, in the order of the catalogue."""
        with self._transaction():
            kept, settings = self._secrets.all(), self._settings.below(f"{PROVIDERS_KEY}.")
        return [
            self._view(spec, kept.get(spec.id, {}), settings.get(_budget_key(spec.id)))
            for spec in self._remote.values()
        ]

    def view(self, provider_id: str) -> ConnectionView:
        """One of them; raises Refused(NOT_FOUND)."""
        with self._transaction():
            return self._saved(self._known(provider_id))

    def problems(self, changes: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(changes, Mapping):
            return {PROVIDERS_KEY: {"code": "not_an_object"}}
        found: dict[str, dict[str, Any]] = {}
        for provider_id, values in changes.items():
            found.update(self._problems_of(provider_id, values))
        return found

    def apply(self, changes: Mapping[str, Mapping[str, Any]], author: str | None) -> None:
        for spec in self._remote.values():
            if values := changes.get(spec.id):
                told = self._apply_budget(spec.id, values, author) | self._apply_connection(spec, values, author)
                if told:
                    self._audit.record(author, "provider.changed", spec.id, told)

    def check(self, provider_id: str) -> Check:
        """Make the cheapest real call with the values of now; success lets photos through again at once.

        Raises Refused(NOT_FOUND).
        """
        spec = self._known(provider_id)
        provider = self._providers.get(provider_id)
        if provider is None:
            raise _not_found()
        started = time.monotonic()
        fault = self._try(provider, spec, Deadline(started + CHECK_SECONDS))
        if fault is None:
            self._gate.reopen(provider_id)
        return Check(round((time.monotonic() - started) * 1000), fault)

    def _try(self, provider: Provider, spec: ProviderSpec, deadline: Deadline) -> ProviderFault | None:
        try:
            provider.check(self.get(spec), deadline)
        except ProviderFault as fault:
            return fault
        except Unavailable:
            raise
        except Exception:
            log.exception("check_crashed", provider=spec.id)
            return ProviderFault(FaultKind.INTERNAL, "The check failed on our side.", permanent=True)
        return None

    def _known(self, provider_id: str) -> ProviderSpec:
        spec = self._remote.get(provider_id)
        if spec is None:
            raise _not_found()
        return spec

    def _given(self, provider_id: str, kept: Mapping[str, StoredSecret]) -> dict[str, str | None]:
        """What an administrator, else the environment says of each value."""
        initial = self._environment.get(provider_id, {})
        return {name: kept[name].value if name in kept else initial.get(name) for name in CONNECTION_FIELDS}

    def _budget(self, provider_id: str) -> SettingView:
        return _budget_view(self._settings.get(_budget_key(provider_id)))

    def _saved(self, spec: ProviderSpec) -> ConnectionView:
        return self._view(spec, self._secrets.of(spec.id), self._settings.get(_budget_key(spec.id)))

    def _view(self, spec: ProviderSpec, kept: Mapping[str, StoredSecret], budget: Setting | None) -> ConnectionView:
        given = self._given(spec.id, kept)
        shown = {name: _shown(given[name] is not None, kept.get(name)) for name in CONNECTION_FIELDS}
        shown[BASE_URL] = replace(shown[BASE_URL], value=_address(spec, given))
        return ConnectionView(
            spec, **shown, daily_budget_usd=_budget_view(budget), unreadable=secrets.unreadable(kept, CONNECTION_FIELDS)
        )

    def _problems_of(self, provider_id: str, values: Any) -> dict[str, dict[str, Any]]:
        path = f"{PROVIDERS_KEY}.{provider_id}"
        if provider_id not in self._remote:
            return {path: {"code": "unknown_field", "allowed": list(self._remote)}}
        if not isinstance(values, Mapping):
            return {path: {"code": "not_an_object"}}
        return {f"{path}.{name}": problem for name in values if (problem := problem_of(name, values[name]))}

    def _apply_budget(self, provider_id: str, values: Mapping[str, Any], author: str | None) -> dict[str, Any]:
        """Store the budget if it differs; returns what to write down."""
        current = self._budget(provider_id).value
        amount = values.get(BUDGET, current)
        wanted = None if amount is None else Decimal(str(amount))
        if wanted == current:
            return {}
        self._settings.put(_budget_key(provider_id), _text(wanted), author)
        return {BUDGET: [_text(current), _text(wanted)]}

    def _apply_connection(self, spec: ProviderSpec, values: Mapping[str, Any], author: str | None) -> dict[str, Any]:
        """Store what differs from now; then nothing that was held against the provider counts any more.

        Returns what to write down: of secrets only that they were set or removed.
        """
        view = self._saved(spec)
        changes = {name: value for name, value in entered(values).items() if is_change(view, name, value)}
        for name, value in changes.items():
            self._secrets.put(spec.id, name, value, author)
        if changes:
            self._gate.reopen(spec.id)
        told: dict[str, Any] = {**secrets.told(changes)}
        if BASE_URL in changes:
            told[BASE_URL] = [view.base_url.value, self._saved(spec).base_url.value]
        return told


def _shown(is_set: bool, kept: StoredSecret | None) -> SettingView:
    return SettingView(None, is_set, kept.updated_by if kept else None, kept.updated_at if kept else None)


def _address(spec: ProviderSpec, given: Mapping[str, str | None]) -> str:
    return given[BASE_URL] or normal_form(BASE_URL, spec.base_url or "")


def _loss(lost: Sequence[str]) -> str:
    return f"The stored {', '.join(lost)} cannot be decrypted: enter it again, or mend ENCRYPTION_KEYS."


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _budget_view(setting: Setting | None) -> SettingView:
    if setting is None:
        return SettingView(None, False, None, None)
    amount = None if setting.value is None else Decimal(setting.value)
    return SettingView(amount, amount is not None, setting.updated_by, setting.updated_at)


def _budget_key(provider_id: str) -> str:
    return f"{PROVIDERS_KEY}.{provider_id}.{BUDGET}"


def _not_found() -> Refused:
    return Refused(Reason.NOT_FOUND, "There is no such provider that is reached over a network.")
