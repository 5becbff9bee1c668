"""The driver of Replicate against a fake that bills every prediction it creates."""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event, Timer
from typing import Any

import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.domain.pace import Pace
from app.ports.providers import Connection, InputImage, ProviderRequest
from tests.providers.drivers import driver, fault_of, verdict
from tests.providers.requests import provider_request, seconds_from_now, template, usual_shot
from tests.support.fakes import server
from tests.support.fakes.replicate import KEY, FakeReplicate, creates, fetches, polls, refusal, saying
from tests.support.fakes.rows import half, picture, says
from tests.twins.memory_ticket import MemoryTicket


@pytest.fixture
def replicate() -> Iterator[FakeReplicate]:
    with FakeReplicate() as fake:
        yield fake


def request(replicate: FakeReplicate, operation: str = "image_edit", **options: Any) -> ProviderRequest:
    connection = Connection(replicate.url, options.pop("key", KEY))
    return provider_request("replicate", operation, connection, options.pop("settings", {}), **options)


def number_of(replicate: FakeReplicate, kind: Callable[[server.Call], bool]) -> int:
    return sum(kind(call) for call in replicate.calls)


def uri(image: InputImage) -> str:
    return f"data:{image.mime_type};base64,{b64encode(image.data).decode()}"


def test_a_prediction_gives_its_picture_and_its_id(replicate: FakeReplicate) -> None:
    ticket = MemoryTicket()
    answer = driver("replicate").run(request(replicate, ticket=ticket))
    assert answer.image == picture()
    assert answer.request_id == ticket.reference
    assert replicate.created == 1


def test_it_asks_until_the_prediction_has_ended() -> None:
    with FakeReplicate(polls=3) as replicate:
        assert driver("replicate").run(request(replicate)).image == picture()
        assert number_of(replicate, polls) == 3


def test_the_creating_call_waits_briefly_and_no_prediction_outlives_a_window(replicate: FakeReplicate) -> None:
    driver("replicate").run(request(replicate, pace=Pace(48.5)))
    driver("replicate").run(request(replicate, pace=Pace(3)))
    long, short = (call.headers for call in replicate.calls if creates(call))
    assert (long["prefer"], long["cancel-after"]) == ("wait=2", "48s")
    assert short["cancel-after"] == "5s"  # the least that Replicate takes


def test_one_model_takes_the_shot_alone_and_the_other_a_list(replicate: FakeReplicate) -> None:
    models = ("black-forest-labs/flux-kontext-pro", "google/nano-banana-2")
    for model in models:
        settings = {"model": model, "prompt": "Pirates", "safety_tolerance": 1}
        driver("replicate").run(request(replicate, settings=settings))
    calls = [call for call in replicate.calls if creates(call)]
    assert [call.path for call in calls] == [f"/v1/models/{model}/predictions" for model in models]
    kontext, banana = (call.json()["input"] for call in calls)
    common = {"prompt": "Pirates", "aspect_ratio": "match_input_image", "output_format": "jpg"}
    assert kontext == {**common, "safety_tolerance": 1, "input_image": uri(usual_shot())}
    assert banana == {**common, "resolution": "1K", "image_input": [uri(usual_shot())]}


def test_templates_follow_the_shot(replicate: FakeReplicate) -> None:
    templates = {"template": template(), "template_2": template()}
    driver("replicate").run(request(replicate, "fusion", templates=templates))
    sent = replicate.calls[0].json()["input"]
    assert sent["image_input"] == [uri(usual_shot()), *map(uri, templates.values())]
    assert not set(templates) & set(sent)


@pytest.mark.parametrize("shape", [lambda url: [url], lambda url: [url, "https://elsewhere.example/2.jpg"]])
def test_a_list_of_results_gives_the_first(replicate: FakeReplicate, shape: Callable[[str], list[str]]) -> None:
    replicate.misbehave(saying(output=shape(f"{replicate.url}/pbxt/first.jpg")), on=polls)
    assert driver("replicate").run(request(replicate)).image == picture()
    assert replicate.calls[-1].path == "/pbxt/first.jpg"


