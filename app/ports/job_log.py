"""The log of every shot that came."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.job import JobView
from app.domain.job_log import Refusal, Stretch, Wanted


class JobLog(Protocol):
    """Finds jobs and refused requests, newest first, as quickly among a million as among ten."""

    def jobs(self, wanted: Wanted, stretch: Stretch) -> Sequence[JobView]: ...

    def refusals(self, wanted: Wanted, stretch: Stretch) -> Sequence[Refusal]: ...

    def count_jobs(self, wanted: Wanted, at_most: int) -> int:
        """How many jobs match; counting ends at `at_most`."""

    def count_refusals(self, wanted: Wanted, at_most: int) -> int: ...

    def booths(self, at_most: int) -> Sequence[str]:
        """The names of the booths that jobs came from, in their order."""
