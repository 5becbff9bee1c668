"""What is sent to `generateContent`."""

import json
from binascii import b2a_base64
from collections.abc import Iterable
from typing import Any

from app.domain.prompts import insisting
from app.ports.providers import InputImage, ProviderRequest

_HARM_CATEGORIES = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)


def images_of(request: ProviderRequest) -> list[InputImage]:
    """The pictures that go with the prompt: the shot is the first, the catalogue's prompts call it so."""
    return [] if request.operation == "generation" else [request.shot, *request.templates.values()]


def body_of(request: ProviderRequest, images: Iterable[tuple[InputImage, str | None]]) -> bytes:
    """The request as JSON, images first. Each comes with its address at Gemini, None for one that is sent inline.

    Put together from bytes: escaping megabytes of base64, where nothing can need it, would cost 20 ms.
    """
    parts = [_part(image, address) for image, address in images]
    parts.append(_json({"text": _prompt(request)}))
    contents = b'{"contents":[{"role":"user","parts":[' + b",".join(parts) + b"]}],"
    return contents + _json(_options(request)).removeprefix(b"{")


def _part(image: InputImage, address: str | None) -> bytes:
    if address is not None:
        return _json({"fileData": {"mimeType": image.mime_type, "fileUri": address}})
    data = b2a_base64(image.data, newline=False)
    return b'{"inlineData":{"mimeType":"%b","data":"%b"}}' % (image.mime_type.encode(), data)


def _prompt(request: ProviderRequest) -> str:
    prompt: str = request.settings["prompt"]
    return insisting(prompt) if request.insist else prompt


def _options(request: ProviderRequest) -> dict[str, Any]:
    config: dict[str, Any] = {"responseModalities": ["IMAGE"], "candidateCount": 1}
    if image := _image_config(request):
        config["imageConfig"] = image
    threshold = request.settings["safety"]
    safety = [{"category": category, "threshold": threshold} for category in _HARM_CATEGORIES]
    return {"generationConfig": config, "safetySettings": safety}


def _image_config(request: ProviderRequest) -> dict[str, str]:
    """Without an aspect ratio Gemini follows the images, and draws a square where there are none."""
    wanted = {"aspectRatio": request.settings["aspect_ratio"], "imageSize": request.settings.get("image_size")}
    return {name: value for name, value in wanted.items() if value not in (None, "auto")}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
