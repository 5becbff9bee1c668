"""Providers that do what a test says, and the registry that knows them."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from app.domain.catalogue import Catalogue, ProviderSpec
from app.domain.deadlines import Deadline
from app.ports.providers import Connection, Provider, ProviderAnswer, ProviderRequest

Act = Callable[[ProviderRequest], bytes | ProviderAnswer]


class ScriptedProvider:
    """Implements ports.Provider: plays `acts` one after the other, the last one again and again."""

    def __init__(self, *acts: Act) -> None:
        self.acts = list(acts)
        self.requests: list[ProviderRequest] = []

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        self.requests.append(request)
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        answer = act(request)
        return answer if isinstance(answer, ProviderAnswer) else ProviderAnswer(answer)

    def check(self, connection: Connection, deadline: Deadline) -> None:
        """Every key is right."""


class ScriptedProviders:
    """Implements ports.ProviderRegistry."""

    def __init__(self, catalogue: Catalogue, providers: Mapping[str, Provider]) -> None:
        self._catalogue = catalogue
        self._providers = providers

    def get(self, provider_id: str) -> Provider | None:
        return self._providers.get(provider_id)

    def spec(self, provider_id: str) -> ProviderSpec | None:
        return self._catalogue.provider(provider_id)


class PlainConnections:
    """Implements ports.ProviderConnections, ports.ProviderKeys and ports.ProviderBudgets.

    Every provider is reached as its catalogue entry says, with a key.
    """

    def __init__(self) -> None:
        self.changed: dict[str, Connection] = {}

    def get(self, spec: ProviderSpec) -> Connection:
        return self.changed.get(spec.id) or Connection(spec.base_url or "", "key", None, spec.result_hosts)

    def daily_budgets(self) -> Mapping[str, Decimal]:
        changed = {provider: connection.daily_budget_usd for provider, connection in self.changed.items()}
        return {provider: budget for provider, budget in changed.items() if budget is not None}

    def without_key(self, specs: Sequence[ProviderSpec]) -> Mapping[str, str]:
        return {spec.id: "" for spec in specs if not self.get(spec).api_key}
