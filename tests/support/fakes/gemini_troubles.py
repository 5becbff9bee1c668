"""The ways in which Gemini fails, as it words them."""

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.support.fakes import server
from tests.support.fakes.gemini_requests import KEY, detail, refusal, refused
from tests.support.fakes.messages import Reply
from tests.support.fakes.rows import TRANSPORT, bad_pictures, half, says
from tests.support.fakes.server import Behaviour


def inline(picture: bytes, mime_type: str = "image/jpeg", **more: Any) -> dict[str, Any]:
    """A part of an answer that is a picture."""
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(picture).decode()}, **more}


def changed(change: Callable[[dict[str, Any]], object]) -> Behaviour:
    """The healthy answer with its JSON changed; a refusal stays what it is."""

    def apply(reply: Reply) -> Reply:
        if reply.status != 200:
            return reply
        document = json.loads(reply.body)
        change(document)
        return Reply.json(document)

    return server.edit(apply)


def candidate(**content: Any) -> Behaviour:
    """The healthy answer with `content` in place of what its candidate holds."""
    return changed(lambda document: document.update(candidates=[content]))


def _with_data(change: Callable[[str], str]) -> Behaviour:
    def apply(document: dict[str, Any]) -> None:
        part = document["candidates"][0]["content"]["parts"][0]["inlineData"]
        part["data"] = change(part["data"])

    return changed(apply)


def _with_picture(picture: bytes) -> Behaviour:
    return _with_data(lambda _: base64.b64encode(picture).decode())


def _exhausted(*details: dict[str, Any]) -> Behaviour:
    message = "You exceeded your current quota, please check your plan and billing details."
    return says(refusal(429, "RESOURCE_EXHAUSTED", message, *details))


def exceeded(quota: str) -> dict[str, Any]:
    """The detail that names which quota is used up."""
    metric = "generativelanguage.googleapis.com/generate_requests_per_model"
    return detail("QuotaFailure", violations=[{"quotaMetric": metric, "quotaId": quota}])


def behaviours() -> dict[str, Behaviour]:
    """By the name of the row in the table of faults."""
    return {**_refusals(), **_answers()}


@cache
def _refusals() -> dict[str, Behaviour]:
    delay = detail("RetryInfo", retryDelay="1.2s")
    minute, day = (exceeded(f"GenerateRequestsPer{span}PerProjectPerModel") for span in ("Minute", "Day"))
    return {
        **TRANSPORT,
        "rate_limited_delay": _exhausted(minute, delay),
        "rate_limited": _exhausted(),
        "quota_day": _exhausted(minute, day, detail("RetryInfo", retryDelay="34.4s")),
        "overloaded_500": says(refusal(500, "INTERNAL", "An internal error has occurred.")),
        "overloaded_503": says(refusal(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")),
        "overloaded_504": says(refusal(504, "DEADLINE_EXCEEDED", "The request timed out. Please try again.")),
        "key_401": says(refusal(401, "UNAUTHENTICATED", f"The API key {KEY} has no valid credentials.")),
        "forbidden_403": says(refusal(403, "PERMISSION_DENIED", f"Your API key {KEY} was reported as leaked.")),
        "gone_404": says(refusal(404, "NOT_FOUND", "models/gemini-1.0 is not found for API version v1beta.")),
        "region": says(refusal(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")),
        "bad_argument": says(refused("Request contains an invalid argument.")),
    }


@cache
def _answers() -> dict[str, Behaviour]:
    return {
        "no_image": candidate(content={}, finishReason="NO_IMAGE", index=0),
        "text_only": candidate(content={"parts": [{"text": "What a lovely party!"}]}, finishReason="STOP"),
        "empty_content": candidate(content={}, finishReason="STOP"),
        "blocked": says(Reply.json({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "responseId": "b1"})),
        "cut_base64": _with_data(lambda data: data[: len(data) // 2 // 4 * 4 + 1]),
        "cut_json": server.edit(half),
        **{row: _with_picture(picture) for row, picture in bad_pictures().items()},
    }
