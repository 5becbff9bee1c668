"""The deadline is total and cancelling is quick, wherever a call blocks; nothing stays behind."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.adapters.http import patience
from app.adapters.http.client import Http
from app.domain.errors import FaultKind
from tests.support import http_calls
from tests.support.certificates import self_signed
from tests.support.fakes.server import Behaviour, FakeServer, drip, hang
from tests.support.http_calls import faulty
from tests.waiting import until

SLACK = 0.25
"""Seconds that a call may take longer than it should, on a machine that is busy."""


@dataclass
class Stuck:
    """A call that would block for ever, somewhere."""

    url: str
    was_sent: bool
    options: dict[str, Any] = field(default_factory=dict)
    body: bytes = b"a shot"

    def call(self, **options: Any) -> None:
        with http_calls.session(self.url, **self.options, **options) as http:
            http.send("POST", "/", body=self.body)


Place = Callable[[ExitStack, pytest.MonkeyPatch, Path], Stuck]


def name_lookup(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    released = Event()
    stack.callback(released.set)

    def wait(*_: object, **__: object) -> None:
        released.wait()
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", wait)
    return Stuck("http://api.example", was_sent=False)


def connecting(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    """A server whose queue is full: the packets of further clients are dropped."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    stack.enter_context(socket.create_connection(listener.getsockname()))
    return Stuck(_url(listener), was_sent=False)


def handshake(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return Stuck(_url(_silent(stack), "https"), was_sent=False)


def proxy_tunnel(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return Stuck("https://api.example", was_sent=False, options={"proxy": _url(_silent(stack))})


def sending(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return Stuck(_url(_silent(stack)), was_sent=True, body=bytes(30_000_000))


def answer_that_never_comes(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return _misbehaving(stack, hang())


def answer_that_drips(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return _misbehaving(stack, drip())


def answer_under_tls_that_never_comes(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return _misbehaving(stack, hang(), self_signed(folder))


def answer_under_tls_that_drips(stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Stuck:
    return _misbehaving(stack, drip(), self_signed(folder))


PLACES = [
    name_lookup,
    connecting,
    handshake,
    proxy_tunnel,
    sending,
    answer_that_never_comes,
    answer_that_drips,
    answer_under_tls_that_never_comes,
    answer_under_tls_that_drips,
]


def _url(listener: socket.socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"


def _silent(stack: ExitStack) -> socket.socket:
    """Accepts connections, as the kernel does, but never reads."""
    return stack.enter_context(socket.create_server(("127.0.0.1", 0)))


def _misbehaving(stack: ExitStack, behaviour: Behaviour, certificate: Path | None = None) -> Stuck:
    server = stack.enter_context(FakeServer(certificate))
    server.always(behaviour)
    return Stuck(server.url, was_sent=True, options={"http": Http(certificate)})


@pytest.fixture(params=PLACES, ids=lambda place: place.__name__)
def stuck(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stuck]:
    place: Place = request.param
    with ExitStack() as stack:
        yield place(stack, monkeypatch, tmp_path)


def test_the_deadline_ends_whatever_blocks(stuck: Stuck) -> None:
    with faulty(FaultKind.HANG, within=0.4 + SLACK) as caught:
        stuck.call(seconds=0.4)
    assert caught.value.may_have_cost is stuck.was_sent


def test_cancelling_ends_whatever_blocks(stuck: Stuck) -> None:
    cancelled = Event()
    threading.Timer(0.2, cancelled.set).start()
    with faulty(FaultKind.CANCELLED, within=0.2 + 0.1 + SLACK) as caught:
        stuck.call(cancelled=cancelled)
    assert caught.value.may_have_cost is stuck.was_sent


def test_what_does_not_open_leaves_time_for_another_provider(stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "OPENING_SECONDS", 0.1)
    kind = FaultKind.HANG if stuck.was_sent else FaultKind.UNREACHABLE
    with faulty(kind, within=0.4 + SLACK):
        stuck.call(seconds=0.4)


def test_neither_sockets_nor_threads_stay_behind(stuck: Stuck) -> None:
    with _nothing_left_open():
        for _ in range(3):
            with faulty(FaultKind.HANG):
                stuck.call(seconds=0.05)


def test_a_call_that_ends_well_leaves_nothing_behind() -> None:
    with FakeServer() as server, _nothing_left_open():
        for _ in range(10):
            with http_calls.session(server.url) as http:
                http.send("GET", "/")


def test_a_lookup_that_was_given_up_ends_with_the_resolver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with ExitStack() as stack:
        stuck = name_lookup(stack, monkeypatch, tmp_path)
        with faulty(FaultKind.HANG):
            stuck.call(seconds=0.05)
        assert _lookups()
    until(lambda: not _lookups())


def test_an_address_that_is_silent_does_not_hide_one_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "OPENING_SECONDS", 1.0)
    with ExitStack() as stack, FakeServer() as server:
        silent = connecting(stack, monkeypatch, Path())
        ports = [int(silent.url.rpartition(":")[2]), server.port]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
        with http_calls.session("http://api.example") as http:
            assert http.send("GET", "/").is_success


def test_a_call_after_the_deadline_is_not_made() -> None:
    with FakeServer() as server, http_calls.session(server.url, seconds=0.1) as http:
        http.send("GET", "/")
        until(lambda: time.monotonic() > server.calls[0].at + 0.1)
        with faulty(FaultKind.HANG) as caught:
            http.send("GET", "/")
        assert len(server.calls) == 1
    assert caught.value.may_have_cost is False


@contextmanager
def _nothing_left_open() -> Iterator[None]:
    """No more descriptors afterwards than before, and no thread but look-ups that nothing can end."""
    files, threads = _descriptors(), threading.active_count()
    yield
    until(lambda: _descriptors() <= files, what="sockets closed")
    until(lambda: threading.active_count() - len(_lookups()) <= threads, what="threads ended")


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _lookups() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "name-lookup"]
