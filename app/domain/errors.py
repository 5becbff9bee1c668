"""What can go wrong, named once. Each error says why and whether a retry helps; the web layer maps it to HTTP."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a request was refused; the value is the `code` of the JSON error."""

    INVALID_REQUEST = "invalid_request"
    INVALID_IMAGE = "invalid_image"
    INVALID_SETTINGS = "invalid_settings"
    INVALID_PASSWORD = "invalid_password"  # noqa: S105 - a code of the API, no password
    INVALID_CREDENTIALS = "invalid_credentials"
    NOT_AUTHENTICATED = "not_authenticated"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    SLOT_NOT_FOUND = "slot_not_found"
    SLOT_DISABLED = "slot_disabled"
    RESULT_EXPIRED = "result_expired"
    RESULT_WITHDRAWN = "result_withdrawn"
    LINK_CLOSED = "link_closed"
    MEDIA_EXPIRED = "media_expired"
    PAYLOAD_EXPIRED = "payload_expired"
    JOB_FINISHED = "job_finished"
    VERSION_CONFLICT = "version_conflict"
    TEMPLATE_IN_USE = "template_in_use"
    COMMUNITY_EXISTS = "community_exists"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    ARCHIVES_BUSY = "archives_busy"
    QUEUE_BUSY = "queue_busy"
    SLOT_BUSY = "slot_busy"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    PROVIDER_ERROR = "provider_error"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    VK_REFUSED = "vk_refused"
    VK_UNAVAILABLE = "vk_unavailable"
    FILE_REFUSED = "file_refused"
    QUEUE_UNAVAILABLE = "queue_unavailable"
    SHUTTING_DOWN = "shutting_down"
    SYNC_TIMEOUT = "sync_timeout"
    CANCELLED = "cancelled"


class Refused(Exception):
    """A request that cannot be served as asked.

    `message` is one English sentence that says what is allowed; pages translate by `reason` instead.
    `details` is JSON-ready. `retry_after` is in seconds and None where repeating the request does not help.
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        self.retry_after = retry_after


class Unavailable(Exception):
    """The database or the media store did not answer in time; the same call may succeed later."""


class DatabaseUnavailable(Unavailable):
    """No connection, a lost connection, or no answer inside the statement's time limit."""


class MediaStoreUnavailable(Unavailable):
    """The media store refused or failed (full, read-only, unreachable)."""


class MediaNotDeleted(MediaStoreUnavailable):
    """Some files could not be deleted, the others were. `keys` are those that are left."""

    def __init__(self, message: str, keys: Iterable[str]) -> None:
        super().__init__(message)
        self.keys = frozenset(keys)


class MediaMissing(Exception):
    """The media store holds nothing under this key."""


class FaultKind(StrEnum):
    """What a provider did wrong; app.domain.reactions says what follows from each."""

    HANG = "hang"
    OUT_OF_TIME = "out_of_time"
    CONNECTION_LOST = "connection_lost"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    ACCOUNT_EMPTY = "account_empty"
    OVERLOADED = "overloaded"
    KEY_REFUSED = "key_refused"
    REGION_REFUSED = "region_refused"
    MODEL_GONE = "model_gone"
    BAD_ARGUMENT = "bad_argument"
    NO_IMAGE = "no_image"
    CONTENT_BLOCKED = "content_blocked"
    INVALID_OUTPUT = "invalid_output"
    TOO_LARGE = "too_large"
    FORBIDDEN_ADDRESS = "forbidden_address"
    RESULT_GONE = "result_gone"
    NO_REFERENCE = "no_reference"
    NOT_CONFIGURED = "not_configured"
    PAUSED = "paused"
    LIMIT_REACHED = "limit_reached"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class ProviderFault(Exception):
    """A provider's attempt that gave no usable image.

    `permanent`: asking again the same way cannot help, or might be billed twice. `message` is for administrators and
    logs: it never tells a key, but may quote the provider. `status` is the HTTP status of the answer, None if there was
    none; `request_id` the provider's own name for the call; `retry_after` the seconds after which the provider wants to
    be asked again; `may_have_cost`: the request was sent, and what became of it is not known.
    """

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        *,
        permanent: bool,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        may_have_cost: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.permanent = permanent
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.may_have_cost = may_have_cost
