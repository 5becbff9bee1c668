"""One photo on its way: what is queued, what a worker holds, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from app.domain.media import JPEG_SIZES, PREVIEW_SIZES

MAX_ATTEMPTS = 3  # a job that took its worker down this often is the cause, not the victim
LEASE_SECONDS = 8.0  # with rescue every second, a dead worker's job moves on within 10 s
HEARTBEAT_SECONDS = 2.0
INLINE_RESULT_MAX_BYTES = 1_000_000


class JobStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    FINALIZED = "finalized"


class FailureReason(StrEnum):
    """Why a finalized job has no result; success is the absence of a reason."""

    TIMEOUT = "timeout"
    PROVIDER_ERROR = "provider_error"
    CANCELLED = "cancelled"


class Source(StrEnum):
    INGEST = "ingest"
    TEST = "test"
    RERUN = "rerun"


@dataclass(frozen=True, slots=True)
class Payload:
    """The booth's shot as stored: media store key, real type (by bytes), size in bytes, SHA-256 in hex."""

    path: str
    mime_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be queued. `settings` is the slot's snapshot: a running job never sees an edit.

    The window began `age_seconds` ago, when the request arrived.
    """

    id: UUID
    slot_id: str
    source: Source
    settings: Mapping[str, Any]
    booth_fields: Mapping[str, str]
    payload: Payload
    window_seconds: float
    age_seconds: float


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """What the database made of a NewJob. `seconds_left` was measured by its clock when the row was written."""

    id: UUID
    expires_at: datetime
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Order:
    """What an earlier worker began at a queue provider for one step of the chain.

    `reference` is the provider's id of the job that it created there; without one it is not known whether it did.
    `is_logged`: what the log says of the photo's cost includes this job.
    """

    reference: str | None
    is_logged: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job leased to one worker. `attempt` is the fence: a later claim makes this one powerless.

    `window_seconds` is the whole of its time, `seconds_left` what is left of it. `orders` are keyed by the step's
    place in the chain. `cost_usd` is what its calls have cost by the log.
    """

    id: UUID
    slot_id: str
    attempt: int
    worker: str
    settings: Mapping[str, Any]
    booth_fields: Mapping[str, str]
    payload: Payload
    seconds_left: float
    window_seconds: float
    orders: Mapping[int, Order] = field(default_factory=dict)
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result file in the media store; `checksum` is SHA-256 in hex, sizes in bytes and pixels."""

    path: str
    mime_type: str
    size_bytes: int
    checksum: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One provider call for the processing log; `fault` is None for the one that gave the image.

    `http_status` and `request_id` are the provider's own; `cost_usd` is what the call cost or may have cost. By its
    `id` the log knows it again. Of a picture's attempt `finish_ms`, a part of `duration_ms`, went into making it what
    the slot wants, and `store_ms` came after it.
    """

    provider: str
    operation: str
    duration_ms: int
    model: str = ""
    fault: str | None = None
    message: str | None = None
    http_status: int | None = None
    request_id: str | None = None
    cost_usd: Decimal = Decimal(0)
    finish_ms: int | None = None
    store_ms: int | None = None
    id: UUID = field(default_factory=uuid4)

    @property
    def detail(self) -> Mapping[str, Any]:
        """As the processing log keeps it beside the duration: JSON-ready, money as a decimal string."""
        parts = {"finish_ms": self.finish_ms, "store_ms": self.store_ms}
        return {
            "provider": self.provider,
            "model": self.model,
            "operation": self.operation,
            "fault": self.fault,
            "message": self.message,
            "http_status": self.http_status,
            "request_id": self.request_id,
            "cost_usd": f"{self.cost_usd:f}",
            **{name: took for name, took in parts.items() if took is not None},
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """How a job failed; `detail` is JSON-ready. Its `message` is for administrators, the rest for booths as well."""

    reason: FailureReason
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The most exact word for it: a kind of fault, a code such as `worker_lost`, or the reason itself."""
        return str(self.detail.get("fault") or self.detail.get("code") or self.reason.value)


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """A finalized job as the waiting request needs it: exactly one of `result` and `failure` is set."""

    id: UUID
    expires_at: datetime
    result: StoredResult | None
    failure: Failure | None
    inline_base64: str | None = None


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as pages and the API show it."""

    id: UUID
    slot_id: str
    status: JobStatus
    source: Source
    failure: Failure | None
    result: StoredResult | None
    result_expires_at: datetime | None
    booth: str
    provider: str
    operation: str
    model: str
    cost_usd: Decimal
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finalized_at: datetime | None
    expires_at: datetime
    read_at: datetime  # the database's clock when this was read
    is_withdrawn: bool = False  # hidden or deleted: guests are told so, administrators find it in the gallery

    @property
    def is_finalized(self) -> bool:
        return self.status is JobStatus.FINALIZED

    @property
    def result_is_available(self) -> bool:
        """A file is recorded and its time is not over by the clock that recorded it."""
        return self.result is not None and self.result_expires_at is not None and self.read_at < self.result_expires_at

    @property
    def result_has_expired(self) -> bool:
        return self.result_expires_at is not None and not self.result_is_available


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One row of a job's story; `detail` is JSON-ready."""

    at: datetime
    event: str
    duration_ms: int | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LastPhoto:
    """A slot's newest photo of a booth whose result is still kept."""

    job_id: UUID
    finalized_at: datetime


_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
}


def extension(mime_type: str) -> str:
    """File name extension, without the dot, of an accepted image type."""
    return _EXTENSIONS[mime_type]


def result_path(job_id: UUID, attempt: int, mime_type: str) -> str:
    """Where an attempt keeps its result.

    Every attempt has its own file: a worker that froze, lost its lease and thawed must be able to delete what it
    wrote without touching the file of the worker that won.
    """
    suffix = "" if attempt == 1 else f".{attempt}"
    return f"results/{job_id}{suffix}.{extension(mime_type)}"


def payload_path(job_id: UUID, mime_type: str) -> str:
    return f"payloads/{job_id}.{extension(mime_type)}"


def preview_path(job_id: UUID, size: str) -> str:
    return f"previews/{job_id}/{size}.webp"


def jpeg_path(job_id: UUID, size: str) -> str:
    return f"previews/{job_id}/{size}.jpg"


def copy_paths(job_id: UUID) -> list[str]:
    """Wherever a copy of its result may be, which goes when the result does."""
    return [preview_path(job_id, size) for size in PREVIEW_SIZES] + [jpeg_path(job_id, size) for size in JPEG_SIZES]


def download_name(slot_id: str, finalized_at: datetime, mime_type: str, twin: UUID | None = None) -> str:
    """File name for people, such as `slot-003_2026-11-20_174512.jpg`, in the zone of `finalized_at`.

    A photo that is not the slot's first of its second is told apart by its own id, `twin`.
    """
    suffix = f"_{twin.hex[:8]}" if twin else ""
    return f"{slot_id}_{finalized_at:%Y-%m-%d_%H%M%S}{suffix}.{extension(mime_type)}"
