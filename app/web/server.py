"""waitress, driven so that it drains: on SIGTERM no booth is cut off without an answer."""

import signal
import socket
import time
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from waitress import wasyncore
from waitress.proxy_headers import proxy_headers_middleware
from waitress.server import create_server

from app.config import ARCHIVE_THREADS, Settings
from app.web.auth import client_address
from app.web.booth_requests import INGEST_PATH, note_unserved
from app.web.channel import Channel
from app.web.errors import error_json
from app.web.use_cases import services

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.5
_DRAINING_TICK_SECONDS = 0.02
_ANSWERING_SECONDS = 8.0  # after the interrupt, for the last answers to be written and sent
_IN_MEMORY = 1 << 40  # bytes, more than any answer has


class WebServer:
    """Serves `app`; each of `interrupt` ends what is held or still being made when its grace is over."""

    def __init__(self, app: Flask, settings: Settings, *, interrupt: Iterable[Callable[[], None]]) -> None:
        self._app = app
        self._interrupt = tuple(interrupt)
        self._grace_seconds = settings.shutdown_grace_seconds
        self._stop_requested = False
        self._server = create_server(
            app,
            sockets=[_listen(settings)],
            threads=settings.web_threads + ARCHIVE_THREADS,
            # Far above the threads: who comes in excess waits in line instead of starving the health checks.
            connection_limit=settings.web_threads * 4 + 1000,
            asyncore_use_poll=True,
            recv_bytes=262144,
            # Answers are never spooled: where that disk is full, waitress drops the answer and the booth hangs.
            outbuf_overflow=_IN_MEMORY,
            # The same as Flask's limit, or a body that is too large is read to its end first.
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            # Looking one request ahead is how waitress notices that a booth has hung up.
            channel_request_lookahead=1,
            ident="PhotoChanger",
            clear_untrusted_proxy_headers=True,
            **_proxy(settings),
        )
        self._server.channel_class = Channel
        self._server.note_refused = partial(_note_refused, app, _proxy(settings))

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then answer everybody who waits, and return."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        log.info("web_started", port=self._server.effective_port, threads=self._server.adj.threads)
        while not self._stop_requested:
            self._turn(_TICK_SECONDS)
        self._drain()
        with self._app.app_context():
            services().booth_requests.close()
        log.info("web_stopped")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True
        self._server.pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._server._map, count=1)

    def _drain(self) -> None:
        """Refuse new connections, give what has begun its grace, then interrupt and refuse; send what is left."""
        log.info("web_stopping", requests=sum(channel.is_busy for channel in self._channels()))
        self._server.del_channel()
        self._server.socket.close()
        self._turn_until_idle(self._grace_seconds)
        for interrupt in self._interrupt:
            interrupt()
        for channel in self._channels():
            channel.refuse_unfinished()
            channel.close_unread()
        self._turn_until_idle(_ANSWERING_SECONDS)

    def _turn_until_idle(self, seconds: float) -> None:
        """At least one turn, which reads what has arrived already."""
        give_up_at = time.monotonic() + seconds
        self._turn(_DRAINING_TICK_SECONDS)
        while any(channel.is_busy for channel in self._channels()) and time.monotonic() < give_up_at:
            self._turn(_DRAINING_TICK_SECONDS)

    def _channels(self) -> list[Channel]:
        return list(self._server.active_channels.values())


def _note_refused(app: Flask, proxy: dict[str, Any], environ: dict[str, Any], status: int, code: str) -> None:
    """For the log and for what booths sent: a shot that waitress itself refused."""
    link = INGEST_PATH.fullmatch(environ["PATH_INFO"])
    if link is None:
        return

    def note(environ: dict[str, Any], _start_response: object) -> None:
        with app.request_context(environ):
            response = error_json(code, "")
            response.status_code = status
            services().ingest.note_refused(link["slot_id"], code, client_address())
            note_unserved(response)

    # As for whatever reaches the application: behind a proxy it knows who asks.
    proxy_headers_middleware(note, **proxy)(environ, _ignore)


def _ignore(_status: str, _headers: list[tuple[str, str]]) -> None:
    """Of a proxy that writes nonsense nothing is noted."""


def _listen(settings: Settings) -> socket.socket:
    """Raises OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def _proxy(settings: Settings) -> dict[str, Any]:
    """Forwarded addresses are believed only from the proxy that is named."""
    if settings.trusted_proxy is None:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
    return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers}
