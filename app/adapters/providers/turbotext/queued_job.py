"""A job that lies in Turbotext's queue, created and paid for."""

import time
from typing import Any

import structlog

from app.adapters.polling import PASSING
from app.adapters.providers.turbotext import answers
from app.adapters.providers.turbotext.line import Line
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status, kind_of_status
from app.ports.providers import HttpReply

log = structlog.get_logger(__name__)


class QueuedJob:
    """Asked for until it is ready. Never creates anything."""

    def __init__(self, line: Line, method: str, queue_id: str) -> None:
        self._line = line
        self._method = method
        self._queue_id = queue_id
        self._began = time.monotonic()
        self._polls = 0

    def picture(self) -> bytes:
        """The finished picture's file; raises ProviderFault."""
        outcome = "ready"
        try:
            return self._fetched()
        except ProviderFault as fault:
            outcome = fault.kind.value
            raise
        finally:
            log.info("turbotext_job_ended", **self._facts(outcome))

    def _fetched(self) -> bytes:
        """A result that is not there is fetched again where it was, and then where the job says that it is."""
        location = self._location()
        reply = self._download(location)
        if not reply.is_success:
            self._line.polling.rest()
            reply = self._download(location)
        if not reply.is_success:
            reply = self._download(self._location())
        if not reply.is_success:
            message = "Turbotext's finished picture is not where it should be."
            raise ProviderFault(FaultKind.RESULT_GONE, message, permanent=True, status=reply.status)
        return reply.body

    def _download(self, location: str) -> HttpReply:
        """The picture, or that it is not there, or not ours to fetch any more."""
        reply = self._line.download(location)
        if reply.is_success:
            return reply
        if kind_of_status(reply.status) in PASSING:
            message = f"Turbotext answered with status {reply.status} instead of its picture."
            raise fault_of_status(reply.status, message, reply.headers)
        log.info("turbotext_result_missing", queueid=self._queue_id, status=reply.status)
        return reply

    def _location(self) -> str:
        """Where the picture lies, once it does."""
        while True:
            self._line.polling.rest()
            location = self._poll()
            if location:
                return location

    def _poll(self) -> str | None:
        self._polls += 1
        try:
            location = answers.location(self._line.ask(self._method, self._queue_id), self._line.key)
        except ProviderFault as fault:
            log.debug("turbotext_polled", **self._facts(fault.kind.value))
            self._line.polling.bear(fault)
            return None
        self._line.polling.answered()
        log.debug("turbotext_polled", **self._facts("ready" if location else "waiting"))
        return location

    def _facts(self, outcome: str) -> dict[str, Any]:
        elapsed = round(time.monotonic() - self._began, 3)
        return {"queueid": self._queue_id, "polls": self._polls, "seconds": elapsed, "outcome": outcome}
