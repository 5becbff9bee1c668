"""Every row of the table of faults, as Gemini shows it, and the fault that it becomes."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from app.adapters.providers.gemini.faults import seconds_of_day_left
from app.domain.errors import FaultKind
from tests.pictures import opened
from tests.providers.gemini_at_work import GeminiAtWork
from tests.support.fakes.gemini import KEY
from tests.support.fakes.gemini_requests import detail, refusal
from tests.support.fakes.gemini_troubles import exceeded
from tests.support.fakes.rows import says
from tests.support.fakes.server import status

ROWS = {
    "hang": (FaultKind.HANG, False, None),
    "drip": (FaultKind.HANG, False, None),
    "reset": (FaultKind.CONNECTION_LOST, False, None),
    "rate_limited_delay": (FaultKind.RATE_LIMITED, False, 429),
    "rate_limited": (FaultKind.RATE_LIMITED, False, 429),
    "quota_day": (FaultKind.QUOTA_EXHAUSTED, True, 429),
    "overloaded_500": (FaultKind.OVERLOADED, False, 500),
    "overloaded_502": (FaultKind.OVERLOADED, False, 502),
    "overloaded_503": (FaultKind.OVERLOADED, False, 503),
    "overloaded_504": (FaultKind.OVERLOADED, False, 504),
    "key_401": (FaultKind.KEY_REFUSED, True, 401),
    "forbidden_403": (FaultKind.KEY_REFUSED, True, 403),
    "gone_404": (FaultKind.MODEL_GONE, True, 404),
    "region": (FaultKind.REGION_REFUSED, True, 400),
    "bad_argument": (FaultKind.BAD_ARGUMENT, True, 400),
    "no_image": (FaultKind.NO_IMAGE, False, 200),
    "text_only": (FaultKind.NO_IMAGE, False, 200),
    "empty_content": (FaultKind.NO_IMAGE, False, 200),
    "blocked": (FaultKind.CONTENT_BLOCKED, True, 200),
    "cut_base64": (FaultKind.INVALID_OUTPUT, False, 200),
    "cut_json": (FaultKind.INVALID_OUTPUT, False, 200),
    "html": (FaultKind.INVALID_OUTPUT, False, 200),
    "too_many_bytes": (FaultKind.TOO_LARGE, True, 200),
    "redirect": (FaultKind.FORBIDDEN_ADDRESS, True, 302),
}
LEFT_TO_THE_CHAIN = ["slow", "corrupt_image", "wrong_mime", "too_many_pixels"]
OF_QUEUES_AND_LINKS = ["internal_result", "result_gone", "no_reference", "reconnect"]


def misbehave(gemini: GeminiAtWork, row: str) -> None:
    behaviour = gemini.fake.misbehaviour(row)
    assert behaviour is not None
    gemini.fake.misbehave(behaviour[0], on=behaviour[1])


@pytest.mark.parametrize(("row", "expected"), ROWS.items(), ids=ROWS)
def test_a_row_becomes_its_fault_after_one_call(
    row: str, expected: tuple[FaultKind, bool, int | None], gemini: GeminiAtWork
) -> None:
    misbehave(gemini, row)
    began = time.monotonic()
    fault = gemini.fault(seconds=1.5)
    assert (fault.kind, fault.permanent, fault.status) == expected
    assert time.monotonic() - began < 2
    assert len(gemini.fake.calls) == 1
    assert KEY not in fault.message


@pytest.mark.parametrize("row", LEFT_TO_THE_CHAIN)
def test_a_picture_that_only_its_decoder_can_judge_is_handed_on(row: str, gemini: GeminiAtWork) -> None:
    misbehave(gemini, row)
    assert gemini.run().image


@pytest.mark.parametrize("row", OF_QUEUES_AND_LINKS)
def test_rows_of_queues_and_of_links_to_results_have_no_meaning_here(row: str, gemini: GeminiAtWork) -> None:
    assert gemini.fake.misbehaviour(row) is None


def test_afterwards_all_is_well_again(gemini: GeminiAtWork) -> None:
    misbehave(gemini, "overloaded_503")
    gemini.fault()
    assert opened(gemini.run().image).format == "JPEG"


class TestRetryAfter:
    def after(self, gemini: GeminiAtWork, *details: Any, **headers: str) -> float | None:
        reply = refusal(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted.", *details)
        gemini.fake.misbehave(status(reply.status, reply.body, {**reply.headers, **headers}))
        return gemini.fault().retry_after

    def test_is_the_delay_that_gemini_names(self, gemini: GeminiAtWork) -> None:
        minute = exceeded("GenerateRequestsPerMinutePerProjectPerModel")
        assert self.after(gemini, minute, detail("RetryInfo", retryDelay="34.4s")) == 34.4
        assert self.after(gemini, {"retry_delay": "7s"}) == 7

    def test_is_the_headers_where_there_is_no_delay(self, gemini: GeminiAtWork) -> None:
        assert self.after(gemini, **{"Retry-After": "12"}) == 12

    @pytest.mark.parametrize("delay", ["soon", "34", "-3s", "1e9s", 34, None, "9" * 20 + "s"])
    def test_is_unknown_if_it_makes_no_sense(self, delay: object, gemini: GeminiAtWork) -> None:
        assert self.after(gemini, detail("RetryInfo", retryDelay=delay)) is None

    def test_of_a_quota_of_the_day_is_midnight_in_california(self, gemini: GeminiAtWork) -> None:
        left = self.after(gemini, exceeded("RequestsPerDay-FreeTier"), detail("RetryInfo", retryDelay="5s"))
        assert left == pytest.approx(seconds_of_day_left(datetime.now(UTC)), abs=5)

    @pytest.mark.parametrize(
        ("code", "message"), [(429, "Your prepayment credits are depleted."), (503, "The model is overloaded.")]
    )
    def test_does_not_count_where_no_limit_ends_by_then(self, code: int, message: str, gemini: GeminiAtWork) -> None:
        reply = refusal(code, "RESOURCE_EXHAUSTED", message, detail("RetryInfo", retryDelay="34s"))
        gemini.fake.misbehave(status(code, reply.body, {**reply.headers, "Retry-After": "34"}))
        assert gemini.fault().retry_after is None


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 7, 1, 6, 0, tzinfo=UTC), 1),  # 23:00 in summer
        (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), 24),  # midnight in winter
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23),  # the day that loses an hour
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),  # the day that gains one
    ],
)
def test_a_day_ends_at_midnight_of_the_pacific_zone(now: datetime, hours: int) -> None:
    assert seconds_of_day_left(now) == hours * 3600


@pytest.mark.parametrize(
    ("code", "status_name", "message", "kind"),
    [
        (429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.", FaultKind.ACCOUNT_EMPTY),
        (429, "RESOURCE_EXHAUSTED", "The project exceeded its monthly spending cap.", FaultKind.ACCOUNT_EMPTY),
        (429, "RESOURCE_EXHAUSTED", "Please check your plan and billing details.", FaultKind.RATE_LIMITED),
        (400, "FAILED_PRECONDITION", "The free tier is not available in your country.", FaultKind.REGION_REFUSED),
        (400, "FAILED_PRECONDITION", "Precondition check failed.", FaultKind.BAD_ARGUMENT),
        (400, "INVALID_ARGUMENT", "The location of the cat is unclear.", FaultKind.BAD_ARGUMENT),
        (413, "INVALID_ARGUMENT", "Request Entity Too Large", FaultKind.TOO_LARGE),
    ],
)
def test_words_refine_the_status(
    code: int, status_name: str, message: str, kind: FaultKind, gemini: GeminiAtWork
) -> None:
    gemini.fake.misbehave(says(refusal(code, status_name, message)))
    fault = gemini.fault()
    assert fault.kind is kind
    assert fault.message == f"Gemini answered {code}: {message}"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": "words"}', b'{"error": {"message": 7}}', b"[1]"])
def test_a_refusal_without_sense_goes_by_its_status(body: bytes, gemini: GeminiAtWork) -> None:
    gemini.fake.misbehave(status(503, body))
    fault = gemini.fault()
    assert (fault.kind, fault.status) == (FaultKind.OVERLOADED, 503)
