"""A TCP proxy in front of PostgreSQL that can pass, hang, delay or cut: the network as it is on bad days."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from sqlalchemy.engine import make_url

_BLOCK = 65536


class TcpProxy:
    """Listens on 127.0.0.1 and forwards to the server of `url`; its own `url` is for the system under test."""

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._passing = threading.Event()
        self._passing.set()
        self._pairs: list[socket.socket] = []
        self.delay_seconds = 0.0
        port = self._listener.getsockname()[1]
        through = self._target.set(host="127.0.0.1", port=port, query={})
        self.url = through.render_as_string(hide_password=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def hang(self) -> None:
        """Keep connections open and accept new ones, but let nothing through."""
        self._passing.clear()

    def resume(self) -> None:
        self._passing.set()

    def cut(self) -> None:
        """Break every connection."""
        pairs, self._pairs = self._pairs, []
        for end in pairs:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # close() alone leaves the thread inside accept() listening
        self._listener.close()
        self._passing.set()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=[near], daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._passing.wait()
        try:
            far = self._connect()
        except OSError:
            near.close()
            return
        self._pairs += [near, far]
        threading.Thread(target=self._pump, args=[near, far], daemon=True).start()
        self._pump(far, near)

    def _connect(self) -> socket.socket:
        host = self._target.query.get("host") or self._target.host
        port = self._target.query.get("port") or self._target.port or 5432
        if isinstance(host, str) and host.startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{host}/.s.PGSQL.{port}")
            return far
        return socket.create_connection((str(host), int(str(port))))

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(_BLOCK):
                self._passing.wait()
                time.sleep(self.delay_seconds)
                target.sendall(block)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def tcp_proxy(url: str) -> Iterator[TcpProxy]:
    proxy = TcpProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
