"""A house in which administrators change the settings, and providers whose keys can be checked."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.catalogue import ProviderSpec
from app.domain.deadlines import Deadline
from app.ports.providers import Connection
from app.ports.secrets import SecretStore
from app.services.connections import ConnectionService
from app.services.settings import SettingsService
from tests.services.house import CATALOGUE, House
from tests.twins.scripted_provider import ScriptedProviders


class Gate:
    """The part of ports.ProviderGate that a change of settings reaches."""

    def __init__(self) -> None:
        self.reopened: list[str] = []

    def reopen(self, provider: str) -> None:
        self.reopened.append(provider)


class CheckedProvider:
    """The part of ports.Provider that checks a key: as `verdict` says, which may raise."""

    def __init__(self) -> None:
        self.seen: list[tuple[Connection, Deadline]] = []
        self.verdict: Callable[[], object] = lambda: None

    def check(self, connection: Connection, deadline: Deadline) -> None:
        self.seen.append((connection, deadline))
        self.verdict()


class NoProviders:
    """Implements ports.ProviderSettings for an installation without providers."""

    def problems(self, changes: Any) -> dict[str, dict[str, Any]]:
        return {}

    def apply(self, changes: Mapping[str, Mapping[str, Any]], author: str | None) -> None:
        """There is nothing to change."""


class Office(House):
    """`environment` holds what the variables say, by provider and name."""

    def __init__(
        self, *, secrets: SecretStore | None = None, environment: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        super().__init__()
        self.gate = Gate()
        self.backup = CheckedProvider()
        self.secrets = secrets or self.stores.secrets_of("the only key")
        self.connections = ConnectionService(
            catalogue=CATALOGUE,
            providers=ScriptedProviders(CATALOGUE, {"backup": self.backup}),
            secrets=self.secrets,
            settings=self.stores.settings,
            gate=self.gate,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
            environment=environment or {},
        )
        self.settings = self.settings_service()

    def settings_service(self, **options: Any) -> SettingsService:
        usual = {"store": self.stores.settings, "hasher": self.hasher, "providers": self.connections}
        recorded = {"audit": self.stores.audit, "transaction": self.stores.transaction}
        return SettingsService(**{**usual, **recorded, **options})

    def change(self, provider: str = "backup", *, author: str = "serg", **values: Any) -> None:
        """As the settings page does."""
        self.settings.change({"providers": {provider: values}}, author)

    def connection(self, provider: str = "backup") -> Connection:
        return self.connections.get(self.spec(provider))

    def spec(self, provider: str) -> ProviderSpec:
        found = CATALOGUE.provider(provider)
        assert found is not None
        return found
