"""Providers that do what a test says, and the registry that knows them."""

from collections.abc import Callable, Mapping

from app.domain.catalogue import Catalogue, ProviderSpec
from app.ports.providers import Provider, ProviderRequest

Act = Callable[[ProviderRequest], bytes]


class ScriptedProvider:
    """Implements ports.Provider: plays `acts` one after the other, the last one again and again."""

    def __init__(self, *acts: Act) -> None:
        self.acts = list(acts)
        self.requests: list[ProviderRequest] = []

    def run(self, request: ProviderRequest) -> bytes:
        self.requests.append(request)
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        return act(request)


class ScriptedProviders:
    """Implements ports.ProviderRegistry."""

    def __init__(self, catalogue: Catalogue, providers: Mapping[str, Provider]) -> None:
        self._catalogue = catalogue
        self._providers = providers

    def get(self, provider_id: str) -> Provider | None:
        return self._providers.get(provider_id)

    def spec(self, provider_id: str) -> ProviderSpec | None:
        return self._catalogue.provider(provider_id)
