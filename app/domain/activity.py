"""What a slot has been doing: its last photos, each a beat of its heart, and how today goes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.statistics import Counts, Outcome

HEARTBEAT_LENGTH = 60

_NO_PHOTOS = Counts()


@dataclass(frozen=True, slots=True)
class Beat:
    """A photo of a booth that has ended; `took` is from its arrival to its end."""

    job_id: UUID
    finalized_at: datetime
    took: timedelta
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SlotActivity:
    """`beats` are the last photos of booths, oldest first, at most HEARTBEAT_LENGTH.

    `today` has no refused requests and no durations; after its statistics were reset a slot begins anew.
    """

    beats: Sequence[Beat] = ()
    today: Counts = _NO_PHOTOS

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many of the beats ended how."""
        return Counter(beat.outcome for beat in self.beats)

    @property
    def last_success_at(self) -> datetime | None:
        """When the newest of the beats that succeeded did; None if none of them did."""
        return max((beat.finalized_at for beat in self.beats if beat.outcome is Outcome.SUCCESS), default=None)
