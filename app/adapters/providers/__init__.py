"""The providers' drivers: one module each, named by the catalogue's `adapter` (docs/adding-a-provider.md)."""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from PIL import Image

from app.domain.errors import FaultKind, ProviderFault
from app.domain.media import Output
from app.ports.providers import Connection, HttpClient, Provider, RemoteFiles


class Codec(Protocol):
    """Image files to pixels and back."""

    def decode(self, data: bytes) -> Image.Image:
        """The picture upright and in sRGB, mode RGB or RGBA. Raises Refused."""

    def encode(self, image: Image.Image, output: Output) -> bytes:
        """An sRGB image as a file in the output's format, quality and size, without metadata."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a driver may need. The process's one codec bounds the memory of all pictures together."""

    http: HttpClient
    files: RemoteFiles
    codec: Codec


class _Module(Protocol):
    def create(self, tools: Tools) -> Provider: ...


def load(adapter: str, tools: Tools) -> Provider:
    """The driver in the module `adapter` of this package; raises ModuleNotFoundError."""
    return cast(_Module, import_module(f"{__name__}.{adapter}")).create(tools)


def key_of(connection: Connection, provider: str) -> str:
    """The secret that `provider`, as people call it, is useless without. Raises ProviderFault(NOT_CONFIGURED)."""
    if not connection.api_key:
        raise ProviderFault(FaultKind.NOT_CONFIGURED, f"There is no API key for {provider}.", permanent=True)
    return connection.api_key
