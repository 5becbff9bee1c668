"""Which provider is driven by which adapter."""

from functools import cache

from app.adapters.providers import Tools, load
from app.domain.catalogue import Catalogue, ProviderSpec
from app.ports.providers import Provider


class Providers:
    """Implements ports.ProviderRegistry: a driver is imported and made when it is first asked for."""

    def __init__(self, catalogue: Catalogue, tools: Tools) -> None:
        self._catalogue = catalogue
        self._load = cache(lambda adapter: load(adapter, tools))

    def get(self, provider_id: str) -> Provider | None:
        spec = self.spec(provider_id)
        return self._load(spec.adapter) if spec else None

    def spec(self, provider_id: str) -> ProviderSpec | None:
        return self._catalogue.provider(provider_id)
