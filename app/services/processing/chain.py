"""The provider chain: the one place that decides about attempts (docs/providers.md has the table of faults)."""

import random
from collections import Counter
from collections.abc import Iterator
from threading import Event

import structlog

from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import ClaimedJob
from app.domain.reactions import NEVER_CALLED, REACTIONS
from app.services.processing.attempt import Attempts, Made, Terms
from app.services.processing.hedge import race
from app.services.processing.journal import Journal
from app.services.processing.plan import Move, Plan

log = structlog.get_logger(__name__)


class Chain:
    """Brings one job to the first usable picture of its steps, primary first."""

    def __init__(self, job: ClaimedJob, plan: Plan, attempts: Attempts, journal: Journal, cancelled: Event) -> None:
        self._plan = plan
        self._attempts = attempts
        self._journal = journal
        self._cancelled = cancelled
        self._first = min(job.orders, default=0)  # what an earlier worker ordered is fetched, what failed before is not
        self._blocked: set[str] = set()
        self._raced_already: set[int] = set()
        self._cut_short: list[int] = []
        self._paused: list[int] = []
        self._is_stopped = False

    def run(self) -> Made:
        """Raises the ProviderFault of the last attempt when none gave a picture."""
        fault = ProviderFault(FaultKind.HANG, "The window was over before the first attempt.", permanent=False)
        for index in self._order():
            try:
                return self._raced(index) if self._plan.policy.hedge else self._tried(index, self._cancelled)
            except ProviderFault as error:
                fault = error
                if self._is_over:
                    raise
        return self._once_more(fault)

    def _order(self) -> Iterator[int]:
        """The steps that may still help, as long as there is time; the first is always tried."""
        for index in range(self._first, len(self._plan)):
            is_first = index == self._first and self._plan.remaining > 0
            has_been = index in self._raced_already or self._is_blocked(index)
            if not has_been and (is_first or self._plan.has_time(index)):
                yield index

    def _once_more(self, fault: ProviderFault) -> Made:
        """All steps have failed. Who was only slow gets the time that is left, most of all where the picture is paid.

        When no provider could be asked and some are paused, one call finds out whether the first of those is well.
        """
        for index in self._cut_short:
            if self._plan.has_time(index, is_ordered=self._attempts.is_ordered(self._plan[index])):
                try:
                    return self._tried(index, self._cancelled, is_patient=True)
                except ProviderFault as error:
                    fault = error
                    if self._is_over:
                        raise
        if self._paused and all(attempt.fault in NEVER_CALLED for attempt in self._journal.attempts):
            return self._tried(self._paused[0], self._cancelled, probe=True)
        raise fault

    @property
    def _is_over(self) -> bool:
        return self._is_stopped or self._cancelled.is_set()

    def _is_blocked(self, index: int) -> bool:
        """A provider that refused what is in the picture is not asked again, whichever its model."""
        return self._plan.provider(index) in self._blocked

    def _tried(self, index: int, cancelled: Event, *, probe: bool = False, is_patient: bool = False) -> Made:
        """The step, and what its fault means for the others."""
        try:
            return self._step(index, cancelled, probe=probe, is_patient=is_patient)
        except ProviderFault as fault:
            if fault.kind is FaultKind.CONTENT_BLOCKED:
                self._blocked.add(self._plan.provider(index))
                self._is_stopped |= self._plan.policy.content_blocked == "stop"
            elif fault.kind is FaultKind.CANCELLED and not cancelled.is_set():
                self._is_stopped = True  # the job itself has ended
            elif fault.kind is FaultKind.PAUSED:
                self._paused.append(index)
            raise

    def _step(self, index: int, cancelled: Event, *, probe: bool, is_patient: bool) -> Made:
        """The step's calls, repeated as the faults allow. A patient one is not cut short for a later step."""
        move = self._plan[index]
        tries: Counter[FaultKind] = Counter()
        while True:
            terms = Terms(
                deadline=self._plan.attempt_deadline(move, () if is_patient else self._others(index)),
                cancelled=cancelled,
                is_called_off=lambda: cancelled.is_set() and not self._cancelled.is_set(),
                insist=tries[FaultKind.NO_IMAGE] > 0,
                probe=probe,
            )
            try:
                return self._attempts.make(move, terms)
            except ProviderFault as fault:
                is_silence = fault.kind is FaultKind.HANG and not fault.permanent
                if is_silence and self._plan.is_cut_short(move, terms.deadline):
                    self._cut_short.append(index)
                delay = self._delay(move, fault, tries[fault.kind])
                if delay is None or cancelled.wait(delay):
                    raise
                tries[fault.kind] += 1

    def _others(self, index: int) -> Iterator[float]:
        """Seconds that each later step needs which could be asked now; asked for one by one."""
        for later in self._later(index):
            if self._attempts.could_ask(later, self._plan[index]):
                yield self._plan[later].needed_seconds

    def _later(self, index: int, after: float = 0.0) -> Iterator[int]:
        """The steps behind that are not blocked, and have time begun `after` seconds from now."""
        for later in range(index + 1, len(self._plan)):
            if not self._is_blocked(later) and self._plan.has_time(later, after=after):
                yield later

    def _delay(self, move: Move, fault: ProviderFault, tries: int) -> float | None:
        """Seconds until the same call is worth another try; None if it is not, or if there is no time for it."""
        reaction = REACTIONS[fault.kind]
        if fault.permanent or tries >= reaction.retries:
            return None
        delay = self._plan.pace.seconds(random.uniform(*reaction.delay))  # noqa: S311 - jitter
        if fault.kind is FaultKind.RATE_LIMITED and fault.retry_after is not None:
            delay = fault.retry_after
        is_ordered = self._attempts.is_ordered(move)
        return delay if self._plan.has_time(move.index, after=delay, is_ordered=is_ordered) else None

    def _raced(self, index: int) -> Made:
        """The step, and when it takes longer than usual another beside it; the first picture wins."""
        head_start = self._plan.pace.seconds(self._plan[index].model.p95_seconds)
        partner = self._partner(index, head_start)
        if partner is None:
            return self._tried(index, self._cancelled)

        def second(cancelled: Event) -> Made:
            log.info("hedged", step=index, partner=partner)
            self._raced_already.add(partner)
            return self._tried(partner, cancelled, is_patient=True)

        return race(
            lambda cancelled: self._tried(index, cancelled, is_patient=True),
            second,
            head_start=head_start,
            cancelled=self._cancelled,
            drop=Made.drop,
        )

    def _partner(self, index: int, head_start: float) -> int | None:
        """Who runs beside the step: a later one; else the step itself, unless each of its jobs is billed."""
        is_repeatable = not self._plan[index].spec.is_queue and self._plan.has_time(index, after=head_start)
        return next(self._later(index, head_start), index if is_repeatable else None)
