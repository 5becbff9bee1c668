"""What the services need from the outside, each docstring saying what a race or a failure does.

Every call that reaches the database may raise DatabaseUnavailable, every call that reaches files
MediaStoreUnavailable; neither is repeated below.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from app.domain.catalogue import ProviderSpec
from app.domain.deadlines import Deadline
from app.domain.job import (
    Attempt,
    ClaimedJob,
    Failure,
    FinishedJob,
    JobView,
    LastPhoto,
    NewJob,
    QueuedJob,
    StoredResult,
)
from app.domain.media import EncodedImage, ImageInfo, Output, TemplateMedia
from app.domain.slot import Slot

Transaction = Callable[[], AbstractContextManager[Any]]
"""Opens a transaction on the thread's shared session, or joins the one already open; commits at the outermost end."""


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

    def finalize_success(
        self, job: ClaimedJob, result: StoredResult, inline_base64: str | None, attempts: Sequence[Attempt]
    ) -> bool:
        """Finish the job with a result; False if it had ended, had expired, or belongs to another attempt.

        Repeating the call after a lost answer returns True again: the result's path tells whose success it is.
        """

    def finalize_failure(self, job: ClaimedJob, failure: Failure, attempts: Sequence[Attempt]) -> bool:
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

        Returns the media key and the size in bytes of each.
        """

    def forget_results(self, limit: int) -> list[tuple[UUID, str, int]]:
        """Detach results past their time; returns job id, media key and size in bytes of each."""

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

    def recent_results(self, slot_id: str, limit: int) -> list[JobView]:
        """Newest jobs of the slot whose result is still available; failures are never among them."""

    def search(self, *, slot_id: str | None, page: int, page_size: int) -> tuple[list[JobView], int]:
        """One page of jobs, newest first, and the number of all that match."""

    def last_photos(self) -> Mapping[str, LastPhoto]:
        """Each slot's newest photo of a booth whose result is still available, in one read."""


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


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An entry of the media store: key, size in bytes, time of last change (aware)."""

    key: str
    size_bytes: int
    modified_at: datetime


class MediaStore(Protocol):
    """Files by key, in a local directory or an S3 bucket. Keys are relative and use '/'."""

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        """Store the whole content or nothing; replaces what was there. A reader never sees a part."""

    def read(self, key: str) -> bytes:
        """Raises MediaMissing."""

    def open(self, key: str) -> tuple[BinaryIO, int]:
        """A seekable reader and the size in bytes; memory stays flat. Raises MediaMissing."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete; keys that are gone already are no error.

        Raises MediaNotDeleted if some resist: all others have been deleted then.
        """

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose key lies under the folder `prefix`."""

    def check(self) -> None:
        """Write and delete a small file; raises MediaStoreUnavailable."""

    def discard_abandoned(self, before: datetime) -> int:
        """Remove unfinished writes, last touched before `before`, of processes that died; returns how many."""


class ImageTool(Protocol):
    """Decoding and encoding of untrusted images."""

    def inspect(self, source: BinaryIO) -> ImageInfo:
        """Decode the whole image defensively, in little memory; `source` is left at its beginning.

        Raises Refused: UNSUPPORTED_MEDIA_TYPE if the first bytes are none of ACCEPTED_TYPES, INVALID_IMAGE if it
        does not decode, PAYLOAD_TOO_LARGE if it has more pixels than allowed, QUEUE_BUSY if so many others are being
        decoded that it would have to wait for long. The methods below wait: their callers have deadlines of their own.
        """

    def transcode(self, data: bytes, output: Output) -> EncodedImage:
        """Upright, without metadata but with its colour profile, in `output`'s format and size.

        Bytes that already are exactly that are passed on unchanged. Raises Refused as `inspect` does.
        """

    def preview(self, data: bytes, max_side: int) -> bytes:
        """A WebP no larger than `max_side` pixels. Raises Refused as `inspect` does."""


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """One call of a provider: images are (bytes, MIME type); templates are keyed by field name.

    `output` is what the slot wants in the end; a provider may use it to save a second encoding.
    """

    job_id: UUID
    operation: str
    settings: Mapping[str, Any]
    payload: bytes
    payload_mime_type: str
    templates: Mapping[str, bytes]
    output: Output
    deadline: Deadline
    cancelled: Event


class Provider(Protocol):
    """Turns a shot into a picture. One adapter per provider, registered by the catalogue's id."""

    def run(self, request: ProviderRequest) -> bytes:
        """The finished image file, of any accepted type.

        Raises ProviderFault. Returns soon after `request.cancelled` is set or the deadline has passed; what comes
        later is dropped.
        """


class SlotStore(Protocol):
    def all(self) -> list[Slot]:
        """The fifteen slots in order."""

    def get(self, slot_id: str) -> Slot | None: ...

    def save(self, slot: Slot, expected_version: int, author: str) -> Slot | None:
        """Store the change as version `expected_version + 1` and keep history; None if someone else was first."""


