"""Jobs in the queue, and those who wait for them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from app.domain.deadlines import Deadline
from app.domain.job import (
    Attempt,
    ClaimedJob,
    Failure,
    FinishedJob,
    JobView,
    LastPhoto,
    LogEvent,
    NewJob,
    QueuedJob,
    StoredResult,
)
from app.domain.job_log import JobRecord


class JobQueue(Protocol):
    """PostgreSQL as the queue: the only writer of jobs. One conditional UPDATE decides each race."""

    def enqueue(self, job: NewJob) -> QueuedJob:
        """Insert a pending job and wake the workers. Repeating the call with the same id changes nothing.

        Raises Refused(QUEUE_BUSY or SLOT_BUSY, retry_after) when as many jobs are active as are allowed.
        """

    def claim(self, worker: str, limit: int) -> list[ClaimedJob]:
        """Lease up to `limit` pending jobs, most urgent first; rows that others are claiming are skipped."""

    def renew(self, worker: str, jobs: Mapping[UUID, int]) -> set[UUID]:
        """Extend the leases of `jobs` (id to attempt); returns those still held. The rest ended or were lost.

        A job that a rescue took away, but that nobody has claimed since, is held again.
        """

    def keep_reference(self, job: ClaimedJob, step: int, reference: str | None) -> None:
        """Put on record that a queue provider's job is about to be created for a step, or, with `reference`, that it
        was. Repeating the call changes nothing. Raises ProviderFault(CANCELLED) if the job ended or is another's.
        Decides within a second, or raises DatabaseUnavailable.
        """

    def forget_reference(self, job: ClaimedJob, step: int) -> None:
        """The provider said that it created nothing for the step: what was on record of that is void."""

    def log_attempts(self, job: ClaimedJob, attempts: Sequence[Attempt]) -> None:
        """Write calls of providers into the processing log and their cost on the job, whether it has ended or not.

        An attempt that the log has already is neither written nor counted again. Takes a second at the most, or raises
        DatabaseUnavailable.
        """

    def finalize_success(
        self,
        job: ClaimedJob,
        result: StoredResult,
        inline_base64: str | None,
        made_by: Attempt,
        unlogged: Sequence[Attempt] = (),
    ) -> bool:
        """Finish the job with a result; False if it had ended, had expired, or belongs to another attempt.

        `unlogged` are attempts that `log_attempts` could not write yet; whoever loses logs them on its own.
        Repeating the call after a lost answer returns True again: the result's path tells whose success it is.
        """

    def finalize_failure(self, job: ClaimedJob, failure: Failure, unlogged: Sequence[Attempt] = ()) -> bool:
        """Finish the job without a result; False as above."""

    def end_waiting(self, job_id: UUID, failure: Failure) -> FinishedJob:
        """The waiting side gives up (deadline, disconnect, shutdown); returns how the job really ended.

        If a worker was first, that is its result: whoever asks answers with it. The answer counts as given.
        Decides within a second, or raises.
        """

    def cancel(self, job_id: UUID) -> bool:
        """Finish an unfinished job as cancelled; False if it had ended or is unknown."""

    def hand_back(self, jobs: Sequence[ClaimedJob]) -> int:
        """Return claimed jobs that this worker cannot finish; another may claim them at once."""

    def rescue(self) -> Mapping[str, int]:
        """Requeue jobs whose worker is gone, fail those that took down too many, time out what is overdue.

        Safe from any process at any time. Returns the counts `requeued`, `failed`, `timed_out`.
        """

    def finished(self, ids: Sequence[UUID]) -> list[FinishedJob]:
        """Those of `ids` that are finalized, in one read."""

    def mark_answered(self, ids: Sequence[UUID]) -> None:
        """Clear the inline results and log that the booths were answered."""

    def forget_payloads(self, limit: int) -> list[tuple[str, int]]:
        """Detach payloads, and inline results nobody took, of jobs past their window.

        Where the job's snapshot keeps originals, a payload stays for as long as there is a result. Returns the media
        key and the size in bytes of each.
        """

    def forget_results(self, limit: int) -> list[tuple[UUID, str, int]]:
        """Detach results past their time, and those that were deleted UNDO_SECONDS ago.

        Returns job id, media key and size in bytes of each.
        """

    def forget_jobs(self, limit: int) -> int:
        """Delete up to `limit` jobs older than app.domain.job_log.KEPT with their rows of the processing log.

        Returns how many. None that is unfinished goes, and none whose files have not been forgotten.
        """

    def referenced(self, ids: Sequence[UUID]) -> set[str]:
        """The media keys, of payloads and results, that the given jobs refer to."""


class JobSignal(Protocol):
    """Wakes a worker when work may be there."""

    def wait(self, seconds: float) -> None:
        """Return after a notification, a `wake`, or `seconds`. Never raises: a broken connection only costs latency."""

    def wake(self) -> None:
        """Make `wait` return at once; callable from any thread and from a signal handler."""

    def close(self) -> None: ...


class JobReader(Protocol):
    """Jobs for pages and the API."""

    def get(self, job_id: UUID) -> JobView | None: ...

    def timeline(self, job_id: UUID) -> list[LogEvent]:
        """The job's rows of the processing log, oldest first."""

    def record(self, job_id: UUID) -> JobRecord | None:
        """All of a job, with its timeline."""

    def last_photos(self) -> Mapping[str, LastPhoto]:
        """Each slot's newest photo of a booth that is still available and not withdrawn, in one read."""


class ResultWait(Protocol):
    """Holds requests until their jobs are finalized; one shared poll per process does the reading."""

    def wait(self, job: QueuedJob, deadline: Deadline, is_gone: Callable[[], bool]) -> FinishedJob | None:
        """The finished job, or None at the deadline. `is_gone` is asked about once a second.

        Raises WaitAbandoned when the client went away, WaitInterrupted when this process is stopping. Database
        failures in between are survived silently; the deadline holds whatever happens.
        """


class WaitAbandoned(Exception):
    """The client closed its connection; nobody will read the answer."""


class WaitInterrupted(Exception):
    """This process is stopping and its grace is over."""
