"""Asking the offline provider in tests, and comparing what it gives."""

import time
from threading import Event
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from app.adapters.images import Images
from app.adapters.providers.local import LocalProvider
from app.domain.deadlines import Deadline
from app.domain.errors import ProviderFault
from app.domain.media import Output
from app.ports.providers import Connection, InputImage, ProviderRequest
from tests.pictures import pixels

PNG = Output("png")

provider = LocalProvider(Images())


def request(shot: bytes, operation: str, template: bytes | None = None, **changes: Any) -> ProviderRequest:
    """`changes` are `output`, `cancelled`, `deadline`, `shot_type`; all else is a setting of the operation."""
    own = {
        "output": changes.pop("output", PNG),
        "cancelled": changes.pop("cancelled", Event()),
        "deadline": changes.pop("deadline", Deadline(time.monotonic() + 60)),
        "shot": InputImage(shot, changes.pop("shot_type", "image/jpeg")),
    }
    return ProviderRequest(
        job_id=uuid4(),
        operation=operation,
        model="",
        settings=changes,
        templates={} if template is None else {"template": InputImage(template, "image/png", uuid4())},
        connection=Connection(base_url=""),
        ticket=SimpleNamespace(create=_nobody),
        publish=_nobody,
        **own,
    )


def _nobody(*given: object) -> Any:
    raise AssertionError("the offline provider asks nobody")


def fault(bad: ProviderRequest) -> ProviderFault:
    with pytest.raises(ProviderFault) as caught:
        provider.run(bad)
    return caught.value


def answered(good: ProviderRequest) -> bytes:
    """The picture."""
    return provider.run(good).image


def distance(a: bytes | Image.Image, b: bytes | Image.Image) -> float:
    """Mean difference in 255ths."""
    return float(np.abs(pixels(a) - pixels(b)).mean())