class TemplateStore(Protocol):
    """Rows of template media; their bytes live in the media store under `path`."""

    def add(self, template: TemplateMedia, author: str) -> TemplateMedia:
        """Returns the template as it is stored: it was created now, by the database's clock."""

    def get(self, template_id: UUID) -> TemplateMedia | None: ...

    def all(self) -> list[TemplateMedia]:
        """Newest first, each with the slots that use it."""

    def bind(self, slot_id: str, bindings: Mapping[str, UUID]) -> None:
        """Replace the slot's bindings (field name to template). Unknown templates raise KeyError."""

    def remove(self, template_id: UUID) -> bool:
        """Delete the row; False if it is unknown. Bindings go with it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A stored value with who set it and when."""

    value: Any
    updated_by: str | None
    updated_at: datetime


INGEST_PASSWORD_KEY = "ingest_password"  # noqa: S105 - the name of a setting


class SettingsStore(Protocol):
    """Values that administrators change at run time, JSON by key."""

    def get(self, key: str) -> Setting | None: ...

    def put(self, key: str, value: Any, author: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Account:
    """An administrator. A session counts only while it carries the account's `session_epoch`."""

    username: str
    password_hash: str
    session_epoch: int = 0


class AccountStore(Protocol):
    def get(self, username: str) -> Account | None: ...

    def add(self, account: Account) -> bool:
        """False if the user exists already; nothing changes then."""

    def update_hash(self, username: str, password_hash: str) -> None: ...

    def end_sessions(self, username: str) -> None:
        """Raise the session epoch by one; two calls at once raise it by two."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token as stored: only the digest (SHA-256 in hex) of its secret."""

    digest: str
    username: str
    expires_at: datetime


class TokenStore(Protocol):
    def issue(self, digest: str, username: str, lifetime_seconds: float) -> Token:
        """Store the token; when it expires is counted by the database's clock."""

    def find(self, digest: str) -> Token | None:
        """The token if it is still valid."""


class PasswordHasher(Protocol):
    """Slow hashes for passwords of people and booths."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str, password: str) -> bool: ...

    def needs_rehash(self, password_hash: str) -> bool: ...


class Throttle(Protocol):
    """Counts failures by key across processes; a key with too many is refused until its window ends."""

    def retry_after(self, key: str) -> float | None:
        """Seconds until `key` may try again, None if it may now."""

    def failed(self, key: str) -> None: ...

    def clear(self, key: str) -> None: ...


class BoothGuard(Protocol):
    """Decides whether a booth may send shots."""

    def check(self, slot_id: str, client: str, password: str) -> None:
        """Raises Refused: INVALID_PASSWORD, or TOO_MANY_ATTEMPTS with retry_after."""


class RuntimeSettings(Protocol):
    """Settings as they are now, administrators' changes included."""

    def sync_response_seconds(self) -> float:
        """T_sync_response in seconds."""


class RequestLog(Protocol):
    """The part of the processing log that has no job: refused requests."""

    def refused(self, slot_id: str, reason: str, detail: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Purge:
    """One run of the cleanup. `counts` holds numbers of files and bytes by kind; None until it has finished.

    `attempt` is how often it was started, and a fence: who was taken for dead can change it no more.
    """

    id: int
    requested_by: str | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int] | None
    attempt: int


class PurgeLedger(Protocol):
    """Requested and running cleanups; a lease makes two schedulers take turns."""

    def request(self, author: str | None) -> Purge:
        """Queue a run; an unstarted one is returned instead of queuing a second."""

    def start(self) -> Purge | None:
        """Take the oldest queued run unless one is running; a run whose process died counts as queued again.

        A process that does not `renew` within 30 s counts as dead.
        """

    def renew(self, purge: Purge) -> bool:
        """Go on running; False if another process has taken the run over."""

    def release(self, purge: Purge) -> None:
        """Give the run up: it counts as queued again, unless another process has taken it over."""

    def finish(self, purge: Purge, counts: Mapping[str, int]) -> bool:
        """End the run; False if another process has taken it over."""

    def get(self, purge_id: int) -> Purge | None: ...


class ExpiringRows(Protocol):
    """A table whose rows are of no use any more after a time."""

    def forget_expired(self, limit: int) -> int:
        """Delete up to `limit` rows whose time is over; returns how many. Rows in use wait for another call."""


class Heartbeats(Protocol):
    """Which processes live, by the database's clock."""

    def beat(self, process_id: str, role: str) -> None: ...

    def alive(self, role: str) -> bool:
        """Whether any process of this role was seen in the last 15 seconds."""

    def check(self) -> None:
        """Ask the database anything; returns if it answers."""


class ProviderRegistry(Protocol):
    """The providers that this installation can run."""

    def get(self, provider_id: str) -> Provider | None: ...

    def spec(self, provider_id: str) -> ProviderSpec | None: ...
