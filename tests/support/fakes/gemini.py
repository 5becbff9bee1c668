"""Gemini's API on loopback: `generateContent`, models and files, as strict as the real one."""

import base64
import io
import itertools
from typing import Any

from PIL import Image, ImageOps
from pillow_heif import open_heif

from tests.pictures import encoded
from tests.support.fakes.gemini_files import FILES, UPLOADS, GeminiFiles
from tests.support.fakes.gemini_requests import KEY, TOKENS, key_refused, mistake, refusal, refused
from tests.support.fakes.gemini_troubles import behaviours, inline
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Behaviour, Condition, FakeServer

MODELS = "/v1beta/models"

_METHOD = ":generateContent"
_SIDES = {"": 1024, "1K": 1024, "2K": 2048, "4K": 4096}


class FakeGemini(FakeServer):
    """Answers with the mirror image of the first picture, or with `picture` if a test has set one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.files = GeminiFiles(self.url)
        self.picture: bytes | None = None
        self._numbers = itertools.count(1)

    def answer(self, call: Call) -> Reply:
        if unknown := _mistake_in_key(call):
            return unknown
        if (call.method, call.path) == ("GET", MODELS):
            return _models(call)
        if call.path == UPLOADS or call.path.startswith(FILES):
            return self.files.answer(call)
        if call.method == "POST" and makes_a_picture(call):
            return self._generate(call, call.path.removeprefix(f"{MODELS}/").removesuffix(_METHOD))
        return refusal(404, "NOT_FOUND", "The requested URL was not found on this server.")

    def misbehaviour(self, row: str) -> tuple[Behaviour, Condition] | None:
        """How a row of the table of faults looks here; it happens to the calls that make pictures."""
        behaviour = behaviours().get(row)
        return (behaviour, makes_a_picture) if behaviour else None

    def _generate(self, call: Call, model: str) -> Reply:
        if model not in TOKENS:
            message = f"models/{model[:60]} is not found for API version v1beta, or is not supported."
            return refusal(404, "NOT_FOUND", message)
        try:
            request = call.json()
        except ValueError:
            return refused("Invalid JSON payload received. Unexpected token.")
        return mistake(model, request, len(call.body)) or self._drawn(request, model)

    def _drawn(self, request: dict[str, Any], model: str) -> Reply:
        config = request.get("generationConfig", {})
        if "IMAGE" not in config.get("responseModalities", ["TEXT", "IMAGE"]):
            return self._answered(model, [{"text": "I can only describe that."}])
        data = self._first_picture(request["contents"][0]["parts"])
        if isinstance(data, Reply):
            return data
        image = config.get("imageConfig", {})
        try:
            picture = self.picture or _drawing(data, image)
        except (OSError, ValueError):
            return refused("Unable to process input image.")
        return self._answered(model, [inline(picture)], tokens=TOKENS[model][image.get("imageSize", "")])

    def _first_picture(self, parts: list[dict[str, Any]]) -> bytes | Reply | None:
        """The first of the pictures; the refusal of any that is not there; None if there is none."""
        found = [self._content(part) for part in parts if "text" not in part]
        return next((content for content in found if isinstance(content, Reply)), found[0] if found else None)

    def _content(self, part: dict[str, Any]) -> bytes | Reply:
        if "fileData" in part:
            return self.files.content(part["fileData"]["fileUri"])
        return base64.b64decode(part["inlineData"]["data"])

    def _answered(self, model: str, parts: list[dict[str, Any]], tokens: int = 0) -> Reply:
        details = [{"modality": "IMAGE", "tokenCount": tokens}] if tokens else []
        return Reply.json(
            {
                "candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}],
                "usageMetadata": {
                    "promptTokenCount": 300,
                    "candidatesTokenCount": tokens,
                    "totalTokenCount": 300 + tokens,
                    "candidatesTokensDetails": details,
                },
                "modelVersion": model,
                "responseId": f"fake-response-{next(self._numbers)}",
            }
        )


def makes_a_picture(call: Call) -> bool:
    return call.path.startswith(f"{MODELS}/") and call.path.endswith(_METHOD)


def _mistake_in_key(call: Call) -> Reply | None:
    if "key" in call.query:
        return refused("This fake wants the key in a header, where no log of addresses finds it.")
    if "x-goog-api-key" not in call.headers:
        message = "Method doesn't allow unregistered callers (callers without established identity)."
        return refusal(403, "PERMISSION_DENIED", message)
    return None if call.headers["x-goog-api-key"] == KEY else key_refused()


def _models(call: Call) -> Reply:
    if set(call.query) - {"pageSize", "pageToken"}:
        return refused("Invalid JSON payload received. Unknown name.")
    names = [{"name": f"models/{name}", "version": "1"} for name in TOKENS]
    return Reply.json({"models": names[: int(call.query.get("pageSize", 50))]})


def _drawing(data: bytes | None, config: dict[str, str]) -> bytes:
    image = _opened(data) if data else Image.new("RGB", (640, 640), (250, 180, 60))
    ratio = config.get("aspectRatio")
    width, height = map(int, ratio.split(":")) if ratio else image.size
    scale = _SIDES[config.get("imageSize", "")] / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return encoded(ImageOps.mirror(ImageOps.fit(image, size)), "JPEG", quality=88)


def _opened(data: bytes) -> Image.Image:
    if data[4:8] == b"ftyp":
        return open_heif(io.BytesIO(data)).to_pillow().convert("RGB")
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (1024, 1024))
    return ImageOps.exif_transpose(image.convert("RGB"))
