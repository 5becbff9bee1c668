"""Drivers with the real HTTP client and the real codec, and what their faults must look like."""

from functools import cache

import pytest

from app.adapters.images import Images
from app.adapters.providers import Tools, load
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Provider, ProviderRequest
from tests.support.http_calls import HTTP
from tests.twins.memory_provider_files import MemoryRemoteFiles


@cache
def driver(adapter: str) -> Provider:
    return load(adapter, Tools(HTTP, MemoryRemoteFiles(), Images()))


def fault_of(adapter: str, request: ProviderRequest) -> ProviderFault:
    """The fault that the request ends with; it never tells the key."""
    with pytest.raises(ProviderFault) as caught:
        driver(adapter).run(request)
    key = request.connection.api_key
    assert not key or key not in caught.value.message
    return caught.value


def verdict(fault: ProviderFault) -> tuple[FaultKind, bool]:
    """What a fault is and whether the same call may be made again."""
    return fault.kind, fault.permanent
