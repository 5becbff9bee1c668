"""Sockets of the fakes: HTTP/1.1 on 127.0.0.1, a thread for each connection, nothing left when the server stops."""

import contextlib
import os
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.support.fakes.messages import Call, Reply


class Wire:
    """One connection, for behaviours that do not simply answer."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def wait(self, seconds: float | None = None) -> None:
        """Let time pass; raises ConnectionError as soon as the client is gone or the server stops."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        if poll.poll(None if seconds is None else seconds * 1000):
            raise ConnectionAbortedError

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.socket.detach())


Serve = Callable[[Call, Wire], Reply | None]


class Handler(BaseHTTPRequestHandler):
    """Reads requests; what is done about them is the fake's affair. No reply ends the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "WireServer"

    def setup(self) -> None:
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, True, do_handshake_on_connect=False)
        self.server.opened(self.request)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.server.closed(self.request)

    def serve(self) -> None:
        wire = Wire(self.connection)
        reply = self.server.serve(self._call(), wire)
        if reply is None:
            self.close_connection = True
        else:
            wire.send(reply.head() + (b"" if self.command == "HEAD" else reply.body))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = serve

    def _call(self) -> Call:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        fields = dict(parse_qsl(query, keep_blank_values=True))
        return Call(self.command, path, fields, headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", ""):
            return self._chunks()
        body = self.rfile.read(size := int(headers.get("content-length", 0)))
        if len(body) < size:
            raise ConnectionAbortedError
        return body

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format: str, *args: Any) -> None:
        pass


class WireServer(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, serve: Serve, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.serve = serve
        self.tls = tls
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_stopping = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=[0.02], name=f"fake-{self.port}", daemon=True).start()

    def stop(self) -> None:
        """Close every connection, whatever it is doing."""
        self.shutdown()
        with self._lock:
            self._is_stopping = True
            for connection in self._connections:
                _shut(connection)
        self.server_close()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)
            if self._is_stopping:
                _shut(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of every test; anything else is a mistake of the fake."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
