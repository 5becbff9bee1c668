"""A connection of waitress's, refusing in the documented shape what never reaches the application."""

import contextlib
import json
import socket
import time
from typing import Any

import structlog
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

log = structlog.get_logger(__name__)

AHEAD_MAX = 1 << 20
"""Bytes of an answer that is made while it is sent which may wait in memory for its reader."""

_PATIENCE_SECONDS = 60.0  # for a reader to take one piece more, while a thread waits

ERROR_CODES = {
    400: "invalid_request",
    413: "payload_too_large",
    431: "headers_too_large",
    501: "not_implemented",
}
"""Codes of waitress's own refusals by their status."""


class _TryAgain(Error):  # type: ignore[misc]  # waitress has no types
    """A refusal of ours, with its own code; sending again a little later helps."""

    code = 503
    reason = "Service Unavailable"
    error_code: str


class _NoRoom(_TryAgain):
    error_code = "queue_unavailable"


class _ShuttingDown(_TryAgain):
    error_code = "shutting_down"


class _JsonErrorTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """A refusal (a body over the limit, a broken request, no room) in the documented shape."""

    def execute(self) -> None:
        error = self.request.error
        code = getattr(error, "error_code", None) or ERROR_CODES.get(error.code, "server_error")
        message = f"{error.reason}: {error.body}"
        data = json.dumps({"error": {"code": code, "message": message, "details": {}}}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        if isinstance(error, _TryAgain):
            self.response_headers.append(("Retry-After", "5"))
        self.set_close_on_finish()
        self.content_length = len(data)
        self.write(data)
        if getattr(self.request, "path", ""):  # or it was broken before its address was known
            environ = WSGITask(self.channel, self.request).get_environment()
            self.channel.server.note_refused(environ, error.code, code)


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


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """For waitress's main thread, as its own methods are unless they say otherwise."""

    parser_class = _Parser
    error_task_class = _JsonErrorTask
    request: HTTPRequestParser | None  # as far as it has come
    _made = 0  # bytes of the present answer, but for what waitress reads from files
    _is_unread = False  # a thread waits for the reader

    @property
    def is_busy(self) -> bool:
        """A request has begun to arrive, is being worked on, or its answer is not sent to the end."""
        return self.request is not None or bool(self.requests) or self.total_outbufs_len > 0

    def service(self) -> None:
        """For a thread that answers, as `write_soon` is."""
        self._made = 0
        super().service()

    def write_soon(self, data: Any) -> int:
        """Small answers never wait. Raises ClientDisconnected, also for a reader who takes hardly anything."""
        if self._made > AHEAD_MAX:
            self._wait_for_reader()
        written: int = super().write_soon(data)
        if not isinstance(data, ReadOnlyFileBasedBuffer):
            self._made += written
        return written

    def _wait_for_reader(self) -> None:
        """waitress would let 16 MB wait, keep as much that is sent already, and a thread for whoever reads nothing."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        with self.outbuf_lock:
            while self.connected and self.total_outbufs_len > AHEAD_MAX:
                if time.monotonic() > give_up_at:
                    self._give_up()
                self._is_unread = True
                self.server.pull_trigger()
                self.outbuf_lock.wait(_PATIENCE_SECONDS)
            self._is_unread = False
            # As full: what comes next has a buffer of its own, which goes as soon as it is sent.
            self.current_outbuf_count = self.adj.outbuf_high_watermark

    def _give_up(self) -> None:
        """The main thread closes only what moves, and a socket whose other end is full does not unless it is shut."""
        log.warning("slow_reader_given_up", client=self.addr[0])
        self.will_close = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        raise ClientDisconnected

    def close_unread(self) -> None:
        """Free the thread that waits for a reader: the server stops, and what is still to be made is not."""
        if self._is_unread:
            self.handle_close()

    def refuse_unfinished(self) -> None:
        """Answer a request of which only a part has come: the server stops and cannot wait for the rest."""
        with self.requests_lock:
            if self.request is None or self.requests:
                return
            self.request.error = _ShuttingDown("The server is restarting; send the shot again shortly.")
            self.request.completed = True
            self.requests.append(self.request)
            self.request = None
        self.server.add_task(self)
