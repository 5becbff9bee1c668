"""What may stand in an answer of Gemini with status 200, and what is made of it."""

import json
from typing import Any

import pytest

from app.domain.errors import FaultKind
from tests.pictures import jpeg
from tests.providers.gemini_at_work import GeminiAtWork
from tests.support.fakes.gemini_troubles import candidate, changed, inline
from tests.support.fakes.messages import Reply
from tests.support.fakes.rows import says

DRAFT, FINAL, OTHER = (jpeg(side, side) for side in (64, 96, 128))
KEYLESS = {"finishReason": "STOP"}


def answers(gemini: GeminiAtWork, *parts: Any, **more: Any) -> None:
    gemini.fake.misbehave(candidate(content={"parts": list(parts), "role": "model"}, **{**KEYLESS, **more}))


def answers_with(gemini: GeminiAtWork, document: Any) -> None:
    gemini.fake.misbehave(says(Reply.json(document)))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{"text": "Here you are:"}, inline(FINAL)], FINAL),
        ([inline(FINAL), {"text": "Enjoy!"}], FINAL),
        ([inline(OTHER), inline(FINAL)], FINAL),
        ([inline(DRAFT, thought=True), inline(FINAL)], FINAL),
        ([inline(FINAL), inline(DRAFT, thought=True)], FINAL),
        ([inline(DRAFT, thought=True), inline(OTHER, thought=True)], OTHER),
        ([inline(FINAL, thoughtSignature="A" * 600_000)], FINAL),
        ([inline(FINAL, "application/octet-stream")], FINAL),
        ([{"inlineData": {"data": ""}}, inline(FINAL), {}, None, "text", {"inlineData": 7}], FINAL),
    ],
)
def test_the_last_picture_that_is_no_thought_counts(parts: list[Any], expected: bytes, gemini: GeminiAtWork) -> None:
    answers(gemini, *parts)
    assert gemini.run().image == expected


def test_an_answer_in_snake_case_is_as_good(gemini: GeminiAtWork) -> None:
    part = inline(FINAL)
    answers_with(
        gemini,
        {
            "candidates": [{"content": {"parts": [{"inline_data": part["inlineData"]}]}, "finish_reason": "STOP"}],
            "usage_metadata": {"candidates_tokens_details": [{"modality": "IMAGE", "token_count": 1000}]},
            "response_id": "snake",
        },
    )
    answer = gemini.run()
    assert (answer.image, answer.request_id, str(answer.cost_usd)) == (FINAL, "snake", "0.03")


@pytest.mark.parametrize(
    "reason",
    ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"],
)
def test_content_that_gemini_refuses_is_not_asked_for_again(reason: str, gemini: GeminiAtWork) -> None:
    gemini.fake.misbehave(candidate(content={}, finishReason=reason, finishMessage="Unable to show this."))
    fault = gemini.fault()
    assert (fault.kind, fault.permanent, fault.status) == (FaultKind.CONTENT_BLOCKED, True, 200)
    assert fault.message == f"Gemini refused the content: {reason}"
    assert fault.request_id == "fake-response-1"


def test_an_interim_picture_of_blocked_content_is_not_used(gemini: GeminiAtWork) -> None:
    answers(gemini, inline(DRAFT, thought=True), finishReason="IMAGE_SAFETY")
    assert gemini.fault().kind is FaultKind.CONTENT_BLOCKED


@pytest.mark.parametrize("reason", ["SAFETY", "OTHER", "PROHIBITED_CONTENT", "SOMETHING_NEW"])
def test_a_blocked_prompt_has_no_candidates(reason: str, gemini: GeminiAtWork) -> None:
    answers_with(gemini, {"promptFeedback": {"blockReason": reason}, "responseId": "r1"})
    fault = gemini.fault()
    assert (fault.kind, fault.permanent, fault.request_id) == (FaultKind.CONTENT_BLOCKED, True, "r1")
    assert reason in fault.message


