"""Implements ports.providers.HttpClient on `requests`."""

import json as json_format
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from urllib3.exceptions import HTTPError

from app.adapters.http import faults, replies
from app.adapters.http.addresses import Destination, Reach, refuse_redirect
from app.adapters.http.patience import Patience
from app.adapters.http.sockets import PatientTls
from app.adapters.http.transport import Route, Transport
from app.domain.deadlines import Deadline
from app.ports.providers import Connection, FileParts, HttpReply, HttpSession

_HEADERS = {"User-Agent": "PhotoChanger", "Accept": "*/*", "Accept-Encoding": "identity"}
_SENDABLE = re.compile(r"[!-~]([\t -~]*[!-~])?")


class Http:
    """Reads the authorities once: one instance serves all threads of a process. `authorities`: a PEM file of more."""

    def __init__(self, authorities: Path | None = None) -> None:
        self._tls = PatientTls.trusting(authorities)

    @contextmanager
    def session(self, connection: Connection, deadline: Deadline, cancelled: Event) -> Iterator[HttpSession]:
        patience = Patience(deadline, cancelled)
        reach = Reach(connection)
        transport = Transport(Route(reach, patience), self._tls, _checked_proxy(connection.proxy))
        try:
            yield _Session(transport, reach, patience, is_proxied=connection.proxy is not None)
        finally:
            transport.close()


class _Session:
    """Keeps its connections open between calls, which come one after another."""

    def __init__(self, transport: Transport, reach: Reach, patience: Patience, *, is_proxied: bool) -> None:
        self._transport = transport
        self._reach = reach
        self._patience = patience
        self._is_proxied = is_proxied

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        files: FileParts | None = None,
        body: bytes | None = None,
        max_bytes: int = 1 << 20,
    ) -> HttpReply:
        place = self._reach.of_call(url)
        every = {**_HEADERS, **_checked_headers(headers or {})}
        if json is not None:
            body = json_format.dumps(json, ensure_ascii=False, separators=(",", ":")).encode()
            every.setdefault("Content-Type", "application/json")
        request = requests.Request(method, place.url, every, list(files or ()), body or form, params)
        return self._exchange(request, place, max_bytes)

    def download(self, url: str, *, max_bytes: int) -> HttpReply:
        place = self._reach.of_result(url)
        return self._exchange(requests.Request("GET", place.url, _HEADERS), place, max_bytes)

    def _exchange(self, request: requests.Request, place: Destination, max_bytes: int) -> HttpReply:
        self._patience.begin(f"{place.host} (through the proxy)" if self._is_proxied else place.host)
        try:
            with self._transport.exchange(request.prepare()) as response:
                self._check(response.status_code, place.host)
                return replies.read(response, place.host, max_bytes)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._patience.fault_of(error) from None

    def _check(self, status: int, host: str) -> None:
        if 300 <= status < 400:
            raise refuse_redirect(host, status)
        if self._is_proxied and status == requests.codes.proxy_authentication_required:
            raise faults.unreachable(self._patience.peer, "the proxy wants another user name or password")


def _checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """A key pasted with a line break or a Cyrillic letter in it must fail without being quoted."""
    for name, value in headers.items():
        if not _SENDABLE.fullmatch(value):
            raise faults.not_configured(f"The header {name} holds characters that cannot be sent.")
    return headers


def _checked_proxy(proxy: str | None) -> str | None:
    if proxy and not _is_usable(proxy):
        raise faults.not_configured("The proxy's address is not like http://user:password@host:port.")
    return proxy


def _is_usable(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        unquote(parts.netloc).encode("latin-1")  # as its credentials will be
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
