"""What follows from each fault of a provider: docs/providers.md explains the table to people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.errors import FaultKind, ProviderFault


@dataclass(frozen=True, slots=True)
class Reaction:
    """How the provider chain answers one kind of fault.

    `retries`: further calls of the same step, unless the fault is permanent. `delay` is the range in seconds that is
    waited before each, drawn at random so that workers do not return together; a provider's own Retry-After replaces
    it. `counts`: one more in the row that opens the breaker. `opens_seconds`: opens it at once, for as long unless the
    fault says how long; an open breaker of this kind lets one call through every `probe_seconds`.
    `whole_provider`: not only this model. `alerts`: administrators see it at once. `of_slot`: the slot's own settings
    and limits are the reason, so that others' success says nothing about it.
    """

    retries: int = 0
    delay: tuple[float, float] = (0.0, 0.0)
    counts: bool = False
    opens_seconds: float | None = None
    probe_seconds: float = 0.0
    whole_provider: bool = False
    alerts: bool = False
    of_slot: bool = False


_NONE = Reaction()
_ALERT_OF_SLOT = Reaction(alerts=True, of_slot=True)

REACTIONS: Mapping[FaultKind, Reaction] = MappingProxyType(
    {
        FaultKind.HANG: Reaction(counts=True),
        FaultKind.OUT_OF_TIME: _NONE,  # less time than an ordinary call takes: our lateness, not the provider's
        FaultKind.CONNECTION_LOST: Reaction(retries=1, counts=True),
        FaultKind.UNREACHABLE: Reaction(retries=1, counts=True, alerts=True),
        FaultKind.TLS: Reaction(counts=True, alerts=True),
        FaultKind.RATE_LIMITED: Reaction(retries=1, delay=(1.0, 2.0)),
        FaultKind.QUOTA_EXHAUSTED: Reaction(opens_seconds=3600, probe_seconds=60, alerts=True),
        FaultKind.OVERLOADED: Reaction(retries=1, delay=(0.5, 2.0), counts=True),
        FaultKind.ACCOUNT_EMPTY: Reaction(opens_seconds=3600, probe_seconds=60, whole_provider=True, alerts=True),
        FaultKind.KEY_REFUSED: Reaction(opens_seconds=60, whole_provider=True, alerts=True),
        FaultKind.REGION_REFUSED: Reaction(opens_seconds=60, whole_provider=True, alerts=True),
        FaultKind.MODEL_GONE: Reaction(opens_seconds=60, alerts=True),
        FaultKind.BAD_ARGUMENT: _ALERT_OF_SLOT,
        FaultKind.NO_IMAGE: Reaction(retries=2),
        FaultKind.CONTENT_BLOCKED: _NONE,
        FaultKind.INVALID_OUTPUT: Reaction(retries=1, counts=True),
        FaultKind.TOO_LARGE: _NONE,
        FaultKind.FORBIDDEN_ADDRESS: Reaction(alerts=True),
        FaultKind.RESULT_GONE: _NONE,
        FaultKind.NO_REFERENCE: _NONE,
        FaultKind.NOT_CONFIGURED: _ALERT_OF_SLOT,
        FaultKind.PAUSED: _NONE,
        FaultKind.LIMIT_REACHED: _ALERT_OF_SLOT,
        FaultKind.CANCELLED: _NONE,
        FaultKind.INTERNAL: Reaction(retries=1, delay=(0.2, 0.5)),
    }
)

BREAKER_FAILURES = 5
"""So many counted faults in a row open a model's breaker."""

BREAKER_SECONDS = 30.0
"""For so long."""

LONGEST_PAUSE_SECONDS = 86_400.0
"""However long a provider says that it wants to be left alone: its quotas begin anew within a day."""


def pause_after(fault: ProviderFault) -> float | None:
    """Seconds for which the fault by itself opens a breaker; None if at most its number does."""
    opens_seconds = REACTIONS[fault.kind].opens_seconds
    if opens_seconds is None:
        return None
    return min(fault.retry_after or opens_seconds, LONGEST_PAUSE_SECONDS)


NEVER_CALLED = frozenset({FaultKind.NOT_CONFIGURED, FaultKind.PAUSED, FaultKind.LIMIT_REACHED})
"""Faults of a step that did not reach its provider: a job with no other kind ends as provider_unavailable."""
