"""One shot, sent and answered as the booth program does it. No HTTP library in between smooths anything over."""

import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from app.booth.connection import Connection
from app.booth.target import parse_target
from app.booth.troubles import NoAnswer, Trouble
from app.booth.wire import Request

BOOTH_TIMEOUT = 53.0
"""Seconds: the usual window of 48 s and the margin of 5 s that booths are set to."""

_HEAD_LIMIT = 64 * 1024
_STATUS_LINE = re.compile(r"HTTP/1\.[01] (\d{3})(?: .*)?")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are in lower case, times in milliseconds since the booth began to connect.

    `body` is without the framing of chunks; `surplus` bytes followed after its announced end. `continues` is the
    number of 100 Continue that came, `continue_ms` the time of the first, None without one. `sent_bytes` counts the
    request.
    """

    status: int
    headers: Headers
    body: bytes
    surplus: int
    continues: int
    continue_ms: float | None
    first_byte_ms: float
    last_byte_ms: float
    sent_bytes: int

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


def send(
    url: str,
    request: Request,
    *,
    timeout: float = BOOTH_TIMEOUT,
    continue_timeout: float = 5.0,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Send a shot and read the answer. Raises NoAnswer, or ValueError for a URL that cannot be used.

    `timeout` limits everything together, in seconds. The body is withheld until the server says 100 Continue or has
    kept silent for `continue_timeout` seconds; it is not sent at all if the answer comes first.
    """
    with BoothConnection(url, timeout=timeout, tls=tls) as booth:
        booth.send(request.head)
        if booth.body_is_wanted(continue_timeout):
            with suppress(NoAnswer):  # a refusal may be waiting though the server took no more; reading tells
                booth.send(request.body)
        return booth.read_answer()


class BoothConnection:
    """The steps of `send`, for whoever wants to stop or dawdle between them. Connects at once."""

    def __init__(self, url: str, *, timeout: float = BOOTH_TIMEOUT, tls: ssl.SSLContext | None = None) -> None:
        self._connection = Connection(parse_target(url), timeout=timeout, tls=tls)
        self._sent_bytes = 0
        self._continues = 0
        self._continue_ms: float | None = None
        self._head: tuple[int, Headers] | None = None
        self._first_byte_ms = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def send(self, data: bytes) -> None:
        self._connection.send(data)
        self._sent_bytes += len(data)

    def body_is_wanted(self, seconds: float) -> bool:
        """Wait up to `seconds` for 100 Continue. False if the server answered without waiting for the body."""
        while not self._continues and self._head is None and self._connection.has_data(seconds):
            self._read_head()
        return self._head is None

    def read_answer(self) -> Answer:
        while self._head is None:
            self._read_head()
        status, headers = self._head
        body = self._read_body(status, dict(headers))
        return Answer(
            status,
            headers,
            body,
            surplus=self._connection.unread(),
            continues=self._continues,
            continue_ms=self._continue_ms,
            first_byte_ms=self._first_byte_ms,
            last_byte_ms=self._connection.received_ms,
            sent_bytes=self._sent_bytes,
        )

    def _read_head(self) -> None:
        """Read one head; those of 1xx are counted and dropped."""
        self._connection.has_data(float("inf"))
        began = self._connection.received_ms
        status, headers = _parse_head(self._connection.read_until(b"\r\n\r\n", _HEAD_LIMIT))
        if status == 100:
            self._continues += 1
            self._continue_ms = self._continue_ms or began
        elif status >= 200:
            self._head = status, headers
            self._first_byte_ms = began

    def _read_body(self, status: int, headers: dict[str, str]) -> bytes:
        if status in (204, 304):
            return b""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._read_chunks()
        if "content-length" not in headers:
            return self._connection.read_to_end()
        return self._connection.read(_length(headers["content-length"], base=10))

    def _read_chunks(self) -> bytes:
        chunks = []
        while size := _length(self._read_line().partition(";")[0], base=16):
            chunks.append(self._connection.read(size))
            self._read_line()
        while self._read_line():
            pass
        return b"".join(chunks)

    def _read_line(self) -> str:
        return self._connection.read_until(b"\r\n", _HEAD_LIMIT).decode("latin-1")


def _parse_head(head: bytes) -> tuple[int, Headers]:
    first, *lines = head.decode("latin-1").split("\r\n")
    match = _STATUS_LINE.fullmatch(first)
    if not match:
        raise NoAnswer(Trouble.NOT_HTTP, "the server's answer is no HTTP; is its address https:// and not http://?")
    pairs = (line.partition(":") for line in lines)
    return int(match[1]), tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)


def _length(text: str, base: int) -> int:
    digits = text.strip().lower()
    if not re.fullmatch("[0-9]+" if base == 10 else "[0-9a-f]+", digits):
        raise NoAnswer(Trouble.NOT_HTTP, "the server's answer has no readable length")
    return int(digits, base)
