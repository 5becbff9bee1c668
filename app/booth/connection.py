"""A socket with one deadline for everything, and failures that a person at a booth understands."""

import functools
import socket
import ssl
import time

from app.booth.target import Target
from app.booth.troubles import NoAnswer, Trouble

_RECEIVE = 256 * 1024


class Connection:
    """Connects at once. Every call raises NoAnswer, with TIMEOUT when `timeout` seconds have passed since then."""

    def __init__(self, target: Target, *, timeout: float, tls: ssl.SSLContext | None) -> None:
        self._started = time.monotonic()
        self._timeout = timeout
        self._buffer = b""
        self._socket = self._open(target)
        self.received_ms = 0.0
        """When the last bytes came, in milliseconds since the beginning."""
        if target.is_tls:
            self._socket = self._secured(target, tls or _trust())

    def elapsed_ms(self) -> float:
        return (time.monotonic() - self._started) * 1000

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.settimeout(self._remaining())
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise self._late() from None
        except OSError:
            raise NoAnswer(Trouble.CUT, "the server cut the connection while the photo was being sent") from None

    def has_data(self, seconds: float) -> bool:
        """Whether the other side has said something (or hung up) within `seconds`."""
        if self._buffer:
            return True
        self._socket.settimeout(min(seconds, self._remaining()))
        try:
            self._buffer = self._receive()
        except TimeoutError:
            self._remaining()
            return False
        return True

    def read_until(self, end: bytes, limit: int) -> bytes:
        """What comes before `end`, which is consumed too. NOT_HTTP if more than `limit` bytes come without it."""
        while (position := self._buffer.find(end)) < 0:
            if len(self._buffer) > limit:
                raise NoAnswer(Trouble.NOT_HTTP, "the server's answer is no HTTP")
            self._fill()
        found, self._buffer = self._buffer[:position], self._buffer[position + len(end) :]
        return found

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        chunks, missing = [self._buffer[:size]], size - len(self._buffer)
        self._buffer = self._buffer[size:]
        while missing > 0:
            self._fill()
            chunks.append(self._buffer[:missing])
            missing, self._buffer = missing - len(self._buffer), self._buffer[missing:]
        return b"".join(chunks)

    def read_to_end(self) -> bytes:
        """Everything until the other side closes."""
        chunks = [self._buffer]
        self._buffer = b""
        while chunk := self._wait_for_data():
            chunks.append(chunk)
        return b"".join(chunks)

    def unread(self) -> int:
        """Bytes that have come and not been read."""
        return len(self._buffer)

    def _fill(self) -> None:
        data = self._wait_for_data()
        if not data:
            raise NoAnswer(Trouble.CUT, "the server closed the connection before its answer was whole")
        self._buffer += data

    def _wait_for_data(self) -> bytes:
        self._socket.settimeout(self._remaining())
        try:
            return self._receive()
        except TimeoutError:
            raise self._late() from None

    def _receive(self) -> bytes:
        try:
            data = self._socket.recv(_RECEIVE)
        except TimeoutError:
            raise
        except OSError:
            raise NoAnswer(Trouble.CUT, "the server cut the connection before its answer was whole") from None
        self.received_ms = self.elapsed_ms()
        return data

    def _remaining(self) -> float:
        remaining = self._started + self._timeout - time.monotonic()
        if remaining <= 0:
            raise self._late()
        return remaining

    def _late(self) -> NoAnswer:
        return NoAnswer(Trouble.TIMEOUT, f"no whole answer within {self._timeout:g} s")

    def _open(self, target: Target) -> socket.socket:
        place = f"{target.host}:{target.port}"
        try:
            return socket.create_connection((target.host, target.port), timeout=self._remaining())
        except socket.gaierror:
            raise NoAnswer(Trouble.HOST_NOT_FOUND, f"there is no host called {target.host}") from None
        except ConnectionRefusedError:
            raise NoAnswer(Trouble.CONNECTION_REFUSED, f"nothing listens at {place}; does the server run?") from None
        except TimeoutError:
            raise NoAnswer(Trouble.TIMEOUT, f"no connection to {place} within {self._timeout:g} s") from None
        except OSError as error:
            raise NoAnswer(Trouble.UNREACHABLE, f"{place} cannot be reached: {error.strerror}") from None

    def _secured(self, target: Target, context: ssl.SSLContext) -> socket.socket:
        self._socket.settimeout(self._remaining())
        try:
            return context.wrap_socket(self._socket, server_hostname=target.host)
        except ssl.SSLCertVerificationError as error:
            self.close()
            message = f"the certificate of {target.host} is not valid: {error.verify_message}"
            raise NoAnswer(Trouble.BAD_CERTIFICATE, message) from None
        except TimeoutError:
            self.close()
            raise self._late() from None
        except OSError:
            self.close()
            message = f"{target.host}:{target.port} does not speak TLS; is its address http:// and not https://?"
            raise NoAnswer(Trouble.NO_TLS, message) from None


@functools.cache
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities; reading them takes longer than a handshake."""
    return ssl.create_default_context()
