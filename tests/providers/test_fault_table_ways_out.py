"""The table of faults where something helps: another try, the built-in effects, patience, leaving a provider alone."""

import logging
import re
import time

import pytest

from app.domain.errors import FaultKind as Kind
from app.domain.slot import Policy
from tests.providers.endings import (
    A_MOMENT,
    A_POLL,
    assert_alerted,
    assert_asked,
    assert_the_key_stayed,
    failed,
    succeeded,
)
from tests.providers.fault_table import SYNC, WINDOW, Lasts, Row, cases, each_provider
from tests.providers.studio import LOCAL, Studio
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.openai import REQUEST_ID
from tests.support.fakes.server import Answer
from tests.support.fakes.wire import Wire


@cases()
def test_the_built_in_effects_take_over(
    at_work: Studio, row: Row, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    at_work.fake.always(*at_work.trouble(row.name))
    ending = at_work.shoot(LOCAL, window=row.window, policy=Policy(content_blocked="next"))
    assert ending.status == 200
    assert ending.faults == [*failed(row, provider, row.tries), succeeded("local" if row.fault else provider)]
    patience = at_work.patience(row.window) if row.lasts is Lasts.THE_WINDOW else 0
    assert patience - A_POLL <= ending.seconds <= min(row.window, patience + 1 + A_MOMENT)
    assert_asked(at_work, ending, row, row.tries)
    assert_alerted(at_work, row)
    assert_the_key_stayed(at_work, ending, caplog.text)


@cases(of=lambda row: row.once is not None)
def test_the_next_try_succeeds(at_work: Studio, row: Row, provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    behaviour, on = at_work.trouble(row.name)
    at_work.fake.misbehave(behaviour, on=on)
    ending = at_work.shoot(LOCAL, window=WINDOW)
    assert ending.status == 200
    assert ending.faults == [*failed(row, provider, row.once or 0), succeeded(provider)]
    assert_asked(at_work, ending, row, (row.once or 0) + 1)
    assert at_work.alerts == []
    assert_the_key_stayed(at_work, ending, caplog.text)


@cases(of=lambda row: row.fault is Kind.CONTENT_BLOCKED)
def test_what_was_refused_goes_nowhere_else_unless_the_slot_allows_it(at_work: Studio, row: Row, provider: str) -> None:
    at_work.fake.always(*at_work.trouble(row.name))
    ending = at_work.shoot(LOCAL, window=WINDOW)
    assert (ending.status, ending.detail["content_blocked"]) == (502, True)
    assert ending.faults == failed(row, provider, 1)


class TestSlow:
    """A little longer than nineteen of twenty calls take."""

    WINDOW = 2.0

    @pytest.fixture
    def slow(self, at_work: Studio, provider: str) -> Studio:
        seconds = at_work.patience(self.WINDOW) + 0.15
        if provider in SYNC:
            at_work.fake.always(server.slow(seconds), at_work.subject.orders)
            return at_work
        waiting, on = at_work.trouble("reconnect")
        ready_at = time.monotonic() + seconds

        def behave(call: Call, answer: Answer, wire: Wire) -> Reply | None:
            return waiting(call, answer, wire) if time.monotonic() < ready_at else answer(call)

        at_work.fake.always(behave, on)
        return at_work

    @each_provider
    def test_it_is_waited_for_where_there_is_nothing_else(self, slow: Studio, provider: str) -> None:
        ending = slow.shoot(window=self.WINDOW)
        assert (ending.status, ending.faults) == (200, [succeeded(provider)])

    @each_provider
    def test_it_is_left_where_there_is(self, slow: Studio, provider: str) -> None:
        ending = slow.shoot(LOCAL, window=self.WINDOW)
        assert (ending.status, ending.faults) == (200, [(provider, "hang", None), succeeded("local")])
        assert ending.seconds <= slow.patience(self.WINDOW) + A_MOMENT


NAMES_OF_CALLS = {
    "gemini": r"fake-response-\d+",
    "openai": REQUEST_ID,
    "turbotext": r"7\d{5}",
    "replicate": r"\d{26}",
    "comfyui": r"[0-9a-f-]{36}",
}


class TestTheProvidersOwnNameOfACall:
    @each_provider
    def test_the_log_has_it_of_a_call_that_succeeded(self, at_work: Studio, provider: str) -> None:
        [attempt] = at_work.shoot(window=WINDOW).attempts
        assert re.fullmatch(NAMES_OF_CALLS[provider], attempt["request_id"])

    @cases(of=lambda row: row.name in ("no_image", "corrupt_image", "too_many_pixels"))
    def test_and_of_one_whose_answer_was_no_good(self, at_work: Studio, row: Row, provider: str) -> None:
        at_work.fake.misbehave(at_work.trouble(row.name)[0], on=at_work.trouble(row.name)[1])
        assert re.fullmatch(NAMES_OF_CALLS[provider], at_work.shoot(window=WINDOW).attempts[0]["request_id"])


@cases(of=lambda row: row.name == "quota_day")
def test_a_used_up_quota_or_account_leaves_the_provider_alone(at_work: Studio, row: Row, provider: str) -> None:
    at_work.fake.always(*at_work.trouble(row.name))
    at_work.shoot(window=WINDOW)
    ending, relieved = at_work.shoot(window=WINDOW), at_work.shoot(LOCAL, window=WINDOW)
    assert (ending.status, ending.code) == (503, "provider_unavailable")
    assert ending.seconds < A_MOMENT
    assert (relieved.status, relieved.faults) == (200, [(provider, "paused", None), succeeded("local")])
    assert len(at_work.orders) == 1


@each_provider
def test_five_failures_in_a_row_pause_a_provider_until_a_probe_succeeds(at_work: Studio, provider: str) -> None:
    at_work.fake.always(*at_work.trouble("corrupt_image"))
    for _ in range(3):
        at_work.shoot(window=WINDOW)
    [alert] = at_work.alerts
    assert (alert.kind, alert.open_until is None) == (Kind.INVALID_OUTPUT, False)
    at_work.fake.recover()
    assert at_work.shoot(LOCAL, window=WINDOW).faults == [(provider, "paused", None), succeeded("local")]
    assert at_work.shoot(window=WINDOW).status == 200, "with nothing else, one call finds out"
    assert at_work.shoot(LOCAL, window=WINDOW).faults == [succeeded(provider)]
