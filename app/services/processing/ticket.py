"""The promise that a queue provider's job is created once, however often the worker changes."""

import time
from collections.abc import Callable
from decimal import Decimal

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.domain.job import ClaimedJob
from app.ports.jobs import JobQueue
from app.services.processing.patience import persistently

log = structlog.get_logger(__name__)

_NOTE_SECONDS = 2.0
"""For so long a photo waits until what has happened already is on record."""


class JobTicket:
    """Implements ports.providers.Ticket for one step of a job, whose row keeps what is known."""

    def __init__(self, queue: JobQueue, job: ClaimedJob, step: int, deadline: Deadline) -> None:
        self._queue = queue
        self._job = job
        self._step = step
        self._deadline = deadline
        order = job.orders.get(step)
        self._was_begun = order is not None
        self._reference = order.reference if order else None
        self._is_owed = order is not None and order.reference is not None and not order.is_logged

    @property
    def is_paid(self) -> bool:
        """Whether asking again only fetches what has been created already."""
        return self._reference is not None

    def take_debt(self, price_usd: Decimal) -> Decimal:
        """What is still to be written down of a job that an earlier worker created and died; nothing from then on."""
        owed = price_usd if self._is_owed else Decimal(0)
        self._is_owed = False
        return owed

    def create(self, call: Callable[[], str]) -> str:
        if self._reference is not None:
            return self._reference
        if self._was_begun:
            message = "It is not known whether the provider has begun this picture already."
            raise ProviderFault(FaultKind.INTERNAL, message, permanent=True, may_have_cost=True)
        self._announce()
        self._was_begun = True
        self._reference = self._call(call)
        self._note(lambda: self._queue.keep_reference(self._job, self._step, self._reference))
        return self._reference

    def _announce(self) -> None:
        """Without this nothing may be ordered; raises ProviderFault."""
        try:
            persistently(lambda: self._queue.keep_reference(self._job, self._step, None), self._deadline)
        except DatabaseUnavailable as error:
            message = "The database was away before the provider was asked."
            raise ProviderFault(FaultKind.INTERNAL, message, permanent=True) from error

    def _call(self, call: Callable[[], str]) -> str:
        try:
            return call()
        except ProviderFault as fault:
            if fault.may_have_cost:
                fault.permanent = True
            else:
                self._was_begun = False
                self._note(lambda: self._queue.forget_reference(self._job, self._step))
            raise

    def _note(self, write: Callable[[], None]) -> None:
        """Record what the call came to. It has come to that even where it cannot be recorded: the photo goes on.

        A later worker then finds a call whose end nobody knows.
        """
        ends_at = min(self._deadline.ends_at, time.monotonic() + _NOTE_SECONDS)
        try:
            persistently(write, Deadline(ends_at))
        except (DatabaseUnavailable, ProviderFault) as error:
            log.warning("order_not_recorded", step=self._step, reference=self._reference, error=str(error))
