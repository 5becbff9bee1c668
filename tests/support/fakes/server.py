"""The base of all fake providers, and the ways in which a server can misbehave."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from tests.support.certificates import server_context
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.wire import Wire, WireServer

Answer = Callable[[Call], Reply]
Behaviour = Callable[[Call, Answer, Wire], Reply | None]
"""Answers a call in place of the healthy server, which it may ask. None: it did so itself, the connection ends."""

Condition = Callable[[Call], bool]


def _any(call: Call) -> bool:
    return True


class FakeServer:
    """A server on 127.0.0.1, healthy until told otherwise; with `certificate` (a PEM file with its key) it speaks TLS.

    `keep_bodies`: whether `calls` remember what was sent, which a storm of large uploads cannot afford.
    """

    def __init__(self, certificate: Path | None = None, *, keep_bodies: bool = True) -> None:
        self._server = WireServer(self._serve, server_context(certificate) if certificate else None)
        self._keep_bodies = keep_bodies
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._next: list[tuple[Behaviour, Condition]] = []
        self._standing: list[tuple[Behaviour, Condition]] = []
        self.port = self._server.port
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def answer(self, call: Call) -> Reply:
        """The healthy behaviour."""
        return Reply()

    def misbehaviour(self, row: str) -> tuple[Behaviour, Condition] | None:
        """How a row of the table of faults looks here, and which calls it happens to; None if it never happens here."""
        return None

    @property
    def calls(self) -> list[Call]:
        """Every request that arrived whole, in order."""
        with self._lock:
            return list(self._calls)

    def misbehave(self, *behaviours: Behaviour, on: Condition = _any) -> None:
        """Each of the next calls that `on` accepts takes one behaviour, in order; afterwards all is well again."""
        with self._lock:
            self._next += [(behaviour, on) for behaviour in behaviours]

    def always(self, behaviour: Behaviour, on: Condition = _any) -> None:
        """Every call that `on` accepts, once the behaviours for the next ones are used up."""
        with self._lock:
            self._standing.append((behaviour, on))

    def recover(self) -> None:
        with self._lock:
            self._next.clear()
            self._standing.clear()

    def _serve(self, call: Call, wire: Wire) -> Reply | None:
        behaviour = self._note(call)
        return behaviour(call, self.answer, wire) if behaviour else self.answer(call)

    def _note(self, call: Call) -> Behaviour | None:
        kept = call if self._keep_bodies else Call(call.method, call.path, call.query, call.headers, b"", call.at)
        with self._lock:
            self._calls.append(kept)
            for entry in self._next:
                if entry[1](call):
                    self._next.remove(entry)
                    return entry[0]
            return next((behaviour for behaviour, on in self._standing if on(call)), None)


def hang() -> Behaviour:
    """No answer until the client gives up."""
    return lambda call, answer, wire: wire.wait()


def slow(seconds: float) -> Behaviour:
    """The healthy answer, late."""

    def behave(call: Call, answer: Answer, wire: Wire) -> Reply:
        wire.wait(seconds)
        return answer(call)

    return behave


def drip(pause: float = 0.05) -> Behaviour:
    """The healthy answer, headers too, a byte at a time."""

    def behave(call: Call, answer: Answer, wire: Wire) -> None:
        reply = answer(call)
        framing = {"Content-Length": str(len(reply.body)), "Connection": "close"}
        for byte in reply.head(**framing) + reply.body:
            wire.send(bytes([byte]))
            wire.wait(pause)

    return behave


def reset() -> Behaviour:
    """The connection breaks when the request is in."""
    return lambda call, answer, wire: wire.reset()


def status(code: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Behaviour:
    return lambda call, answer, wire: Reply(code, body, headers or {})


def body(content: bytes, content_type: str) -> Behaviour:
    """200 with this content."""
    return status(200, content, {"Content-Type": content_type})


def html() -> Behaviour:
    """200 with a page, as captive portals and broken gateways answer."""
    return body(b"<!doctype html><title>Welcome</title><p>Please log in.", "text/html; charset=utf-8")


def redirect(url: str) -> Behaviour:
    return status(302, headers={"Location": url})


def edit(change: Callable[[Reply], Reply]) -> Behaviour:
    """The healthy answer, changed."""
    return lambda call, answer, wire: change(answer(call))


def cut_short() -> Behaviour:
    """Half of the body that Content-Length promises."""

    def behave(call: Call, answer: Answer, wire: Wire) -> None:
        reply = answer(call)
        wire.send(reply.head() + reply.body[: len(reply.body) // 2])

    return behave


def no_length_cut() -> Behaviour:
    """Half of the body, ended by closing, with no length that would betray it."""

    def behave(call: Call, answer: Answer, wire: Wire) -> None:
        reply = answer(call)
        wire.send(reply.head(Connection="close") + reply.body[: len(reply.body) // 2])

    return behave


def cut_chunks() -> Behaviour:
    """A chunked body that ends in the middle of a chunk."""

    def behave(call: Call, answer: Answer, wire: Wire) -> None:
        reply = answer(call)
        head = reply.head(**{"Transfer-Encoding": "chunked"})
        wire.send(head + f"{len(reply.body):x}\r\n".encode() + reply.body[: len(reply.body) // 2])

    return behave


def huge(size: int, *, declared: bool = True, content_type: str = "image/png") -> Behaviour:
    """200 with `size` bytes of nothing; undeclared, only the end of the connection says that it is over."""

    def behave(call: Call, answer: Answer, wire: Wire) -> None:
        framing = {"Content-Length": str(size)} if declared else {}
        wire.send(Reply(headers={"Content-Type": content_type}).head(**framing, Connection="close"))
        for at in range(0, size, _BLOCK):
            wire.send(bytes(min(_BLOCK, size - at)))

    return behave


_BLOCK = 65536
