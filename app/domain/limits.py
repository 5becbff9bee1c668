"""What a call of a provider must pass before it is made: breaker, quota, budget."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.catalogue import Quota
from app.domain.errors import FaultKind


class Verdict(StrEnum):
    ADMITTED = "admitted"
    PAUSED = "paused"
    QUOTA_USED = "quota_used"
    PROVIDER_BUDGET_SPENT = "provider_budget_spent"
    SLOT_BUDGET_SPENT = "slot_budget_spent"


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that somebody wants to make. Prices and daily budgets are US dollars, None where there is no limit.

    A day of a budget begins at midnight UTC, a day of the quota where the provider says.
    """

    provider: str
    model: str
    slot_id: str
    price_usd: Decimal
    quota: Quota = field(default_factory=Quota)
    provider_budget_usd: Decimal | None = None
    slot_budget_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """The gate's answer, to be given back to it when the call has ended.

    `retry_after`: seconds until a refused call may pass, None if that is not known. `reserved_at`: by the gate's clock,
    when an admitted call was counted and its price reserved. `is_probe`: an open breaker waits for how it ends.
    """

    verdict: Verdict
    retry_after: float | None = None
    reserved_at: datetime | None = None
    is_probe: bool = False

    @property
    def is_admitted(self) -> bool:
        return self.verdict is Verdict.ADMITTED


@dataclass(frozen=True, slots=True)
class ProviderAlert:
    """A trouble that administrators must mend. `model` is empty for the provider as a whole.

    `slot_id` is empty unless only that slot's use of it is the trouble. `open_until` is when its breaker lets calls
    through again, None if it is closed.
    """

    provider: str
    model: str
    slot_id: str
    kind: FaultKind
    message: str
    since: datetime
    open_until: datetime | None
