"""The ticket of a queue provider's step, in memory."""

from collections.abc import Callable

from app.domain.errors import FaultKind, ProviderFault


class MemoryTicket:
    """Implements ports.providers.Ticket. Give the same one to a second request to play the worker that takes over.

    `created` counts the calls that were made; `was_begun` without a `reference` is what a worker leaves that died
    while the provider was being asked.
    """

    def __init__(self, reference: str | None = None, *, was_begun: bool = False) -> None:
        self.reference = reference
        self.was_begun = was_begun or reference is not None
        self.created = 0

    def create(self, call: Callable[[], str]) -> str:
        if self.reference is not None:
            return self.reference
        if self.was_begun:
            raise ProviderFault(
                FaultKind.INTERNAL, "memory: begun by an earlier worker", permanent=True, may_have_cost=True
            )
        self.was_begun = True
        self.created += 1
        self.reference = self._call(call)
        return self.reference

    def _call(self, call: Callable[[], str]) -> str:
        try:
            return call()
        except ProviderFault as fault:
            fault.permanent = fault.permanent or fault.may_have_cost
            self.was_begun = fault.may_have_cost
            raise
