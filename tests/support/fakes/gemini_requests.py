"""What Gemini's API accepts, and how it refuses the rest."""

import binascii
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.fakes.messages import Reply

KEY = "AIzaSy-the-only-key-that-this-fake-accepts"
RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
TYPES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
INLINE_MAX_BYTES = 100_000_000

TOKENS = {
    "gemini-2.5-flash-image": {"": 1290},
    "gemini-3.1-flash-lite-image": {"": 1120, "1K": 1120},
    "gemini-3.1-flash-image": {"": 1120, "1K": 1120, "2K": 1680, "4K": 2520},
    "gemini-3-pro-image": {"": 1120, "1K": 1120, "2K": 1120, "4K": 2000},
}
"""The models, the sizes that they know (none was asked for: the empty one), and what a picture of it counts."""

_IMAGES_MAX = 14


def refusal(code: int, status: str, message: str, *details: dict[str, Any]) -> Reply:
    """An error as every Google API answers it."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return Reply.json({"error": error}, code)


def detail(kind: str, **content: Any) -> dict[str, Any]:
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **content}


def refused(message: str) -> Reply:
    return refusal(400, "INVALID_ARGUMENT", message)


def key_refused(message: str = "API key not valid. Please pass a valid API key.") -> Reply:
    reason = detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
    return refusal(400, "INVALID_ARGUMENT", message, reason)


def mistake(model: str, request: Any, size: int) -> Reply | None:
    """The refusal of a request to `generateContent`, `size` bytes long; None if it is right."""
    if size > INLINE_MAX_BYTES:
        return refused("Request payload size exceeds the limit.")
    for error in _REQUEST.iter_errors(request):
        place = ".".join(str(step) for step in error.absolute_path)
        return refused(f"Invalid JSON payload received at '{place}': {error.message[:200]}")
    config = request.get("generationConfig", {})
    if config.get("imageConfig", {}).get("imageSize", "") not in TOKENS[model]:
        return refused(f"Image size is not supported by {model}.")
    return _mistake_in_parts([part for content in request["contents"] for part in content["parts"]])


def _mistake_in_parts(parts: list[dict[str, Any]]) -> Reply | None:
    kinds = ["text" if "text" in part else "image" for part in parts]
    if kinds.count("image") > _IMAGES_MAX:
        return refused(f"At most {_IMAGES_MAX} images are supported.")
    if kinds != ["image"] * kinds.count("image") + ["text"]:
        return refused("This fake wants all images before one prompt, as the documentation advises.")
    for part in parts:
        try:
            binascii.a2b_base64(part.get("inlineData", {}).get("data", ""), strict_mode=True)
        except ValueError:
            return refused("Base64 decoding failed.")
    return None


def _closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, **limits}


_TEXT = {"type": "string", "minLength": 1}
_TYPE = {"enum": list(TYPES)}
_PART = {
    "oneOf": [
        _closed(("text",), text=_TEXT),
        _closed(("inlineData",), inlineData=_closed(("mimeType", "data"), mimeType=_TYPE, data=_TEXT)),
        _closed(("fileData",), fileData=_closed(("mimeType", "fileUri"), mimeType=_TYPE, fileUri=_TEXT)),
    ]
}
_CONFIG = _closed(
    responseModalities=_list({"enum": ["TEXT", "IMAGE"]}),
    candidateCount={"const": 1},
    imageConfig=_closed(aspectRatio={"enum": list(RATIOS)}, imageSize={"enum": ["1K", "2K", "4K"]}),
    responseMimeType={"const": "text/plain"},
    temperature={"type": "number", "minimum": 0, "maximum": 2},
    seed={"type": "integer"},
)
_SAFETY = _closed(
    ("category", "threshold"),
    category={
        "enum": [
            f"HARM_CATEGORY_{name}" for name in ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
        ]
    },
    threshold={"enum": ["BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"]},
)
_REQUEST = Draft202012Validator(
    _closed(
        ("contents",),
        contents=_list(_closed(("parts",), role={"enum": ["user", "model"]}, parts=_list(_PART)), maxItems=1),
        generationConfig=_CONFIG,
        safetySettings=_list(_SAFETY),
    )
)