@pytest.mark.parametrize(
    "reason", ["NO_IMAGE", "IMAGE_OTHER", "OTHER", "MAX_TOKENS", "LANGUAGE", "MALFORMED_FUNCTION_CALL", "NEW", "STOP"]
)
def test_any_other_end_without_a_picture_is_worth_insisting(reason: str, gemini: GeminiAtWork) -> None:
    gemini.fake.misbehave(candidate(content={}, finishReason=reason))
    fault = gemini.fault()
    assert (fault.kind, fault.permanent, fault.may_have_cost) == (FaultKind.NO_IMAGE, False, False)
    assert fault.message == f"Gemini answered without a picture: {reason}"


@pytest.mark.parametrize("reason", ["STOP", "IMAGE_SAFETY"])
def test_words_that_come_instead_tell_of_guests_and_are_kept_from_everybody(reason: str, gemini: GeminiAtWork) -> None:
    words = "The woman on the left is Anna."
    answers(gemini, {"text": words}, finishReason=reason, finishMessage=words)
    message = gemini.fault().message
    assert message.endswith(f": {reason}")


@pytest.mark.parametrize("reason", ["NEW\r\n\x1b[31m" + "X" * 5000, 7, None, {"a": 1}])
def test_a_reason_of_an_odd_shape_becomes_one_short_line(reason: Any, gemini: GeminiAtWork) -> None:
    gemini.fake.misbehave(candidate(content={}, finishReason=reason))
    message = gemini.fault().message
    assert message.isprintable()
    assert len(message) < 250


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"candidates": None},
        {"candidates": []},
        {"candidates": {}},
        {"candidates": [None]},
        {"candidates": ["text"]},
        {"candidates": [{}]},
        {"candidates": [{"content": None, "finishReason": None}]},
        {"candidates": [{"content": {"parts": "text"}, "finishReason": 7}]},
        {"candidates": [{"content": {"parts": [{"inlineData": {"data": 7}}]}}]},
        {"promptFeedback": "fine"},
        {"promptFeedback": {}, "usageMetadata": [], "responseId": 7},
    ],
    ids=json.dumps,
)
def test_an_answer_of_an_odd_shape_holds_no_picture(document: Any, gemini: GeminiAtWork) -> None:
    answers_with(gemini, document)
    fault = gemini.fault()
    assert (fault.kind, fault.status, fault.request_id) == (FaultKind.NO_IMAGE, 200, None)


@pytest.mark.parametrize("data", ["****", "aGVsbG8", "aGVs bG8=", "aGVsbG8=aGVsbG8=", "ж" * 8])
def test_base64_that_is_not_whole_is_invalid_output_that_may_have_cost(data: str, gemini: GeminiAtWork) -> None:
    answers(gemini, {"inlineData": {"mimeType": "image/png", "data": data}})
    fault = gemini.fault()
    assert (fault.kind, fault.permanent, fault.status) == (FaultKind.INVALID_OUTPUT, False, 200)
    assert fault.may_have_cost
    assert fault.request_id == "fake-response-1"


@pytest.mark.parametrize(
    "details",
    [
        None,
        [],
        [{"modality": "TEXT", "tokenCount": 30}],
        [{"modality": "IMAGE", "tokenCount": "1290"}],
        [{"modality": "IMAGE", "tokenCount": -5}],
        [{"modality": "IMAGE", "tokenCount": 10**15}],
        [{"modality": "IMAGE"}],
    ],
)
def test_tokens_that_are_not_believable_cost_nothing_that_is_known(details: Any, gemini: GeminiAtWork) -> None:
    gemini.fake.misbehave(changed(lambda answer: answer["usageMetadata"].update(candidatesTokensDetails=details)))
    assert gemini.run().cost_usd is None


def test_a_picture_of_thirty_megabytes_arrives_whole(gemini: GeminiAtWork) -> None:
    gemini.fake.picture = FINAL + bytes(30_000_000)
    assert len(gemini.run().image) == len(FINAL) + 30_000_000
