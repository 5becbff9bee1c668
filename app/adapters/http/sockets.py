"""Sockets that block no longer than a Patience allows, byte by byte, in the clear and under TLS."""

import errno
import math
import os
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util import wait_for_write

from app.adapters.http.names import Address
from app.adapters.http.patience import Patience

Outcome = TypeVar("Outcome")


class PatientSocket(socket.socket):
    """Each operation ends when data moves, the peer closes, or `patience` raises."""

    def __init__(self, family: socket.AddressFamily, patience: Patience) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self.patience = patience

    def reach(self, address: Address, until: float) -> None:
        """Connect; raises OSError, also when `until`, a time of the monotonic clock, has passed."""
        self.setblocking(False)
        code = self.connect_ex(address.sockaddr)
        while code == errno.EINPROGRESS:
            if time.monotonic() >= until:
                code = errno.ETIMEDOUT
            elif wait_for_write(self, self.patience.pause()):
                code = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def recv(self, *args: Any) -> bytes:
        return _patiently(self, lambda: super(PatientSocket, self).recv(*args))

    def recv_into(self, *args: Any) -> int:
        return _patiently(self, lambda: super(PatientSocket, self).recv_into(*args))

    def send(self, *args: Any) -> int:
        return _patiently(self, lambda: super(PatientSocket, self).send(*args))

    def sendall(self, data: Any, flags: int = 0) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest, flags) :]


class PatientTlsSocket(ssl.SSLSocket):
    """As PatientSocket; everything else that SSLSocket offers comes down to these."""

    patience: Patience

    def do_handshake(self, block: bool = False) -> None:
        _patiently(self, lambda: super(PatientTlsSocket, self).do_handshake())

    def read(self, *args: Any) -> Any:
        return _patiently(self, lambda: super(PatientTlsSocket, self).read(*args))

    def send(self, *args: Any) -> int:
        return _patiently(self, lambda: super(PatientTlsSocket, self).send(*args))


class PatientTls(ssl.SSLContext):
    """Verifies certificates and names, always. One for all threads: after it is made nothing may change it."""

    sslsocket_class = PatientTlsSocket

    @classmethod
    def trusting(cls, authorities: Path | None) -> Self:
        """Trusts the authorities that `requests` brings, and those in the PEM file `authorities`."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
        if authorities:
            context.load_verify_locations(authorities)
        return context

    def wrap_socket(
        self, sock: socket.socket, *_: Any, server_hostname: str | bytes | None = None, **__: Any
    ) -> ssl.SSLSocket:
        unshaken = super().wrap_socket(sock, do_handshake_on_connect=False, server_hostname=server_hostname)
        tls = cast(PatientTlsSocket, unshaken)
        tls.patience = cast(PatientSocket, sock).patience
        try:
            tls.do_handshake()
        except BaseException:
            tls.close()
            raise
        return tls

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        """Nothing: urllib3 sets them before every handshake, while those of other threads read them."""


def connect(addresses: list[Address], patience: Patience) -> PatientSocket:
    """A connection to the first of `addresses` that accepts one; raises OSError, or what `patience` raises.

    An address that is silent takes only its share of the time, so that a broken IPv6 does not hide a working IPv4.
    """
    failure: OSError | None = None
    for others, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        share = patience.left_to_open() / (others + 1) if others else math.inf
        reached = PatientSocket(address.family, patience)
        try:
            reached.reach(address, time.monotonic() + share)
        except BaseException as error:
            reached.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            return reached
    raise failure or OSError(socket.EAI_NODATA, "name without an address")


def _patiently(end: PatientSocket | PatientTlsSocket, operation: Callable[[], Outcome]) -> Outcome:
    while True:
        end.settimeout(end.patience.pause())
        try:
            return operation()
        except TimeoutError as error:
            if error.errno:  # the connection's own ETIMEDOUT, not our tick
                raise
