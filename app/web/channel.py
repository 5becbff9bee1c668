"""A connection of waitress's, refusing in the documented shape what never reaches the application."""

import json

import structlog
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

log = structlog.get_logger(__name__)

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

    @property
    def is_busy(self) -> bool:
        """A request has begun to arrive, is being worked on, or its answer is not sent to the end."""
        return self.request is not None or bool(self.requests) or self.total_outbufs_len > 0

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
