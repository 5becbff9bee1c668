"""waitress, driven so that it drains: on SIGTERM no booth is cut off without an answer."""

import json
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import structlog
from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import ErrorTask
from waitress.utilities import Error

from app.config import Settings

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.5
_DRAINING_TICK_SECONDS = 0.02
_ANSWERING_SECONDS = 8.0  # after the interrupt, for the last answers to be written and sent
ERROR_CODES = {
    400: "invalid_request",
    413: "payload_too_large",
    431: "headers_too_large",
    501: "not_implemented",
    503: "queue_unavailable",
}


class _JsonErrorTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """waitress's own refusals (a body over the limit, a broken request) in the documented shape."""

    def execute(self) -> None:
        error = self.request.error
        code = ERROR_CODES.get(error.code, "server_error")
        message = f"{error.reason}: {error.body}"
        data = json.dumps({"error": {"code": code, "message": message, "details": {}}}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        if error.code == _NoRoom.code:
            self.response_headers.append(("Retry-After", "5"))
        self.set_close_on_finish()
        self.content_length = len(data)
        self.write(data)


class _NoRoom(Error):  # type: ignore[misc]  # waitress has no types
    code = 503
    reason = "Service Unavailable"


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    def received(self, data: bytes) -> int:
        """Where bodies are spooled the disk may be full; a booth that is cut off instead of answered may hang."""
        try:
            consumed: int = super().received(data)
        except OSError as error:
            log.error("upload_not_spooled", error=str(error))
            self.error = _NoRoom("There is no room for the upload at the moment; send it again shortly.")
            self.completed = True
            return len(data)
        return consumed


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    parser_class = _Parser
    error_task_class = _JsonErrorTask


class WebServer:
    """Serves `app`. `waiting` counts the held requests; `interrupt` has them answered when their grace is over."""

    def __init__(
        self, app: Flask, settings: Settings, *, waiting: Callable[[], int], interrupt: Callable[[], None]
    ) -> None:
        self._waiting = waiting
        self._interrupt = interrupt
        self._grace_seconds = settings.shutdown_grace_seconds
        self._stop_requested = False
        self._server = create_server(
            app,
            sockets=[_listen(settings)],
            threads=settings.web_threads,
            # Far above the threads: who comes in excess waits in line instead of starving the health checks.
            connection_limit=settings.web_threads * 4 + 1000,
            asyncore_use_poll=True,
            recv_bytes=262144,
            # The same as Flask's limit, or a body that is too large is read to its end first.
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            # Looking one request ahead is how waitress notices that a booth has hung up.
            channel_request_lookahead=1,
            ident="PhotoChanger",
            **_proxy(settings),
        )
        self._server.channel_class = _Channel

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then answer everybody who waits, and return."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        log.info("web_started", port=self._server.effective_port, threads=self._server.adj.threads)
        while not self._stop_requested:
            self._turn(_TICK_SECONDS)
        self._drain()
        log.info("web_stopped")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True
        self._server.pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._server._map, count=1)

    def _drain(self) -> None:
        """Refuse new connections, give held requests their grace, interrupt the rest, send what is left."""
        log.info("web_stopping", waiting=self._waiting())
        self._server.del_channel()
        self._server.socket.close()
        self._turn_until(lambda: self._waiting() == 0, self._grace_seconds)
        self._interrupt()
        self._turn_until(self._is_idle, _ANSWERING_SECONDS)

    def _turn_until(self, condition: Callable[[], bool], seconds: float) -> None:
        give_up_at = time.monotonic() + seconds
        while not condition() and time.monotonic() < give_up_at:
            self._turn(_DRAINING_TICK_SECONDS)

    def _is_idle(self) -> bool:
        return not any(c.requests or c.total_outbufs_len for c in self._server.active_channels.values())


def _listen(settings: Settings) -> socket.socket:
    """Raises OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def _proxy(settings: Settings) -> dict[str, object]:
    """Forwarded addresses are believed only from the proxy that is named."""
    if settings.trusted_proxy is None:
        return {"clear_untrusted_proxy_headers": True}
    headers = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
    return {
        "trusted_proxy": settings.trusted_proxy,
        "trusted_proxy_headers": headers,
        "clear_untrusted_proxy_headers": True,
    }
