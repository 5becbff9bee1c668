"""The Gemini driver before its fake, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from app.adapters.images import Images
from app.adapters.providers import Tools, load
from app.domain.errors import ProviderFault
from app.ports.providers import Connection, Provider, ProviderAnswer
from tests.providers.requests import provider_request
from tests.support.fakes.gemini import KEY, FakeGemini
from tests.support.http_calls import HTTP
from tests.twins.memory_database import MemoryDatabase
from tests.twins.memory_provider_files import MemoryRemoteFiles


@dataclass(frozen=True)
class GeminiAtWork:
    """`database` is what remembers the uploaded files."""

    fake: FakeGemini
    provider: Provider
    connection: Connection
    database: MemoryDatabase

    def run(self, operation: str = "image_edit", **options: Any) -> ProviderAnswer:
        return self.provider.run(provider_request("gemini", operation, self.connection, **options))

    def fault(self, operation: str = "image_edit", **options: Any) -> ProviderFault:
        with pytest.raises(ProviderFault) as caught:
            self.run(operation, **options)
        return caught.value

    def body(self) -> dict[str, Any]:
        """What was sent with the last call."""
        sent: dict[str, Any] = self.fake.calls[-1].json()
        return sent

    def parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = self.body()["contents"][0]["parts"]
        return parts

    def prompt(self) -> str:
        return str(self.parts()[-1]["text"])

    def paths(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.fake.calls]


@contextmanager
def gemini_at_work() -> Iterator[GeminiAtWork]:
    database = MemoryDatabase()
    with FakeGemini() as fake:
        provider = load("gemini", Tools(HTTP, MemoryRemoteFiles(database), Images()))
        yield GeminiAtWork(fake, provider, Connection(fake.url, KEY), database)
