"""Each way in which a call can go wrong, and the fault that it becomes."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import HttpReply
from tests.support import http_calls
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import (
    Behaviour,
    FakeServer,
    cut_chunks,
    cut_short,
    huge,
    no_length_cut,
    redirect,
    reset,
    status,
)
from tests.support.http_calls import faulty


class Images(FakeServer):
    def answer(self, call: Call) -> Reply:
        return Reply.json({"image": "x" * 1000})


@pytest.fixture
def server() -> Iterator[Images]:
    with Images() as running:
        yield running


@pytest.mark.parametrize(
    ("behaviour", "kind", "permanent"),
    [
        (reset(), FaultKind.CONNECTION_LOST, False),
        (lambda call, answer, wire: None, FaultKind.CONNECTION_LOST, False),
        (cut_short(), FaultKind.INVALID_OUTPUT, False),
        (cut_chunks(), FaultKind.INVALID_OUTPUT, False),
        (huge(1_000_001), FaultKind.TOO_LARGE, True),
        (huge(1_000_001, declared=False), FaultKind.TOO_LARGE, True),
        (redirect("https://elsewhere.example/"), FaultKind.FORBIDDEN_ADDRESS, True),
    ],
    ids=["reset", "closed", "cut", "cut_chunk", "declared", "undeclared", "redirect"],
)
def test_a_request_that_was_sent_may_have_cost_something(
    server: Images, behaviour: Behaviour, kind: FaultKind, permanent: bool
) -> None:
    server.misbehave(behaviour)
    with faulty(kind) as caught, http_calls.session(server.url) as http:
        http.send("POST", "/", max_bytes=1_000_000)
    assert (caught.value.permanent, caught.value.may_have_cost) == (permanent, True)
    assert len(server.calls) == 1


def test_an_answer_as_long_as_allowed_is_taken(server: Images) -> None:
    server.always(huge(1_000_000))
    with http_calls.session(server.url) as http:
        assert len(http.send("GET", "/", max_bytes=1_000_000).body) == 1_000_000


@pytest.mark.parametrize("declared", ["99999999", "9" * 5000, "0" * 5000 + "99999999"], ids=["8", "5000", "zeros"])
def test_an_answer_that_says_it_is_too_large_is_not_read(server: Images, declared: str) -> None:
    head = Reply().head(**{"Content-Length": declared})
    server.misbehave(lambda call, answer, wire: wire.send(head) or wire.wait())
    with faulty(FaultKind.TOO_LARGE, within=0.5), http_calls.session(server.url) as http:
        http.send("GET", "/")


def test_a_cut_that_nothing_betrays_is_left_to_whoever_reads_the_content(server: Images) -> None:
    server.misbehave(no_length_cut())
    with http_calls.session(server.url) as http:
        reply = http.send("GET", "/")
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(reply.body)


def test_nobody_listens(free_port: int) -> None:
    with faulty(FaultKind.UNREACHABLE) as caught, http_calls.session(f"http://127.0.0.1:{free_port}") as http:
        http.send("POST", "/")
    assert (caught.value.permanent, caught.value.may_have_cost) == (False, False)
    assert str(caught.value) == "127.0.0.1 cannot be reached: connection refused."


@pytest.mark.parametrize("host", ["api.example", "a..b.example", f"{'a' * 64}.example"])
def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    real = socket.getaddrinfo

    def lookup(name: str, *args: object, **options: object) -> object:
        if name == "api.example":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(name, *args, **options)

    monkeypatch.setattr("socket.getaddrinfo", lookup)
    with faulty(FaultKind.UNREACHABLE) as caught, http_calls.session(f"https://{host}") as http:
        http.send("POST", "/")
    assert caught.value.may_have_cost is False
    assert str(caught.value) == f"{host} cannot be reached: name not known."


@pytest.mark.parametrize("code", [300, 301, 302, 303, 304, 307, 308, 399])
def test_no_redirect_is_followed_or_read(server: Images, code: int) -> None:
    with Images() as elsewhere, capture_logs() as logs:
        headers = {"Location": f"{elsewhere.url}/?key=stolen"}
        server.misbehave(status(code, bytes(2_000_000), headers))
        with faulty(FaultKind.FORBIDDEN_ADDRESS) as caught, http_calls.session(server.url) as http:
            http.send("GET", "/", headers={"X-Key": "secret"})
        assert elsewhere.calls == []
    assert caught.value.status == code
    assert logs == [{"event": "redirect_refused", "log_level": "warning", "host": "127.0.0.1", "status": code}]


def test_the_next_call_of_a_session_is_none_the_worse(server: Images) -> None:
    server.misbehave(reset(), cut_short(), huge(9_000_000), redirect("/"))
    with http_calls.session(server.url) as http:
        for _ in range(4):
            with pytest.raises(ProviderFault):
                http.send("GET", "/")
        assert http.send("GET", "/").is_success


_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 999\r\n",
        b"HTTP/9 x\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: " + b"7" * 5000 + b"\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: deflate, gzip\r\n",
        b"Location: http://[\r\n",
        b"Set-Cookie: \xff\r\n",
        b" folded\r\n",
        b": nameless\r\n",
        b"\r\n",
        b"5\r\nabcde\r\n",
        b"zz\r\n",
        b"0\r\n\r\n",
    ]
)


@pytest.fixture(scope="module")
def babbler() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@given(answer=st.lists(_LINES | st.binary(max_size=20), max_size=12).map(b"".join))
@settings(max_examples=150)
def test_whatever_comes_back_is_an_answer_or_a_fault(babbler: FakeServer, answer: bytes) -> None:
    babbler.misbehave(lambda call, _, wire: wire.send(answer))
    with http_calls.session(babbler.url) as http:
        assert _kind_of(lambda: http.send("GET", "/")) in (
            None,
            FaultKind.CONNECTION_LOST,
            FaultKind.INVALID_OUTPUT,
            FaultKind.TOO_LARGE,
            FaultKind.FORBIDDEN_ADDRESS,
        )


def _kind_of(call: Callable[[], HttpReply]) -> FaultKind | None:
    try:
        call()
    except ProviderFault as fault:
        return fault.kind
    return None
