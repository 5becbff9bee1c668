"""Certificates are verified always, and results come from the very address that was looked at."""

import select
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.adapters.http.client import Http
from app.adapters.http.sockets import PatientSocket
from app.domain.errors import FaultKind
from tests.support import http_calls
from tests.support.certificates import self_signed
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import FakeServer, huge
from tests.support.http_calls import faulty
from tests.waiting import until

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "2606:4700::1111"


class Results(FakeServer):
    def answer(self, call: Call) -> Reply:
        return Reply(200, b"an image")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Results]:
    """Speaks TLS as 127.0.0.1."""
    with Results(self_signed(tmp_path)) as running:
        yield running


def test_a_certificate_that_nobody_trusts(server: Results) -> None:
    with faulty(FaultKind.TLS) as caught, http_calls.session(server.url) as http:
        http.send("POST", "/", headers={"Authorization": "the-key"})
    assert (caught.value.permanent, caught.value.may_have_cost) == (True, False)
    assert str(caught.value) == "TLS with 127.0.0.1 failed: certificate not trusted, self-signed certificate."
    assert server.calls == []


def test_a_certificate_of_another_name(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "another.example")
    with Results(certificate) as server, faulty(FaultKind.TLS) as caught:
        _send(server.url, Http(certificate))
    assert "not valid for '127.0.0.1'" in str(caught.value)


def test_a_server_without_tls() -> None:
    with Results() as server, faulty(FaultKind.TLS, within=1):
        _send(server.url.replace("http:", "https:"), http_calls.HTTP)


@pytest.mark.parametrize("read", [0, 4096], ids=["reset", "end"])
def test_a_handshake_that_is_cut_off_says_nothing_about_certificates(read: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_cut_off, args=[listener, read]).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with faulty(FaultKind.UNREACHABLE) as caught, http_calls.session(url) as http:
            http.send("GET", "/")
    assert caught.value.permanent is False


def test_large_bodies_in_both_directions(server: Results, tmp_path: Path) -> None:
    server.misbehave(huge(9_000_000))
    with http_calls.session(server.url, http=Http(tmp_path / "self-signed.pem")) as http:
        reply = http.send("POST", "/", body=b"s" * 9_000_000, max_bytes=9_000_000)
        assert http.send("GET", "/").body == b"an image"
    assert (len(reply.body), len(server.calls[0].body)) == (9_000_000, 9_000_000)


def test_one_client_serves_many_threads(server: Results, tmp_path: Path) -> None:
    http = Http(tmp_path / "self-signed.pem")
    with ThreadPoolExecutor(16) as threads:
        calls = [threads.submit(_send, server.url, http) for _ in range(64)]
    assert [call.exception() for call in calls] == [None] * 64


class Internet:
    """`results.example` as the resolver answers for it, and where connections to it really end."""

    def __init__(self, port: int, *answers: list[str]) -> None:
        self._port = port
        self._answers = list(answers)
        self.reached: list[str] = []

    def lookup(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        addresses = self._answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    def connect(self, end: PatientSocket, address: tuple[str, int]) -> int:
        self.reached.append(address[0])
        return socket.socket.connect_ex(end, ("127.0.0.1", self._port))


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Results]:
    """Speaks TLS as results.example."""
    with Results(self_signed(tmp_path, "results.example")) as running:
        yield running


def test_a_result_is_fetched_from_the_address_that_was_looked_at(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet = _online(Internet(results.port, [PUBLIC], ["127.0.0.1"]), monkeypatch)
    assert _download(tmp_path) == b"an image"
    assert internet.reached == [PUBLIC]
    assert results.calls[0].headers["host"] == "results.example"


@pytest.mark.parametrize(
    "inner", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fe80::1%eth0"]
)
@pytest.mark.parametrize("outer", [[], [PUBLIC], [PUBLIC, OTHER_PUBLIC]])
def test_one_private_address_is_enough_to_refuse(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outer: list[str], inner: str
) -> None:
    internet = _online(Internet(results.port, [*outer, inner]), monkeypatch)
    with faulty(FaultKind.FORBIDDEN_ADDRESS) as caught:
        _download(tmp_path)
    assert caught.value.permanent
    assert (internet.reached, results.calls) == ([], [])


def _online(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> Internet:
    monkeypatch.setattr("socket.getaddrinfo", internet.lookup)
    monkeypatch.setattr(PatientSocket, "connect_ex", lambda end, address: internet.connect(end, address), raising=False)
    return internet


def _download(folder: Path) -> bytes:
    http = Http(folder / "self-signed.pem")
    with http_calls.session("https://api.example", result_hosts=("results.example",), http=http) as session:
        return session.download("https://results.example/a.png", max_bytes=100).body


def _send(url: str, http: Http) -> None:
    with http_calls.session(url, http=http) as session:
        session.send("GET", "/")


def _cut_off(listener: socket.socket, read: int) -> None:
    """What a client said stays unread, and then the end is a reset, or is read first."""
    connection, _ = listener.accept()
    if read:
        connection.recv(read)
    until(lambda: select.select([connection], [], [], 0)[0] or read)
    connection.close()
