"""An installation that works with a fake Turbotext, which can reach its public files."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.domain.errors import ProviderFault
from app.ports.providers import Connection, ProviderAnswer, ProviderRequest
from tests.providers.drivers import driver, fault_of
from tests.providers.public_folder import PublicFolder
from tests.providers.requests import provider_request, template
from tests.support.fakes.turbotext import KEY, FakeTurbotext

TEMPLATE = template()

ATTEMPT = 2.9
"""Seconds, in which there is time for many questions."""


class Studio:
    def __init__(self, turbotext: FakeTurbotext, folder: PublicFolder) -> None:
        self.turbotext = turbotext
        self.folder = folder

    def request(self, operation: str = "image_edit", **options: Any) -> ProviderRequest:
        """As the chain makes it of a slot; `options` are those of provider_request."""
        needed: dict[str, Any] = {"prompt": "пират"} if operation == "image_edit" else {}
        return provider_request(
            "turbotext",
            operation,
            options.pop("connection", Connection(self.turbotext.url, KEY)),
            {**needed, **options.pop("settings", {})},
            templates={} if operation == "image_edit" else {"template": TEMPLATE},
            **{"publish": self.folder.publish, "seconds": ATTEMPT, **options},
        )

    def run(self, operation: str = "image_edit", **options: Any) -> ProviderAnswer:
        return driver("turbotext").run(self.request(operation, **options))

    def fault(self, operation: str = "image_edit", **options: Any) -> ProviderFault:
        return fault_of("turbotext", self.request(operation, **options))


@contextmanager
def opened_studio() -> Iterator[Studio]:
    with FakeTurbotext() as turbotext, PublicFolder() as folder:
        yield Studio(turbotext, folder)
