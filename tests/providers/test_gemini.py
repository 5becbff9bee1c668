"""Gemini when all is well: what is sent, and the picture that comes back."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, InputImage
from tests.pictures import heic, jpeg, opened, pixels, png, quadrants, webp
from tests.providers.gemini_at_work import GeminiAtWork
from tests.providers.requests import catalogue, seconds_from_now, template
from tests.support.fakes.gemini import KEY
from tests.support.fakes.server import html

OPERATIONS = ["image_edit", "style_transfer", "identity_transfer", "fusion", "generation"]
MODELS = ["gemini-2.5-flash-image", "gemini-3.1-flash-lite-image", "gemini-3.1-flash-image", "gemini-3-pro-image"]


def test_a_shot_becomes_the_picture_that_gemini_made_of_it(gemini: GeminiAtWork) -> None:
    answer = gemini.run(shot=InputImage(jpeg(image=quadrants(600, 400)), "image/jpeg"))
    mirrored = np.flip(pixels(quadrants(1024, 683)), axis=1)
    assert np.abs(pixels(answer.image) - mirrored).mean() < 6
    assert answer.request_id == "fake-response-1"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_model_takes_every_operation_as_the_catalogue_completes_it(
    operation: str, model: str, gemini: GeminiAtWork
) -> None:
    found = catalogue().operation("gemini", operation)
    assert found is not None
    templates = {field.name: template() for field in found.template_fields}
    answer = gemini.run(operation, settings={"model": model}, templates=templates)
    assert opened(answer.image).format == "JPEG"


@pytest.mark.parametrize(
    ("model", "size", "cost"),
    [
        ("gemini-2.5-flash-image", "1K", "0.0387"),
        ("gemini-3.1-flash-lite-image", "1K", "0.0336"),
        ("gemini-3.1-flash-image", "1K", "0.0672"),
        ("gemini-3.1-flash-image", "2K", "0.1008"),
        ("gemini-3-pro-image", "2K", "0.1344"),
    ],
)
def test_a_picture_costs_what_its_tokens_cost(model: str, size: str, cost: str, gemini: GeminiAtWork) -> None:
    answer = gemini.run("generation", settings={"model": model, "image_size": size})
    assert answer.cost_usd == Decimal(cost)


def test_the_shot_goes_before_the_prompt_and_one_picture_is_asked_for(gemini: GeminiAtWork) -> None:
    gemini.run(settings={"prompt": 'Сделай «акварель»\n"как у Серова"'})
    picture, text = gemini.parts()
    assert picture["inlineData"]["mimeType"] == "image/jpeg"
    assert text == {"text": 'Сделай «акварель»\n"как у Серова"'}
    assert gemini.body()["generationConfig"] == {"responseModalities": ["IMAGE"], "candidateCount": 1}


def test_the_key_travels_in_a_header_only(gemini: GeminiAtWork) -> None:
    gemini.run()
    [call] = gemini.fake.calls
    assert call.headers["x-goog-api-key"] == KEY
    assert KEY.encode() not in call.body
    assert call.query == {}


def test_images_keep_the_order_of_the_fields_and_the_shot_is_the_first(gemini: GeminiAtWork) -> None:
    templates = {
        "template": template(),
        "template_2": template(webp(), "image/webp"),
        "template_3": template(heic(), "image/heic"),
    }
    gemini.run("fusion", settings={"model": "gemini-3-pro-image"}, templates=templates)
    types = [part["inlineData"]["mimeType"] for part in gemini.parts()[:-1]]
    assert types == ["image/jpeg", "image/png", "image/webp", "image/heic"]


def test_a_model_that_takes_three_images_is_sent_no_fourth(gemini: GeminiAtWork) -> None:
    templates = {name: template() for name in ("template", "template_2", "template_3")}
    gemini.run("fusion", settings={"model": "gemini-2.5-flash-image"}, templates=templates)
    assert len(gemini.parts()) == 3 + 1


def test_generation_is_made_from_the_prompt_alone(gemini: GeminiAtWork) -> None:
    gemini.run("generation", settings={"prompt": "a castle for Анна"})
    assert gemini.parts() == [{"text": "a castle for Анна"}]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gemini-2.5-flash-image", {"aspectRatio": "3:2"}),
        ("gemini-3.1-flash-lite-image", {"aspectRatio": "3:2"}),
        ("gemini-3.1-flash-image", {"aspectRatio": "3:2", "imageSize": "2K"}),
    ],
)
def test_what_a_model_does_not_know_is_not_sent(model: str, expected: dict[str, str], gemini: GeminiAtWork) -> None:
    gemini.run(settings={"model": model, "aspect_ratio": "3:2", "image_size": "2K"})
    assert gemini.body()["generationConfig"]["imageConfig"] == expected


def test_the_chosen_proportions_come_back(gemini: GeminiAtWork) -> None:
    assert opened(gemini.run(settings={"aspect_ratio": "9:16"}).image).size == (576, 1024)


def test_the_content_filter_is_set_for_every_category(gemini: GeminiAtWork) -> None:
    gemini.run(settings={"safety": "BLOCK_LOW_AND_ABOVE"})
    settings = gemini.body()["safetySettings"]
    assert {setting["threshold"] for setting in settings} == {"BLOCK_LOW_AND_ABOVE"}
    assert len({setting["category"] for setting in settings}) == 4


def test_who_insists_asks_for_the_picture_in_words(gemini: GeminiAtWork) -> None:
    gemini.run(settings={"prompt": "Watercolour."})
    assert gemini.prompt() == "Watercolour."
    gemini.run(settings={"prompt": "Watercolour."}, insist=True)
    assert gemini.prompt().startswith("Watercolour.")
    assert "final image only" in gemini.prompt()


@pytest.mark.parametrize(("data", "mime_type"), [(heic(), "image/heic"), (png(), "image/png"), (webp(), "image/webp")])
def test_every_accepted_type_is_sent_as_it_is(data: bytes, mime_type: str, gemini: GeminiAtWork) -> None:
    gemini.run(shot=InputImage(data, mime_type))
    assert gemini.parts()[0]["inlineData"]["mimeType"] == mime_type


def test_a_gateway_may_lie_under_a_path(gemini: GeminiAtWork) -> None:
    behind = replace(gemini, connection=Connection(f"{gemini.fake.url}/gateway", KEY))
    assert behind.fault().kind is FaultKind.MODEL_GONE
    assert gemini.paths() == ["POST /gateway/v1beta/models/gemini-2.5-flash-image:generateContent"]


def test_without_a_key_nothing_is_called(gemini: GeminiAtWork) -> None:
    keyless = replace(gemini, connection=Connection(gemini.fake.url))
    fault = keyless.fault()
    assert (fault.kind, fault.permanent) == (FaultKind.NOT_CONFIGURED, True)
    with pytest.raises(ProviderFault):
        gemini.provider.check(keyless.connection, seconds_from_now(5))
    assert gemini.fake.calls == []


class TestCheck:
    def refused(self, gemini: GeminiAtWork, key: str = KEY) -> ProviderFault:
        with pytest.raises(ProviderFault) as caught:
            gemini.provider.check(Connection(gemini.fake.url, key), seconds_from_now(5))
        return caught.value

    def test_a_good_key_passes_with_one_small_call(self, gemini: GeminiAtWork) -> None:
        gemini.provider.check(gemini.connection, seconds_from_now(5))
        [call] = gemini.fake.calls
        assert (call.method, call.path, call.query) == ("GET", "/v1beta/models", {"pageSize": "1"})

    def test_a_wrong_key_is_refused_without_being_quoted(self, gemini: GeminiAtWork) -> None:
        fault = self.refused(gemini, "AIzaSy-wrong")
        assert fault.kind is FaultKind.KEY_REFUSED
        assert "AIzaSy" not in fault.message

    def test_a_page_in_place_of_the_api_is_no_success(self, gemini: GeminiAtWork) -> None:
        gemini.fake.misbehave(html())
        assert self.refused(gemini).kind is FaultKind.INVALID_OUTPUT
