"""How each end without an image is answered to the booth."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.domain.errors import Reason
from app.domain.job import Failure, FailureReason, FinishedJob
from app.domain.refusals import refusal_of

JOB = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
EXPIRES_AT = datetime(2026, 11, 20, 17, 45, 12, tzinfo=UTC)


def ended(failure: Failure | None) -> FinishedJob:
    return FinishedJob(JOB, EXPIRES_AT, None, failure)


@pytest.mark.parametrize(
    ("failure", "reason", "retry_after"),
    [
        (Failure(FailureReason.TIMEOUT), Reason.SYNC_TIMEOUT, None),
        (Failure(FailureReason.CANCELLED, {"by": "shutdown"}), Reason.SHUTTING_DOWN, 5),
        (Failure(FailureReason.CANCELLED, {"by": "booth"}), Reason.PROVIDER_ERROR, None),
        (Failure(FailureReason.CANCELLED, {"by": "administrator"}), Reason.PROVIDER_ERROR, None),
        (Failure(FailureReason.PROVIDER_ERROR, {"code": "provider_unavailable"}), Reason.PROVIDER_UNAVAILABLE, None),
        (Failure(FailureReason.PROVIDER_ERROR, {"code": "provider_error"}), Reason.PROVIDER_ERROR, None),
        (Failure(FailureReason.PROVIDER_ERROR, {"code": "worker_lost"}), Reason.PROVIDER_ERROR, None),
        (Failure(FailureReason.PROVIDER_ERROR), Reason.PROVIDER_ERROR, None),
        (None, Reason.PROVIDER_ERROR, None),  # a success whose file was cleaned up in the meantime
    ],
)
def test_each_end_has_its_answer(failure: Failure | None, reason: Reason, retry_after: float | None) -> None:
    refusal = refusal_of(ended(failure))
    assert (refusal.reason, refusal.retry_after) == (reason, retry_after)
    assert refusal.message.endswith(".")
    assert refusal.details["job_id"] == str(JOB)


def test_every_failure_reason_is_covered() -> None:
    for reason in FailureReason:
        assert refusal_of(ended(Failure(reason))).details["job_id"] == str(JOB)


def test_a_timeout_says_when_the_window_ended() -> None:
    details = refusal_of(ended(Failure(FailureReason.TIMEOUT))).details
    assert details["expires_at"] == "2026-11-20T17:45:12+00:00"


def test_what_happened_is_told_but_in_no_words_of_a_provider() -> None:
    detail = {"code": "provider_error", "fault": "hang", "attempts": [{"provider": "local", "fault": "hang"}]}
    failure = Failure(FailureReason.PROVIDER_ERROR, {**detail, "message": "Gemini answered 400: Anna is drunk."})
    assert refusal_of(ended(failure)).details == {"job_id": str(JOB), **detail}


def test_a_cancelled_photo_is_told_from_a_failed_one() -> None:
    details = refusal_of(ended(Failure(FailureReason.CANCELLED, {"by": "administrator"}))).details
    assert details["failure_reason"] == "cancelled"
