"""Host names to addresses, inside a deadline, and which addresses a result may come from."""

import socket
import threading
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from app.adapters.http.patience import Patience

_PUBLIC_IPV6 = ip_network("2000::/3")
_NOT_PUBLIC = [
    ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocols, Teredo among them: it carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
]
"""What `is_global` lets pass, or did in some release of Python."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, as `getaddrinfo` says it; `sockaddr` begins with the numeric IP address."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]

    @property
    def is_public(self) -> bool:
        return is_public(ip_address(str(self.sockaddr[0]).partition("%")[0]))


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether `ip` lies in the Internet: neither in a network of ours nor a wrapping of another address."""
    if ip.version == 6 and ip not in _PUBLIC_IPV6:
        return False
    is_special = ip.is_multicast or ip.is_reserved or any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not is_special


@dataclass(slots=True)
class _Lookup:
    host: str
    port: int
    done: threading.Event = field(default_factory=threading.Event)
    found: list[Address] = field(default_factory=list)
    error: Exception | None = None

    def run(self) -> None:
        try:
            entries = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            self.found = [Address(family, sockaddr) for family, _, _, _, sockaddr in entries]
        except (OSError, UnicodeError) as error:  # a label that is empty or too long is a UnicodeError
            self.error = error
        finally:
            self.done.set()


def resolve(host: str, port: int, patience: Patience) -> list[Address]:
    """All addresses of `host`, best first; raises OSError, or what `patience` raises.

    `getaddrinfo` cannot be interrupted: it has a thread of its own, which is left to itself when time is over.
    """
    lookup = _Lookup(host, port)
    if _is_numeric(host):
        lookup.run()
    else:
        threading.Thread(target=lookup.run, name="name-lookup", daemon=True).start()
    while not lookup.done.wait(patience.pause()):
        pass
    if lookup.error:
        raise OSError(socket.EAI_NONAME, "name not known") from lookup.error
    return lookup.found


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
