"""How a job that ended without an image is answered to the booth that waits for it."""

from typing import Any

from app.domain.errors import Reason, Refused
from app.domain.job import Failure, FailureReason, FinishedJob


def refusal_of(finished: FinishedJob) -> Refused:
    """The documented answer to a job that ended without an image."""
    failure = finished.failure or Failure(FailureReason.PROVIDER_ERROR)
    told = {name: value for name, value in failure.detail.items() if name != "message"}  # it may quote a guest's words
    details: dict[str, Any] = {"job_id": str(finished.id), **told}
    if failure.reason is FailureReason.TIMEOUT:
        details["expires_at"] = finished.expires_at.isoformat()
        return Refused(Reason.SYNC_TIMEOUT, "The photo was not ready in time; send it again.", details=details)
    if failure.detail.get("by") == "shutdown":
        return Refused(
            Reason.SHUTTING_DOWN, "This server is restarting; send the shot again.", details=details, retry_after=5
        )
    if failure.reason is FailureReason.CANCELLED:
        details["failure_reason"] = failure.reason.value
        return Refused(Reason.PROVIDER_ERROR, "The photo was cancelled.", details=details)
    if failure.detail.get("code") == Reason.PROVIDER_UNAVAILABLE.value:
        return Refused(Reason.PROVIDER_UNAVAILABLE, "The slot's provider cannot be used now.", details=details)
    return Refused(Reason.PROVIDER_ERROR, "The provider gave no usable image.", details=details)
