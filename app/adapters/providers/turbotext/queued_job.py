"""A job that lies in Turbotext's queue, created and paid for."""

import time
from typing import Any

import structlog

from app.adapters.providers.turbotext import answers
from app.adapters.providers.turbotext.line import Line
from app.domain.errors import FaultKind, ProviderFault
from app.domain.statuses import fault_of_status, kind_of_status
from app.ports.providers import HttpReply

log = structlog.get_logger(__name__)

_PASSING = frozenset(
    {
        FaultKind.HANG,
        FaultKind.CONNECTION_LOST,
        FaultKind.UNREACHABLE,
        FaultKind.RATE_LIMITED,
        FaultKind.OVERLOADED,
        FaultKind.INVALID_OUTPUT,
    }
)
"""Faults of one question that say nothing about the job."""

_UNREADABLE_MAX = 3  # in a row: the documentation's own samples are broken JSON, and that would not mend itself


class QueuedJob:
    """Asked for until it is ready. Never creates anything."""

    def __init__(self, line: Line, method: str, queue_id: str) -> None:
        self._line = line
        self._method = method
        self._queue_id = queue_id
        self._began = time.monotonic()
        self._polls = 0
        self._unreadable = 0

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
            self._line.rest()
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
        if kind_of_status(reply.status) in _PASSING:
            message = f"Turbotext answered with status {reply.status} instead of its picture."
            raise fault_of_status(reply.status, message, reply.headers)
        log.info("turbotext_result_missing", queueid=self._queue_id, status=reply.status)
        return reply

    def _location(self) -> str:
        """Where the picture lies, once it does."""
        while True:
            self._line.rest()
            location = self._poll()
            if location:
                return location

    def _poll(self) -> str | None:
        self._polls += 1
        try:
            location = answers.location(self._line.ask(self._method, self._queue_id), self._line.key)
        except ProviderFault as fault:
            log.debug("turbotext_polled", **self._facts(fault.kind.value))
            self._bear(fault)
            return None
        self._unreadable = 0
        log.debug("turbotext_polled", **self._facts("ready" if location else "waiting"))
        return location

    def _bear(self, fault: ProviderFault) -> None:
        """Raise a fault that asking again does not mend."""
        self._unreadable = self._unreadable + 1 if fault.kind is FaultKind.INVALID_OUTPUT else 0
        if fault.kind not in _PASSING:
            raise fault
        if self._unreadable == _UNREADABLE_MAX:
            fault.permanent = True
            raise fault
        self._line.hold(fault.retry_after or 0)

    def _facts(self, outcome: str) -> dict[str, Any]:
        elapsed = round(time.monotonic() - self._began, 3)
        return {"queueid": self._queue_id, "polls": self._polls, "seconds": elapsed, "outcome": outcome}
