"""The driver of OpenAI against a fake that is as strict as the real one."""

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from threading import Event, Timer
from typing import Any

import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, ProviderRequest
from tests.providers.drivers import driver, fault_of, verdict
from tests.providers.requests import provider_request, seconds_from_now, template, usual_shot
from tests.support.fakes import server
from tests.support.fakes.openai import KEY, REQUEST_ID, FakeOpenAi, answered, images
from tests.support.fakes.rows import picture, says


@pytest.fixture
def openai() -> Iterator[FakeOpenAi]:
    with FakeOpenAi() as fake:
        yield fake


def request(openai: FakeOpenAi, operation: str = "image_edit", **options: Any) -> ProviderRequest:
    connection = Connection(openai.url, options.pop("key", KEY))
    settings = {"prompt": "Make them pirates", **options.pop("settings", {})}
    return provider_request("openai", operation, connection, settings, **options)


def test_an_edit_gives_the_picture_with_request_id_and_cost(openai: FakeOpenAi) -> None:
    answer = driver("openai").run(request(openai))
    assert answer.image == picture()
    assert answer.request_id == REQUEST_ID
    assert answer.cost_usd == Decimal("0.0304")  # 24 x $5 + 3050 x $8 + 196 x $30, each for a million


def test_the_shot_goes_first_and_the_templates_follow_as_files(openai: FakeOpenAi) -> None:
    templates = {"template": template(), "template_3": template()}
    driver("openai").run(request(openai, "fusion", templates=templates))
    (call,) = openai.calls
    assert call.path == "/v1/images/edits"
    files = call.files().getlist("image[]")
    assert [file.filename for file in files] == ["1.jpeg", "2.png", "3.png"]
    assert [file.read() for file in files] == [usual_shot().data, *(image.data for image in templates.values())]


def test_a_jpeg_of_low_quality_is_asked_for_unless_the_slot_says_otherwise(openai: FakeOpenAi) -> None:
    driver("openai").run(request(openai))
    driver("openai").run(request(openai, settings={"quality": "medium", "size": "1536x1024"}))
    usual, other = (call.form().to_dict() for call in openai.calls)
    assert usual == {
        "model": "gpt-image-2.6-flare",
        "output_format": "jpeg",
        "output_compression": "95",
        "prompt": "Make them pirates",
        "size": "auto",
        "quality": "low",
    }
    assert (other["quality"], other["size"]) == ("medium", "1536x1024")


def test_a_generation_sends_words_and_no_picture(openai: FakeOpenAi) -> None:
    assert driver("openai").run(request(openai, "generation")).image == picture()
    (call,) = openai.calls
    assert call.path == "/v1/images/generations"
    assert call.json()["prompt"] == "Make them pirates"
    assert call.json()["output_compression"] == 95


def test_a_base_url_may_come_with_its_version(openai: FakeOpenAi) -> None:
    versioned = replace(request(openai), connection=Connection(f"{openai.url}/v1", KEY))
    assert driver("openai").run(versioned).image == picture()
    driver("openai").check(versioned.connection, seconds_from_now(5))


def test_after_an_answer_without_a_picture_it_insists_in_words(openai: FakeOpenAi) -> None:
    driver("openai").run(request(openai, insist=True))
    assert openai.calls[0].form()["prompt"].startswith("Make them pirates\n\nOutput the final image only")


def test_a_cost_that_cannot_be_counted_is_left_to_the_catalogue(openai: FakeOpenAi) -> None:
    for usage in (None, "free", {"output_tokens": 5}, {"input_tokens_details": {}, "output_tokens": -1}):
        openai.misbehave(says(answered(images(picture(), usage=usage))))
        assert driver("openai").run(request(openai)).cost_usd is None


