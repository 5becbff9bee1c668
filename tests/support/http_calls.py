"""Calls through the real HTTP client, and what they cost in time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from app.adapters.http.client import Http
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, HttpSession

HTTP = Http()


@contextmanager
def session(
    base_url: str,
    *,
    seconds: float = 10,
    cancelled: Event | None = None,
    proxy: str | None = None,
    result_hosts: tuple[str, ...] = (),
    http: Http = HTTP,
) -> Iterator[HttpSession]:
    """A session of a provider at `base_url` whose deadline is `seconds` from now."""
    connection = Connection(base_url, "the-key", proxy, result_hosts)
    with http.session(connection, Deadline(time.monotonic() + seconds), cancelled or Event()) as opened:
        yield opened


@contextmanager
def faulty(kind: FaultKind, *, within: float = 10) -> Iterator[pytest.ExceptionInfo[ProviderFault]]:
    """The block must raise a fault of this `kind` in no more than `within` seconds."""
    began = time.monotonic()
    with pytest.raises(ProviderFault) as caught:
        yield caught
    assert caught.value.kind is kind, caught.value
    assert time.monotonic() - began < within
