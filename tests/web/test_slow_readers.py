"""Answers that are long in being sent, and readers who take their time; the server is waitress itself."""

import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from waitress import wasyncore
from waitress.server import create_server

from app.web.channel import AHEAD_MAX, Channel
from app.web.files import file_response
from tests.waiting import until

PIECE = b"x" * (256 * 1024)
BEYOND_THE_SYSTEM_S_OWN = 64 << 20  # bytes, more than the system keeps for both ends of a connection


@dataclass
class Endless:
    """An application that makes pieces until nobody reads them any more."""

    made: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(1 << 40))])
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        try:
            while True:
                self.made += len(PIECE)
                yield PIECE
        finally:
            self.ended.set()


@dataclass
class Connection:
    """A reader's end, and the server's."""

    reader: socket.socket
    channel: Channel

    def take(self, count: int) -> None:
        while count > 0:
            piece = self.reader.recv(min(count, 1 << 20))
            assert piece, "the server has closed the connection"
            count -= len(piece)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.channel._PATIENCE_SECONDS", 0.05)


@pytest.fixture
def application() -> Endless:
    return Endless()


@contextmanager
def serving(application: Any) -> Iterator[Any]:
    """A server with one thread."""
    server = create_server(application, host="127.0.0.1", port=0, threads=1)
    server.channel_class = Channel
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=server._map, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        stopped.set()
        server.pull_trigger()
        thread.join(5)
        server.task_dispatcher.shutdown(timeout=1)
        server.close()


@pytest.fixture
def connection(application: Endless) -> Iterator[Connection]:
    """One that has asked for the endless answer and reads nothing of it yet."""
    with serving(application) as server, socket.create_connection(("127.0.0.1", server.effective_port)) as reader:
        reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        channels = until(lambda: list(server.active_channels.values()), what="a connection")
        yield Connection(reader, channels[0])


def is_waiting(connection: Connection) -> bool:
    return bool(connection.channel.total_outbufs_len > AHEAD_MAX)


def test_little_waits_in_memory_for_a_reader_who_takes_nothing(connection: Connection, application: Endless) -> None:
    until(lambda: is_waiting(connection), what="the answer waits for its reader")
    assert application.made < BEYOND_THE_SYSTEM_S_OWN
    assert connection.channel.total_outbufs_len <= AHEAD_MAX + len(PIECE)


def test_what_was_sent_is_not_kept(connection: Connection) -> None:
    connection.take(BEYOND_THE_SYSTEM_S_OWN)
    until(lambda: is_waiting(connection), what="the answer waits for its reader")
    kept = sum(len(buffer.getfile().getvalue()) for buffer in list(connection.channel.outbufs))
    assert kept <= 2 * AHEAD_MAX + 4 * len(PIECE)


def test_it_goes_on_when_the_reader_does(connection: Connection, application: Endless) -> None:
    until(lambda: is_waiting(connection), what="the answer waits for its reader")
    before = application.made
    connection.take(BEYOND_THE_SYSTEM_S_OWN)
    assert application.made > before
    assert not application.ended.is_set()


def test_a_reader_who_goes_ends_it(connection: Connection, application: Endless) -> None:
    until(lambda: is_waiting(connection), what="the answer waits for its reader")
    connection.reader.close()
    assert application.ended.wait(10)


def test_a_reader_who_takes_nothing_for_long_is_given_up(
    impatient: None, connection: Connection, application: Endless
) -> None:
    assert application.ended.wait(10)
    until(lambda: not connection.channel.server.active_channels, what="the connection is closed")


class TestPictures:
    """What is there already is sent by the main thread, at whatever pace, and holds no thread that booths need."""

    CONTENT = os.urandom(200_000)
    RANGES = (
        ("bytes=0-", CONTENT),
        ("bytes=0-0", CONTENT[:1]),
        ("bytes=70000-140000", CONTENT[70_000:140_001]),
        ("bytes=150000-", CONTENT[150_000:]),
        ("bytes=-7", CONTENT[-7:]),
    )

    @pytest.fixture
    def picture(self, tmp_path: Path) -> Path:
        path = tmp_path / "picture.jpg"
        path.write_bytes(self.CONTENT)
        return path

    @pytest.fixture
    def port(self, picture: Path) -> Iterator[int]:
        app = Flask(__name__)

        @app.get("/picture")
        def show() -> Response:
            return file_response(picture.open("rb"), picture.stat().st_size, "image/jpeg", "tag")

        @app.get("/ping")
        def ping() -> str:
            return "pong"

        with serving(app) as server:
            yield server.effective_port

    @pytest.mark.parametrize("asked", ["", "Range: bytes=0-\r\n", "Range: bytes=100-\r\n"])
    def test_readers_who_take_nothing_hold_no_thread(self, port: int, picture: Path, asked: str) -> None:
        with picture.open("r+b") as file:
            file.truncate(BEYOND_THE_SYSTEM_S_OWN)
        with ExitStack() as readers:
            for _ in range(4):
                reader = readers.enter_context(socket.create_connection(("127.0.0.1", port)))
                reader.sendall(f"GET /picture HTTP/1.1\r\nHost: x\r\n{asked}\r\n".encode())
                assert reader.recv(8).startswith(b"HTTP/1.1")
            assert self.got(port, "/ping") == (200, b"pong")

    def test_ranges_are_exactly_what_was_asked_for_one_after_another(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for asked, expected in self.RANGES:
            connection.request("GET", "/picture", headers={"Range": asked})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (206, expected), asked
        connection.close()

    def test_what_has_no_body_has_none_in_ranges_either(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("HEAD", "/picture", headers={"Range": "bytes=5-9"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (206, "5", b"")
        connection.close()
        stale = {"Range": "bytes=0-9", "If-Range": '"another"'}
        assert self.got(port, "/picture", stale) == (200, self.CONTENT)

    def got(self, port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