ROWS = {
    "reset": (FaultKind.CONNECTION_LOST, True),
    "rate_limited_delay": (FaultKind.RATE_LIMITED, False),
    "rate_limited": (FaultKind.RATE_LIMITED, False),
    "quota_day": (FaultKind.ACCOUNT_EMPTY, True),
    "overloaded_500": (FaultKind.OVERLOADED, True),
    "overloaded_502": (FaultKind.OVERLOADED, True),
    "overloaded_503": (FaultKind.OVERLOADED, False),
    "overloaded_504": (FaultKind.OVERLOADED, True),
    "key_401": (FaultKind.KEY_REFUSED, True),
    "forbidden_403": (FaultKind.KEY_REFUSED, True),
    "gone_404": (FaultKind.MODEL_GONE, True),
    "bad_argument": (FaultKind.BAD_ARGUMENT, True),
    "no_reference": (FaultKind.NO_REFERENCE, True),
    "no_image": (FaultKind.NO_IMAGE, True),
    "empty_content": (FaultKind.NO_IMAGE, True),
    "blocked": (FaultKind.CONTENT_BLOCKED, True),
    "internal_result": (FaultKind.FORBIDDEN_ADDRESS, True),
    "redirect": (FaultKind.FORBIDDEN_ADDRESS, True),
    "too_many_bytes": (FaultKind.TOO_LARGE, True),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_fault_is_named_and_nothing_is_created_twice(replicate: FakeReplicate, row: str) -> None:
    behaviour, happens_to = replicate.misbehaviour(row)
    replicate.misbehave(behaviour, on=happens_to)
    assert verdict(fault_of("replicate", request(replicate))) == ROWS[row]
    assert number_of(replicate, creates) == 1


PASSING = {
    "500": server.status(500),
    "502": server.status(502, b"<html>Bad gateway"),
    "503": server.status(503),
    "504": server.status(504),
    "429": server.status(429),
    "reset": server.reset(),
    "cut": server.cut_short(),
    "cut JSON": server.edit(half),
    "a page": server.html(),
    "silence": server.hang(),
}


@pytest.mark.parametrize("behaviour", PASSING.values(), ids=PASSING.keys())
def test_a_question_that_fails_is_put_again(replicate: FakeReplicate, behaviour: server.Behaviour) -> None:
    replicate.misbehave(behaviour, behaviour, on=polls)
    assert driver("replicate").run(request(replicate)).image == picture()
    assert replicate.created == 1


def test_answers_that_stay_unreadable_are_given_up(replicate: FakeReplicate) -> None:
    replicate.always(server.html(), on=polls)
    fault = fault_of("replicate", request(replicate))
    assert (verdict(fault), fault.may_have_cost) == ((FaultKind.INVALID_OUTPUT, True), True)
    assert number_of(replicate, polls) == 3


def test_a_file_that_breaks_off_may_be_fetched_by_another_try(replicate: FakeReplicate) -> None:
    ticket = MemoryTicket()
    replicate.misbehave(server.cut_short(), on=fetches)
    fault = fault_of("replicate", request(replicate, ticket=ticket))
    assert (fault.permanent, fault.may_have_cost, fault.request_id) == (False, True, ticket.reference)
    assert driver("replicate").run(request(replicate, ticket=ticket)).image == picture()
    assert replicate.created == 1


@pytest.mark.parametrize(
    "answer",
    [*map(server.status, (500, 502, 504, 524)), server.html(), server.reset(), server.cut_short()],
)
def test_a_creation_whose_end_is_unknown_is_final(replicate: FakeReplicate, answer: server.Behaviour) -> None:
    replicate.misbehave(answer, on=creates)
    fault = fault_of("replicate", request(replicate))
    assert (fault.permanent, fault.may_have_cost) == (True, True)


def test_a_refused_creation_has_cost_nothing_and_says_when_to_come_back(replicate: FakeReplicate) -> None:
    replicate.misbehave(replicate.misbehaviour("rate_limited_delay")[0])
    fault = fault_of("replicate", request(replicate))
    assert (fault.status, fault.retry_after, fault.may_have_cost) == (429, 1.0, False)


def test_a_worker_that_takes_over_fetches_what_the_first_one_ordered(replicate: FakeReplicate) -> None:
    first = driver("replicate").run(request(replicate))
    again = driver("replicate").run(request(replicate, ticket=MemoryTicket(first.request_id)))
    assert (again.image, again.request_id) == (first.image, first.request_id)
    assert replicate.created == 1


def test_a_prediction_that_replicate_forgot_is_not_created_anew(replicate: FakeReplicate) -> None:
    fault = fault_of("replicate", request(replicate, ticket=MemoryTicket("forgotten")))
    assert verdict(fault) == (FaultKind.RESULT_GONE, True)
    assert replicate.created == 0


def test_a_file_that_is_late_is_looked_for_again(replicate: FakeReplicate) -> None:
    replicate.misbehave(server.status(404), server.status(410), on=fetches)
    assert driver("replicate").run(request(replicate)).image == picture()
    assert number_of(replicate, polls) == number_of(replicate, fetches) == 3


def test_a_file_that_never_comes_is_gone(replicate: FakeReplicate) -> None:
    replicate.always(server.status(404), on=fetches)
    assert verdict(fault_of("replicate", request(replicate))) == (FaultKind.RESULT_GONE, True)
    assert number_of(replicate, fetches) == 3


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"status": "failed", "error": "CUDA out of memory."}, FaultKind.OVERLOADED),
        ({"status": "failed", "error": None}, FaultKind.OVERLOADED),
        ({"status": "failed", "error": "NSFW content detected. Try another prompt."}, FaultKind.CONTENT_BLOCKED),
        ({"status": "failed", "error": "The output was flagged as sensitive. (E005)"}, FaultKind.CONTENT_BLOCKED),
        ({"status": "failed", "error": "A safety check of the GPU is case-sensitive."}, FaultKind.OVERLOADED),
        ({"status": "canceled"}, FaultKind.OVERLOADED),
        ({"status": "aborted"}, FaultKind.OVERLOADED),
    ],
)
def test_how_a_prediction_ended_is_told(replicate: FakeReplicate, said: dict[str, Any], expected: FaultKind) -> None:
    replicate.misbehave(saying(**said), on=polls)
    assert verdict(fault_of("replicate", request(replicate))) == (expected, True)


