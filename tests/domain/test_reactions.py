"""Every kind of fault has its reaction, and the table keeps its promises."""

from app.domain.errors import FaultKind
from app.domain.reactions import NEVER_CALLED, REACTIONS
from app.domain.statuses import fault_of_status, kind_of_status, may_hide_an_order


def test_no_kind_is_forgotten() -> None:
    assert set(REACTIONS) == set(FaultKind)


def test_content_is_never_offered_twice_to_the_provider_that_refused_it() -> None:
    assert REACTIONS[FaultKind.CONTENT_BLOCKED].retries == 0


def test_what_opens_a_breaker_at_once_is_told_to_administrators() -> None:
    assert all(reaction.alerts for reaction in REACTIONS.values() if reaction.opens_seconds)


def test_what_never_reached_a_provider_is_not_repeated() -> None:
    assert all(REACTIONS[kind].retries == 0 for kind in NEVER_CALLED)


def test_statuses_name_the_fault() -> None:
    kinds = {status: kind_of_status(status).value for status in (400, 401, 402, 403, 404, 429, 451, 500, 503, 599)}
    assert kinds == {
        400: "bad_argument",
        401: "key_refused",
        402: "account_empty",
        403: "key_refused",
        404: "model_gone",
        429: "rate_limited",
        451: "region_refused",
        500: "overloaded",
        503: "overloaded",
        599: "overloaded",
    }


def test_only_what_passes_by_itself_is_worth_a_retry() -> None:
    assert [fault_of_status(status, "", {}).permanent for status in (400, 401, 404, 429, 500)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_what_was_ordered_may_have_been_taken_behind_any_5xx_but_503() -> None:
    statuses = (200, 400, 404, 429, 500, 502, 503, 504, 520, 524)
    assert [status for status in statuses if may_hide_an_order(status)] == [500, 502, 504, 520, 524]


def test_only_too_many_requests_and_a_quota_have_an_end_that_the_provider_knows() -> None:
    delays = {status: fault_of_status(status, "", {"retry-after": "7"}).retry_after for status in (401, 402, 429, 503)}
    assert delays == {401: None, 402: None, 429: 7.0, 503: None}
    assert fault_of_status(403, "", {"retry-after": "7"}, kind=FaultKind.QUOTA_EXHAUSTED).retry_after == 7.0


def test_the_providers_delay_is_read_in_seconds_only() -> None:
    delays = [
        fault_of_status(429, "", {"retry-after": text}).retry_after
        for text in ("30", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "9" * 12, "²")
    ]
    assert delays == [30.0, None, None, None, None]
