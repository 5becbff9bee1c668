"""A server that does on each connection exactly what a test says, byte by byte."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

IMAGE = b"\xff\xd8\xff\xe0 a finished picture \xff\xd9"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def answer(status: str = "200 OK", body: bytes = IMAGE, **headers: str) -> bytes:
    """A whole answer as the booth wants it; a header given as "" is left out."""
    fields = {"content-type": "image/jpeg", "content-length": str(len(body)), "cache-control": "no-store"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Conversation:
    """The server's side of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.settimeout(10)

    def head(self) -> bytes:
        """The request's head with its empty line; fails if bytes of the body came along."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += self._receive(65536)
        return data

    def body(self, head: bytes) -> bytes:
        match = re.search(rb"content-length: (\d+)\r\n", head)
        assert match
        size, data = int(match[1]), b""
        while len(data) < size:
            data += self._receive(size - len(data))
        return data

    def hears_nothing(self, seconds: float) -> bool:
        self.connection.settimeout(seconds)
        try:
            return self.connection.recv(1) == b"never"
        except TimeoutError:
            return True
        finally:
            self.connection.settimeout(10)

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def request(self) -> tuple[bytes, bytes]:
        """Take a whole request, with 100 Continue where it belongs."""
        head = self.head()
        self.say(CONTINUE)
        return head, self.body(head)

    def wait_for_hanging_up(self) -> None:
        with contextlib.suppress(OSError):
            while self.connection.recv(65536):
                pass

    def _receive(self, size: int) -> bytes:
        data = self.connection.recv(size)
        assert data, "the booth hung up"
        return data


@contextlib.contextmanager
def scripted_server(script: Callable[[Conversation], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The URL of a slot on a server that plays `script` on every connection; its failures are raised at the end."""
    failures: list[BaseException] = []
    threads: list[threading.Thread] = []

    def play(connection: socket.socket) -> None:
        try:
            with contextlib.closing(tls.wrap_socket(connection, server_side=True) if tls else connection) as secured:
                script(Conversation(secured))
        except ssl.SSLError:
            connection.close()
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            failures.append(error)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=play, args=(connection,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/ingest/slot-001"
        listener.shutdown(socket.SHUT_RDWR)
    for thread in [acceptor, *threads]:
        thread.join(15)
    for failure in failures:
        raise failure
