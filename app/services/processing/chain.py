"""The provider chain: the one place that decides about attempts (docs/providers.md has the table of faults)."""

import random
from collections import Counter
from collections.abc import Iterator
from threading import Event

import structlog

from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import Attempt, ClaimedJob
from app.domain.media import EncodedImage
from app.domain.reactions import NEVER_CALLED, REACTIONS
from app.services.processing.attempt import Attempts, Terms
from app.services.processing.hedge import race
from app.services.processing.journal import Journal
from app.services.processing.plan import Move, Plan

log = structlog.get_logger(__name__)

Made = tuple[EncodedImage, Attempt]


class Chain:
    """Brings one job to the first usable picture of its steps, primary first."""

    def __init__(self, job: ClaimedJob, plan: Plan, attempts: Attempts, journal: Journal, cancelled: Event) -> None:
        self._plan = plan
        self._attempts = attempts
        self._journal = journal
        self._cancelled = cancelled
        self._first = min(job.orders, default=0)  # what an earlier worker began at a queue provider is fetched, not repeated
        self._blocked: set[str] = set()
        self._hedged: set[int] = set()
        self._paused: list[int] = []

    def run(self) -> Made:
        """Raises the ProviderFault of the last step when none gave a picture.

        When no provider could be asked and some are paused, one call finds out whether the first of those is well.
        """
        fault = ProviderFault(FaultKind.HANG, "The window was over before the first attempt.", permanent=False)
        for index in self._order():
            try:
                return self._raced(index) if self._plan.policy.hedge else self._step(index, self._cancelled)
            except ProviderFault as error:
                fault = error
                if self._ends_all(error, index):
                    raise
                if error.kind is FaultKind.PAUSED:
                    self._paused.append(index)
        if self._paused and all(attempt.fault in NEVER_CALLED for attempt in self._journal.attempts):
            return self._step(self._paused[0], self._cancelled, probe=True)
        raise fault

    def _order(self) -> Iterator[int]:
        """The steps that may still help, as long as there is time; the first is always tried."""
        for index in range(self._first, len(self._plan)):
            is_first = index == self._first and self._plan.remaining > 0
            if index not in self._hedged and not self._is_blocked(index) and (is_first or self._plan.has_time(index)):
                yield index

    def _ends_all(self, fault: ProviderFault, index: int) -> bool:
        if fault.kind is FaultKind.CONTENT_BLOCKED:
            self._blocked.add(self._plan[index].spec.id)
            return self._plan.policy.content_blocked == "stop"
        return fault.kind is FaultKind.CANCELLED or self._cancelled.is_set()

    def _is_blocked(self, index: int) -> bool:
        """A provider that refused what is in the picture is not asked again, whichever its model."""
        return self._plan.provider(index) in self._blocked

    def _step(self, index: int, cancelled: Event, *, probe: bool = False, is_patient: bool = False) -> Made:
        """The step's calls, repeated as the faults allow. A patient one is not cut short for a later step."""
        move = self._plan[index]
        others = () if is_patient else [i for i in range(index + 1, len(self._plan)) if not self._is_blocked(i)]
        tries: Counter[FaultKind] = Counter()
        while True:
            deadline = self._plan.attempt_deadline(move, others)
            terms = Terms(deadline, cancelled, insist=tries[FaultKind.NO_IMAGE] > 0, probe=probe)
            try:
                return self._attempts.make(move, terms)
            except ProviderFault as fault:
                delay = self._delay(move, fault, tries[fault.kind])
                if delay is None or cancelled.wait(delay):
                    raise
                tries[fault.kind] += 1

    def _delay(self, move: Move, fault: ProviderFault, tries: int) -> float | None:
        """Seconds until the same call is worth another try; None if it is not, or if there is no time for it."""
        reaction = REACTIONS[fault.kind]
        if fault.permanent or tries >= reaction.retries:
            return None
        planned = self._plan.pace.seconds(random.uniform(*reaction.delay))  # noqa: S311 - jitter
        delay = planned if fault.retry_after is None else fault.retry_after
        is_ordered = self._attempts.is_ordered(move)
        return delay if self._plan.has_time(move.index, after=delay, is_ordered=is_ordered) else None

    def _raced(self, index: int) -> Made:
        """The step, and when it takes longer than usual another beside it; the first picture wins."""
        partner = self._partner(index)
        if partner is None:
            return self._step(index, self._cancelled)
        head_start = self._plan.pace.seconds(self._plan[index].model.p95_seconds)

        def second(cancelled: Event) -> Made:
            log.info("hedged", step=index, partner=partner)
            self._hedged.add(partner)
            return self._step(partner, cancelled, is_patient=True)

        return race(
            lambda cancelled: self._step(index, cancelled, is_patient=True),
            second,
            head_start=head_start,
            cancelled=self._cancelled,
            gives_up=lambda fault: self._ends_all(fault, index),
        )

    def _partner(self, index: int) -> int | None:
        """Who runs beside the step: a later one; else the step itself, unless each of its jobs is billed."""
        head_start = self._plan.pace.seconds(self._plan[index].model.p95_seconds)
        candidates = range(index + 1, len(self._plan))
        later = [i for i in candidates if not self._is_blocked(i) and self._plan.has_time(i, after=head_start)]
        if later:
            return later[0]
        is_repeatable = not self._plan[index].spec.is_queue and self._plan.has_time(index, after=head_start)
        return index if is_repeatable else None
