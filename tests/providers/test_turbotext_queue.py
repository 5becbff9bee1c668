"""A job in Turbotext's queue: created once, asked for with patience, fetched even where that takes several tries."""

import time
from collections.abc import Iterator
from itertools import pairwise
from threading import Event

import pytest
from structlog.testing import capture_logs

from app.domain.errors import FaultKind
from app.domain.pace import Pace
from tests.providers.drivers import verdict
from tests.providers.turbotext_studio import ATTEMPT, Studio, opened_studio
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import half, picture, says
from tests.support.fakes.turbotext import RECONNECT, FakeTurbotext, is_create, is_download, is_poll, refusal
from tests.support.fakes.wire import Wire
from tests.twins.memory_ticket import MemoryTicket

FOR_EVER = says(Reply.json(RECONNECT))


@pytest.fixture
def studio() -> Iterator[Studio]:
    with opened_studio() as opened:
        yield opened


@pytest.fixture
def turbotext(studio: Studio) -> FakeTurbotext:
    return studio.turbotext


def test_a_worker_that_takes_over_goes_on_asking_for_the_same_job(studio: Studio, turbotext: FakeTurbotext) -> None:
    ticket = MemoryTicket()
    turbotext.always(FOR_EVER, on=is_poll)
    studio.fault(ticket=ticket, seconds=0.5)
    turbotext.recover()
    answer = studio.run(ticket=ticket)
    assert (answer.image, answer.request_id) == (picture(), "700001")
    assert turbotext.created == ticket.created == 1
    assert len(studio.folder.published) == 1


def test_a_worker_that_takes_over_asks_at_once(studio: Studio, turbotext: FakeTurbotext) -> None:
    ticket = MemoryTicket()
    turbotext.always(FOR_EVER, on=is_poll)
    studio.fault(ticket=ticket, seconds=0.5)
    turbotext.recover()
    turbotext.polls = 0
    began = time.monotonic()
    studio.run(ticket=ticket, seconds=40)
    assert time.monotonic() - began < 2


def test_where_a_job_was_begun_and_nobody_knows_what_became_of_it_nothing_is_created(
    studio: Studio, turbotext: FakeTurbotext
) -> None:
    fault = studio.fault(ticket=MemoryTicket(was_begun=True))
    assert verdict(fault) == (FaultKind.INTERNAL, True)
    assert turbotext.calls == []


def test_a_job_that_was_forgotten_is_not_created_again(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.polls = 100
    turbotext.misbehave(FOR_EVER, _forgetting(turbotext), on=is_poll)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.NO_REFERENCE, True)
    assert fault.may_have_cost
    assert fault.request_id == "700001"
    assert "queue_not_found" in fault.message
    assert turbotext.created == 1


def _forgetting(turbotext: FakeTurbotext) -> server.Behaviour:
    def behave(call: Call, answer: server.Answer, wire: Wire) -> Reply:
        turbotext.forget()
        return answer(call)

    return behave


@pytest.mark.parametrize("status", [404, 410])
def test_a_question_that_leads_nowhere_means_that_the_job_is_gone(
    studio: Studio, turbotext: FakeTurbotext, status: int
) -> None:
    turbotext.misbehave(server.status(status), on=is_poll)
    assert verdict(studio.fault()) == (FaultKind.NO_REFERENCE, True)


