"""A slot's chain as the catalogue sees it, and how its attempts share the window."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.catalogue import Model, Operation, ProviderSpec
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import ClaimedJob
from app.domain.limits import Ask
from app.domain.media import Output
from app.domain.pace import Pace
from app.domain.prompts import fill_settings
from app.domain.slot import Policy, Step, output_of, policy_of, steps_of
from app.ports.providers import ProviderRegistry

_CHANGEOVER_SECONDS = 1.0
"""Between an attempt that is ended and the next: noticing, settling, logging."""

_ROUNDING_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Move:
    """One step of the chain with what the catalogue says of it. `index` is its place, 0 the primary."""

    index: int
    step: Step
    spec: ProviderSpec
    operation: Operation
    model: Model

    @property
    def needed_seconds(self) -> float:
        """What an ordinary call takes, and what must be left of the window after it."""
        return self.model.usual_seconds + self.spec.reserve_seconds

    @property
    def price_usd(self) -> Decimal:
        """Of one picture with the step's settings."""
        return self.model.price(self.operation.known_to(self.model, self.step.settings))

    def settings(self, booth_fields: Mapping[str, str]) -> dict[str, Any]:
        """What is sent: only what the model knows, placeholders replaced."""
        return fill_settings(self.operation, self.operation.known_to(self.model, self.step.settings), booth_fields)


class Plan:
    """The moves of one job, and the clock that they share."""

    def __init__(self, job: ClaimedJob, providers: ProviderRegistry, deadline: Deadline) -> None:
        self.policy: Policy = policy_of(job.settings)
        self.output: Output = output_of(job.settings)
        self.deadline = deadline
        self.pace = Pace(job.window_seconds)
        self._slot_id = job.slot_id
        self._steps = steps_of(job.settings)
        self._moves = [_move(i, step, providers) for i, step in enumerate(self._steps)]

    def __len__(self) -> int:
        return len(self._moves)

    def __getitem__(self, index: int) -> Move:
        """Raises ProviderFault(NOT_CONFIGURED) for a step that the catalogue does not know any more."""
        move = self._moves[index]
        if isinstance(move, ProviderFault):
            raise move
        return move

    def provider(self, index: int) -> str:
        return self._steps[index].provider

    @property
    def remaining(self) -> float:
        return self.deadline.remaining(time.monotonic())

    def has_time(self, index: int, *, after: float = 0.0, is_ordered: bool = False) -> bool:
        """Whether an ordinary call of the move would still be in time, begun `after` seconds from now.

        A picture that `is_ordered` only has to be fetched, which is tried until the move's reserve is reached.
        """
        move = self._moves[index]
        if isinstance(move, ProviderFault):
            return False
        needed = move.spec.reserve_seconds if is_ordered else move.needed_seconds
        return self.remaining - after >= self.pace.seconds(needed)

    def attempt_deadline(self, move: Move, others: Iterable[float]) -> Deadline:
        """When an attempt begun now must end: its provider's reserve before the window does.

        If another could still follow, already when the model has taken longer than it usually does. `others` are the
        seconds that those which could be asked would need; they are looked at one by one until one fits.
        """
        now, left = time.monotonic(), self.remaining
        seconds = max(left - self.pace.seconds(move.spec.reserve_seconds), left / 2)
        patience = self.pace.seconds(move.model.p95_seconds)
        left_then = left - patience - self.pace.seconds(_CHANGEOVER_SECONDS)
        if patience < seconds and any(left_then >= self.pace.seconds(needed) for needed in others):
            seconds = patience
        return Deadline(now + seconds)

    def is_cut_short(self, move: Move, deadline: Deadline) -> bool:
        """Whether an attempt that ends at `deadline` makes room for others: later its provider may be asked again."""
        end_of_attempts = self.deadline.ends_at - self.pace.seconds(move.spec.reserve_seconds)
        return deadline.ends_at < end_of_attempts - _ROUNDING_SECONDS

    def ask(self, move: Move, price_usd: Decimal, provider_budget_usd: Decimal | None) -> Ask:
        budget = self.policy.daily_budget_usd
        return Ask(
            provider=move.spec.id,
            model=move.model.id,
            slot_id=self._slot_id,
            price_usd=price_usd,
            quota=move.spec.quota,
            provider_budget_usd=provider_budget_usd,
            slot_budget_usd=None if budget is None else Decimal(str(budget)),
        )


def _move(index: int, step: Step, providers: ProviderRegistry) -> Move | ProviderFault:
    spec = providers.spec(step.provider)
    operation = spec.operation(step.operation) if spec else None
    if spec is None or operation is None:
        message = f"{step.provider} has no operation {step.operation}."
        return ProviderFault(FaultKind.NOT_CONFIGURED, message, permanent=True)
    return Move(index, step, spec, operation, operation.model(step.settings))
