"""Which URLs may be called: keys go to the provider only, results come from its hosts only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import urlsplit

import structlog

from app.adapters.http import faults
from app.domain.errors import ProviderFault
from app.ports.providers import Connection

log = structlog.get_logger(__name__)

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL taken apart, so that what was checked is what is called.

    `host` is lower-case, an IPv6 one without brackets; `path` includes the query.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError for what is not a plain http or https URL: user names, control characters, odd hosts."""
        if _UNSAFE.search(url):
            raise ValueError("not plain text")
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in _PORTS or "@" in parts.netloc or not _is_host(host):
            raise ValueError("not a plain http or https URL")
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        query = f"?{parts.query}" if parts.query else ""
        return cls(parts.scheme, host, port, f"{parts.path or '/'}{query}")

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    def is_same_origin(self, other: "Destination") -> bool:
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def is_listed(self, hosts: Iterable[str]) -> bool:
        """Whether it is https on the usual port of one of `hosts`, where `*.name` stands for all below a name."""
        names = (self.host.endswith(host[1:]) if host.startswith("*.") else self.host == host for host in hosts)
        return (self.scheme, self.port) == ("https", _PORTS["https"]) and any(names)


class Reach:
    """What a connection allows. Raises ProviderFault(NOT_CONFIGURED) if its base URL cannot be used."""

    def __init__(self, connection: Connection) -> None:
        self._base_url = connection.base_url
        self._result_hosts = connection.result_hosts
        self._must_be_public = connection.must_be_public
        try:
            self.own = Destination.parse(connection.base_url)
        except ValueError:
            raise faults.not_configured("The provider's base URL is not a plain http or https address.") from None

    def of_call(self, url: str) -> Destination:
        """Raises ProviderFault(FORBIDDEN_ADDRESS) unless `url` is a path, or a URL of the provider's own origin."""
        place = self._parse(f"{self._base_url}{url}" if url.startswith("/") else url)
        if not place.is_same_origin(self.own):
            raise _refused("The provider's key goes to its own address only.", place.host)
        return place

    def of_result(self, url: str) -> Destination:
        """Raises ProviderFault(FORBIDDEN_ADDRESS) unless `url` is of the provider's origin or a listed host."""
        place = self._parse(url)
        if not place.is_same_origin(self.own) and not place.is_listed(self._result_hosts):
            raise _refused("The result lies at a host that the catalogue does not list.", place.host)
        return place

    def may_be_private(self, host: str, port: int) -> bool:
        return (host, port) == (self.own.host, self.own.port) and not self._must_be_public

    def _parse(self, url: str) -> Destination:
        try:
            return Destination.parse(url)
        except ValueError:
            raise _refused("The provider named an address that is not a plain URL.", None) from None


def refuse_private(host: str) -> ProviderFault:
    """The fault for a host that somebody else named and that leads into a network that is nobody's business."""
    return _refused("The host has an address that is not public.", host)


def refuse_redirect(host: str, status: int) -> ProviderFault:
    """The fault for an answer that points elsewhere."""
    log.warning("redirect_refused", host=host, status=status)
    return faults.forbidden(f"{host} answered with a redirect, which is not followed.", status)


def _refused(message: str, host: str | None) -> ProviderFault:
    log.warning("address_refused", host=host)
    return faults.forbidden(message)


def _is_host(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) or (":" in host and "%" not in host and str(IPv6Address(host)) == host)