ROWS = {
    "reset": (FaultKind.CONNECTION_LOST, False),
    "rate_limited_delay": (FaultKind.RATE_LIMITED, False),
    "rate_limited": (FaultKind.RATE_LIMITED, False),
    "quota_day": (FaultKind.ACCOUNT_EMPTY, True),
    "overloaded_500": (FaultKind.OVERLOADED, False),
    "overloaded_502": (FaultKind.OVERLOADED, False),
    "overloaded_503": (FaultKind.OVERLOADED, False),
    "overloaded_504": (FaultKind.OVERLOADED, False),
    "key_401": (FaultKind.KEY_REFUSED, True),
    "forbidden_403": (FaultKind.KEY_REFUSED, True),
    "gone_404": (FaultKind.MODEL_GONE, True),
    "region": (FaultKind.REGION_REFUSED, True),
    "bad_argument": (FaultKind.BAD_ARGUMENT, True),
    "no_image": (FaultKind.NO_IMAGE, False),
    "text_only": (FaultKind.NO_IMAGE, False),
    "empty_content": (FaultKind.NO_IMAGE, False),
    "blocked": (FaultKind.CONTENT_BLOCKED, True),
    "cut_base64": (FaultKind.INVALID_OUTPUT, False),
    "cut_json": (FaultKind.INVALID_OUTPUT, False),
    "html": (FaultKind.INVALID_OUTPUT, False),
    "too_many_bytes": (FaultKind.TOO_LARGE, True),
    "redirect": (FaultKind.FORBIDDEN_ADDRESS, True),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_fault_is_named_after_a_single_call(openai: FakeOpenAi, row: str) -> None:
    misbehaviour = openai.misbehaviour(row)
    assert misbehaviour
    openai.misbehave(misbehaviour[0], on=misbehaviour[1])
    assert verdict(fault_of("openai", request(openai))) == ROWS[row]
    assert len(openai.calls) == 1


def test_a_fault_carries_what_the_log_and_the_chain_need(openai: FakeOpenAi) -> None:
    for row, status, delay in [("rate_limited_delay", 429, 1.0), ("blocked", 400, None), ("no_image", 200, None)]:
        openai.misbehave(openai.misbehaviour(row)[0])
        fault = fault_of("openai", request(openai))
        assert (fault.status, fault.request_id, fault.retry_after) == (status, REQUEST_ID, delay)


def test_what_openai_leaves_of_a_key_that_it_refuses_is_not_repeated(openai: FakeOpenAi) -> None:
    openai.misbehave(openai.misbehaviour("key_401")[0])
    message = fault_of("openai", request(openai)).message
    assert message == "OpenAI answered 401: Incorrect API key provided: …."


@pytest.mark.parametrize("behaviour", [server.hang(), server.drip()])
def test_it_ends_at_its_deadline_and_soon_after_it_is_cancelled(
    openai: FakeOpenAi, behaviour: server.Behaviour
) -> None:
    openai.always(behaviour)
    began = time.monotonic()
    assert fault_of("openai", request(openai, seconds=0.4)).kind is FaultKind.HANG
    cancelled = Event()
    Timer(0.2, cancelled.set).start()
    assert fault_of("openai", request(openai, cancelled=cancelled)).kind is FaultKind.CANCELLED
    assert time.monotonic() - began < 2


def test_without_a_key_nobody_is_called(openai: FakeOpenAi) -> None:
    assert verdict(fault_of("openai", request(openai, key=None))) == (FaultKind.NOT_CONFIGURED, True)
    assert openai.calls == []


def test_the_check_tells_a_good_key_from_a_bad_one(openai: FakeOpenAi) -> None:
    connection = Connection(openai.url, KEY)
    driver("openai").check(connection, seconds_from_now(5))
    with pytest.raises(ProviderFault) as caught:
        driver("openai").check(replace(connection, api_key="sk-other"), seconds_from_now(5))
    assert caught.value.kind is FaultKind.KEY_REFUSED


@pytest.mark.parametrize(("row", "mode"), [("wrong_mime", "WEBP"), ("too_many_pixels", "PNG")])
def test_what_is_in_the_file_is_not_its_affair(openai: FakeOpenAi, row: str, mode: str) -> None:
    openai.misbehave(openai.misbehaviour(row)[0])
    image = driver("openai").run(request(openai)).image
    assert image.startswith({"WEBP": b"RIFF", "PNG": b"\x89PNG"}[mode])
