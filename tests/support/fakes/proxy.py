"""An HTTP proxy that forwards and tunnels, and remembers what it was asked."""

import select
import socket
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer, FakeServer
from tests.support.fakes.wire import Wire


class FakeProxy(FakeServer):
    """Wants `credentials` ("user:password") if there are any; `names` maps "host:port" to a local port."""

    def __init__(
        self, credentials: str = "", names: Mapping[str, int] | None = None, certificate: Path | None = None
    ) -> None:
        super().__init__(certificate)
        self._wanted = f"Basic {b64encode(credentials.encode()).decode()}" if credentials else None
        self._names = names or {}
        self.always(self._tunnel, on=lambda call: call.method == "CONNECT")

    def answer(self, call: Call) -> Reply:
        if not self._is_welcome(call):
            return Reply(407)
        headers = {name: value for name, value in call.headers.items() if not name.startswith("proxy-")}
        passed = requests.request(call.method, call.path, params=call.query, headers=headers, data=call.body)
        return Reply(passed.status_code, passed.content)

    def _tunnel(self, call: Call, answer: Answer, wire: Wire) -> Reply | None:
        if not self._is_welcome(call):
            return Reply(407)
        host, _, port = call.path.rpartition(":")
        far = ("127.0.0.1", self._names[call.path]) if call.path in self._names else (host, int(port))
        with socket.create_connection(far) as other:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pump(wire.socket, other)
        return None

    def _is_welcome(self, call: Call) -> bool:
        return self._wanted in (None, call.headers.get("proxy-authorization"))


def _pump(one: socket.socket, other: socket.socket) -> None:
    while True:
        for ready in select.select([one, other], [], [])[0]:
            if not (block := ready.recv(65536)):
                return
            (other if ready is one else one).sendall(block)