def test_a_job_that_is_never_ready_ends_with_the_attempt(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.always(FOR_EVER, on=is_poll)
    began = time.monotonic()
    fault = studio.fault(seconds=1.5)
    assert time.monotonic() - began < 2
    assert fault.kind is FaultKind.HANG
    assert fault.may_have_cost
    assert turbotext.created == 1
    assert 3 <= len(turbotext.polled) <= 15


def test_a_job_that_takes_its_time_is_waited_for(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.seconds = 1.0
    began = time.monotonic()
    assert studio.run().image == picture()
    assert 1.0 <= time.monotonic() - began < ATTEMPT


def test_a_job_that_ended_elsewhere_is_left_alone_at_once(studio: Studio, turbotext: FakeTurbotext) -> None:
    cancelled = Event()

    def end(call: Call, answer: server.Answer, wire: Wire) -> Reply:
        cancelled.set()
        return answer(call)

    turbotext.misbehave(end, on=is_create)
    began = time.monotonic()
    fault = studio.fault(cancelled=cancelled, seconds=40)
    assert fault.kind is FaultKind.CANCELLED
    assert time.monotonic() - began < 1.5
    assert len(turbotext.calls) <= 1


@pytest.mark.parametrize(("window", "polls", "pause"), [(48.0, 0, 2.5), (4.5, 3, 0.25)])
def test_questions_come_two_to_three_seconds_apart_and_only_tests_are_quicker(
    studio: Studio, turbotext: FakeTurbotext, window: float, polls: int, pause: float
) -> None:
    turbotext.polls = polls
    studio.run(pace=Pace(window), seconds=4)
    times = [call.at for call in turbotext.calls if not is_download(call)]
    assert len(times) == polls + 2
    assert min(later - earlier for earlier, later in pairwise(times)) >= pause - 0.05


PASSING = {
    "500": server.status(500),
    "502": server.status(502, b"<html>Bad gateway"),
    "503 and busy": says(refusal("provider_busy", 503)),
    "busy": says(refusal("provider_busy")),
    "429": server.status(429),
    "reset": server.reset(),
    "cut": server.cut_short(),
    "cut JSON": server.edit(half),
    "a page": server.html(),
    "no object": server.body(b"[]", "application/json"),
    "nothing": server.body(b"{}", "application/json"),
    "silence": server.hang(),
}


@pytest.mark.parametrize("behaviour", PASSING.values(), ids=PASSING.keys())
def test_a_question_that_fails_is_put_again(
    studio: Studio, turbotext: FakeTurbotext, behaviour: server.Behaviour
) -> None:
    turbotext.misbehave(behaviour, behaviour, on=is_poll)
    answer = studio.run()
    assert answer.image == picture()
    assert turbotext.created == 1


def test_a_delay_that_turbotext_asks_for_is_kept(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(server.status(429, headers={"Retry-After": "1"}), on=is_poll)
    studio.run()
    first, second, *_ = turbotext.polled
    assert second.at - first.at >= 1


def test_a_delay_beyond_the_attempt_is_not_sat_out(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(server.status(429, headers={"Retry-After": "60"}), on=is_poll)
    began = time.monotonic()
    assert studio.fault().kind is FaultKind.HANG
    assert time.monotonic() - began < 1.5


def test_answers_that_stay_unreadable_are_given_up(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.always(server.body(b'{"prompt":"..."],"success":true}', "application/json"), on=is_poll)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.INVALID_OUTPUT, True)
    assert len(turbotext.polled) == 3


def test_a_key_that_is_withdrawn_while_the_job_is_made_ends_it(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(says(refusal("auth_error", 401)), on=is_poll)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.KEY_REFUSED, True)
    assert fault.may_have_cost


@pytest.mark.parametrize(("status", "times"), [(404, 1), (404, 2), (410, 2), (403, 1)])
def test_a_result_that_is_missing_is_fetched_again(
    studio: Studio, turbotext: FakeTurbotext, status: int, times: int
) -> None:
    turbotext.misbehave(*[server.status(status)] * times, on=is_download)
    assert studio.run().image == picture()
    assert turbotext.created == 1
    assert len(turbotext.polled) == 1 + times  # one says to wait, and the last fetch asks where the picture is


def test_a_result_that_stays_missing_is_gone(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.always(server.status(404), on=is_download)
    fault = studio.fault()
    assert verdict(fault) == (FaultKind.RESULT_GONE, True)
    assert fault.may_have_cost
    assert turbotext.created == 1
    assert len(list(filter(is_download, turbotext.calls))) == 3


@pytest.mark.parametrize("behaviour", [server.status(503), server.reset(), server.cut_short()])
def test_a_download_that_breaks_off_may_be_tried_again_with_the_same_job(
    studio: Studio, turbotext: FakeTurbotext, behaviour: server.Behaviour
) -> None:
    ticket = MemoryTicket()
    turbotext.misbehave(behaviour, on=is_download)
    assert not studio.fault(ticket=ticket).permanent
    assert studio.run(ticket=ticket).image == picture()
    assert turbotext.created == 1


def test_every_question_and_the_end_of_the_job_are_logged(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(server.status(503), on=is_poll)
    with capture_logs() as lines:
        studio.run()
    polled = [line for line in lines if line["event"] == "turbotext_polled"]
    assert [(line["polls"], line["outcome"], line["log_level"]) for line in polled] == [
        (1, "overloaded", "debug"),
        (2, "waiting", "debug"),
        (3, "ready", "debug"),
    ]
    (ended,) = (line for line in lines if line["event"] == "turbotext_job_ended")
    assert (ended["queueid"], ended["polls"], ended["outcome"]) == ("700001", 3, "ready")
    assert ended["seconds"] > 0


def test_a_job_that_fails_is_logged_with_its_fault(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.always(FOR_EVER, on=is_poll)
    with capture_logs() as lines:
        studio.fault(seconds=0.5)
    (ended,) = (line for line in lines if line["event"] == "turbotext_job_ended")
    assert ended["outcome"] == "hang"
