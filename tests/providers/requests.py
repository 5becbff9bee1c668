"""Requests as the provider chain makes them, and the world that the drivers of the tests live in."""

import secrets
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from app.adapters.catalogue import load_catalogue
from app.domain.catalogue import Catalogue, check_settings
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.media import Output
from app.domain.pace import Pace
from app.ports.providers import Connection, InputImage, ProviderRequest, Ticket
from tests.pictures import jpeg, png
from tests.twins.memory_ticket import MemoryTicket

QUICK = Pace(3.0)
"""Of a window in which the drivers' pauses are a fraction of a second."""


@cache
def catalogue() -> Catalogue:
    return load_catalogue(Path(__file__).parents[2] / "configs" / "providers.json")


@cache
def usual_shot() -> InputImage:
    return InputImage(jpeg(600, 400), "image/jpeg")


def template(data: bytes | None = None, mime_type: str = "image/png") -> InputImage:
    """A template image with an id of its own."""
    return InputImage(data or png(240, 160), mime_type, UUID(bytes=secrets.token_bytes(16)))


def seconds_from_now(seconds: float) -> Deadline:
    return Deadline(time.monotonic() + seconds)


def unpublished(data: bytes, mime_type: str) -> str:
    """What `publish` does on an installation without a public address."""
    raise ProviderFault(FaultKind.NOT_CONFIGURED, "PUBLIC_BASE_URL is not set.", permanent=True)


def provider_request(
    provider: str,
    operation: str,
    connection: Connection,
    settings: Mapping[str, Any] | None = None,
    *,
    shot: InputImage | None = None,
    templates: Mapping[str, InputImage] | None = None,
    output: Output | None = None,
    ticket: Ticket | None = None,
    publish: Callable[[bytes, str], str] = unpublished,
    seconds: float = 10.0,
    cancelled: Event | None = None,
    insist: bool = False,
    pace: Pace = QUICK,
    is_called_off: Callable[[], bool] = lambda: False,
) -> ProviderRequest:
    """The request that the chain makes of a slot with these `settings`.

    They are completed and checked by the shipped catalogue, and `model` chooses between its models; what the model
    does not know is left out, as the chain leaves it out. `templates` are keyed by field name.
    """
    found = catalogue().operation(provider, operation)
    assert found is not None, f"{provider} has no operation {operation}"
    given = {name: str(image.template_id) for name, image in (templates or {}).items()}
    clean, problems = check_settings(found, {**given, **(settings or {})})
    assert not problems, problems
    model = found.model(clean)
    known = found.known_to(model, clean)
    return ProviderRequest(
        job_id=UUID(bytes=secrets.token_bytes(16)),
        operation=operation,
        model=model.id,
        settings=known,
        shot=shot or usual_shot(),
        templates={name: image for name, image in (templates or {}).items() if name in known},
        output=output or Output(),
        connection=connection,
        ticket=ticket or MemoryTicket(),
        publish=publish,
        deadline=seconds_from_now(seconds),
        cancelled=cancelled or Event(),
        insist=insist,
        pace=pace,
        is_called_off=is_called_off,
    )
