"""OpenAI's Images API on loopback: as strict about parameters as the real one, with its error codes."""

import base64
import json
from functools import cache
from typing import Any

from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import TRANSPORT, bad_pictures, half, picture, says
from tests.support.fakes.server import Behaviour, Condition, FakeServer

KEY = "sk-proj-the-only-key-that-this-fake-accepts"
REQUEST_ID = "req_0a1b2c3d4e5f"
MODELS = ("gpt-image-2.6-flare", "gpt-image-2")
USAGE = {
    "total_tokens": 3_270,
    "input_tokens": 3_074,
    "input_tokens_details": {"text_tokens": 24, "image_tokens": 3_050},
    "output_tokens": 196,
}

_CHOICES = {
    "model": MODELS,
    "size": ("auto", "1024x1024", "1536x1024", "1024x1536"),
    "quality": ("auto", "low", "medium", "high"),
    "output_format": ("png", "jpeg", "webp"),
    "background": ("auto", "opaque"),
    "moderation": ("auto", "low"),
}
_PARAMETERS = {"prompt", "n", "output_compression", "user", *_CHOICES}
_IMAGE_MAX_BYTES = 50 << 20
_STARTS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF"}


class FakeOpenAi(FakeServer):
    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(401, "invalid_api_key", "Incorrect API key provided.")
        if (call.method, call.path) == ("GET", "/v1/models"):
            return answered({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})
        if (call.method, call.path) == ("POST", "/v1/images/edits"):
            return mistake(dict(call.form().items())) or _mistake_in_files(call) or answered(images(picture()))
        if (call.method, call.path) == ("POST", "/v1/images/generations"):
            return mistake(call.json()) or answered(images(picture()))
        return refusal(404, "not_found", f"Invalid URL ({call.method} {call.path})")

    def misbehaviour(self, row: str) -> tuple[Behaviour, Condition] | None:
        """How a row of the table of faults looks here; it happens to the calls that make pictures."""
        behaviour = _behaviours().get(row)
        return (behaviour, makes_a_picture) if behaviour else None


def images(picture: bytes, **changes: Any) -> dict[str, Any]:
    """The answer with one picture, each of `changes` in place of its field."""
    entry = {"b64_json": base64.b64encode(picture).decode()}
    return {"created": 1_780_000_000, "data": [entry], "output_format": "jpeg", "usage": USAGE, **changes}


def answered(value: Any) -> Reply:
    return Reply.json(value, headers={"x-request-id": REQUEST_ID})


def refusal(status: int, code: str, message: str, param: str | None = None, **headers: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Reply.json({"error": error}, status, {"x-request-id": REQUEST_ID, **headers})


def mistake(fields: dict[str, Any]) -> Reply | None:
    """The refusal of a request's parameters, None if they are right. Numbers of a form are text."""
    for name, value in fields.items():
        if name not in _PARAMETERS:
            return refusal(400, "unknown_parameter", f"Unknown parameter: '{name}'.", name)
        if name in _CHOICES and value not in _CHOICES[name]:
            return refusal(400, "invalid_value", f"Invalid value: '{value}'.", name)
    prompt = fields.get("prompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= 32_000:
        return refusal(400, "missing_required_parameter", "Missing required parameter: 'prompt'.", "prompt")
    if not str(fields.get("output_compression", 100)).isdecimal() or int(fields.get("output_compression", 100)) > 100:
        return refusal(400, "integer_above_max_value", "Invalid 'output_compression'.", "output_compression")
    return None


def _mistake_in_files(call: Call) -> Reply | None:
    files = call.files()
    images = files.getlist("image[]")
    if set(files) != {"image[]"} or len(images) > 16:
        return refusal(400, "missing_required_parameter", "1 to 16 files 'image[]' are required.", "image")
    for image in images:
        data = image.read()
        if image.mimetype not in _STARTS or not data.startswith(_STARTS[image.mimetype]):
            return refusal(400, "unsupported_file_mimetype", "Invalid file: unsupported mimetype.", "image")
        if len(data) >= _IMAGE_MAX_BYTES or not image.filename:
            return refusal(400, "image_too_large", "Invalid file: too large, or without a name.", "image")
    return None


def makes_a_picture(call: Call) -> bool:
    return call.path.startswith("/v1/images/")


def _half_masked(key: str) -> str:
    """As OpenAI echoes a key that it refuses."""
    return f"{key[:12]}{'*' * (len(key) - 16)}{key[-4:]}"


def _cut_base64(reply: Reply) -> Reply:
    whole = json.loads(reply.body)
    whole["data"][0]["b64_json"] = whole["data"][0]["b64_json"][:-1001]
    return answered(whole)


def _with(picture: bytes) -> Behaviour:
    return says(answered(images(picture)))


@cache
def _behaviours() -> dict[str, Behaviour]:
    limited = "Rate limit reached for images per minute."
    moderation = "Your request was rejected by the safety system. safety_violations=[violence]."
    return {
        **TRANSPORT,
        **{row: _with(data) for row, data in bad_pictures().items()},
        "rate_limited_delay": says(refusal(429, "rate_limit_exceeded", limited, **{"Retry-After": "1"})),
        "rate_limited": says(refusal(429, "rate_limit_exceeded", limited)),
        "quota_day": says(refusal(429, "insufficient_quota", "You exceeded your current quota.")),
        "overloaded_500": says(refusal(500, "server_error", "The server had an error while processing your request.")),
        "overloaded_503": says(refusal(503, "server_error", "The engine is currently overloaded.")),
        "key_401": says(refusal(401, "invalid_api_key", f"Incorrect API key provided: {_half_masked(KEY)}.")),
        "forbidden_403": says(refusal(403, "organization_unverified", "Your organization must be verified.")),
        "gone_404": says(refusal(404, "model_not_found", "The model does not exist.")),
        "region": says(refusal(403, "unsupported_country_region_territory", "Country not supported")),
        "bad_argument": says(refusal(400, "invalid_value", "Invalid value: 'large'.", "size")),
        "no_image": says(answered(images(b"", data=[]))),
        "text_only": says(answered(images(b"", data=[{"revised_prompt": "I cannot draw that."}]))),
        "empty_content": says(answered({"created": 1_780_000_000})),
        "blocked": says(refusal(400, "moderation_blocked", moderation)),
        "cut_base64": server.edit(_cut_base64),
        "cut_json": server.edit(half),
    }