def test_what_takes_too_long_is_left_to_an_attempt_that_has_time_again(replicate: FakeReplicate) -> None:
    replicate.always(saying(status="processing", output=None), on=polls)
    ticket = MemoryTicket()
    began = time.monotonic()
    fault = fault_of("replicate", request(replicate, ticket=ticket, seconds=0.8))
    assert (verdict(fault), fault.may_have_cost) == ((FaultKind.HANG, False), True)
    assert time.monotonic() - began < 1.5
    replicate.recover()
    assert driver("replicate").run(request(replicate, ticket=ticket)).image == picture()
    assert replicate.cancelled == []


def test_what_nobody_will_want_any_more_is_called_off(replicate: FakeReplicate) -> None:
    replicate.always(saying(status="processing", output=None), on=polls)
    cancelled, ticket = Event(), MemoryTicket()
    Timer(0.3, cancelled.set).start()
    called_off = request(replicate, cancelled=cancelled, ticket=ticket, is_called_off=lambda: True)
    assert fault_of("replicate", called_off).kind is FaultKind.CANCELLED
    assert replicate.cancelled == [ticket.reference]


def test_what_is_cancelled_here_is_left_to_whoever_has_the_photo_now(replicate: FakeReplicate) -> None:
    replicate.always(saying(status="processing", output=None), on=polls)
    cancelled, ticket = Event(), MemoryTicket()
    Timer(0.3, cancelled.set).start()
    began = time.monotonic()
    assert fault_of("replicate", request(replicate, cancelled=cancelled, ticket=ticket)).kind is FaultKind.CANCELLED
    assert time.monotonic() - began < 1
    replicate.recover()
    assert driver("replicate").run(request(replicate, ticket=ticket)).image == picture()
    assert replicate.cancelled == []


def test_without_a_key_nobody_is_called(replicate: FakeReplicate) -> None:
    assert verdict(fault_of("replicate", request(replicate, key=None))) == (FaultKind.NOT_CONFIGURED, True)
    assert replicate.calls == []


def test_the_check_tells_a_good_key_from_a_bad_one(replicate: FakeReplicate) -> None:
    connection = Connection(replicate.url, KEY)
    driver("replicate").check(connection, seconds_from_now(5))
    with pytest.raises(ProviderFault) as caught:
        driver("replicate").check(replace(connection, api_key="r8_other"), seconds_from_now(5))
    assert caught.value.kind is FaultKind.KEY_REFUSED


def test_the_words_of_a_refusal_are_quoted_without_the_key(replicate: FakeReplicate) -> None:
    replicate.misbehave(says(refusal(401, f"Token {KEY}\nis not valid")))
    assert fault_of("replicate", request(replicate)).message == "Replicate answered 401: Token … is not valid"
