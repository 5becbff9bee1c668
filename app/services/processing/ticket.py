"""The promise that a queue provider's job is created once, however often the worker changes."""

from collections.abc import Callable
from decimal import Decimal

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault
from app.domain.job import ClaimedJob
from app.ports.jobs import JobQueue
from app.services.processing.patience import persistently


class JobTicket:
    """Implements ports.providers.Ticket for one step of a job, whose row keeps what is known."""

    def __init__(self, queue: JobQueue, job: ClaimedJob, step: int, deadline: Deadline) -> None:
        self._queue = queue
        self._job = job
        self._step = step
        self._deadline = deadline
        self._was_begun = job.started_step == step
        self._reference = job.provider_job_reference if self._was_begun else None
        self._is_owed = self._reference is not None and not job.reference_is_logged

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
            raise _once_only("It is not known whether the provider has begun this picture already.")
        self._record(None)
        self._was_begun = True
        self._reference = self._call(call)
        self._record(self._reference)
        return self._reference

    def _call(self, call: Callable[[], str]) -> str:
        try:
            return call()
        except ProviderFault as fault:
            if fault.may_have_cost:
                fault.permanent = True
            else:
                self._forget()
            raise

    def _forget(self) -> None:
        self._was_begun = False
        self._safely(lambda: self._queue.forget_reference(self._job))

    def _record(self, reference: str | None) -> None:
        self._safely(lambda: self._queue.keep_reference(self._job, self._step, reference))

    def _safely(self, write: Callable[[], None]) -> None:
        try:
            persistently(write, self._deadline)
        except DatabaseUnavailable as error:
            raise _once_only("The database was away while the provider was asked.") from error


def _once_only(message: str) -> ProviderFault:
    return ProviderFault(FaultKind.CONNECTION_LOST, message, permanent=True, may_have_cost=True)
