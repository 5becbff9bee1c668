"""Replicate's predictions on loopback: models with their inputs, states that take a while, results without a key."""

import base64
import itertools
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import PRIVATE_URL, TRANSPORT, bad_pictures, billed, half, picture, says
from tests.support.fakes.server import Behaviour, Condition, FakeServer

KEY = "r8_TheOnlyKeyThatThisFakeAccepts"

_RATIOS = ("match_input_image", "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "4:5", "5:4", "21:9")
_PICTURE = re.compile(r"data:image/(jpeg|png|webp);base64,([A-Za-z0-9+/]+=*)")
_COMMON: dict[str, Callable[[Any], bool]] = {
    "prompt": lambda value: isinstance(value, str) and value != "",
    "aspect_ratio": lambda value: value in _RATIOS,
    "output_format": lambda value: value in ("jpg", "png"),
}
INPUTS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "black-forest-labs/flux-kontext-pro": _COMMON
    | {
        "input_image": lambda value: _is_picture(value),
        "safety_tolerance": lambda value: isinstance(value, int) and 0 <= value <= 2,
        "prompt_upsampling": lambda value: isinstance(value, bool),
    },
    "google/nano-banana-2": _COMMON
    | {
        "image_input": lambda value: isinstance(value, list) and len(value) <= 14 and all(map(_is_picture, value)),
        "resolution": lambda value: value in ("1K", "2K", "4K"),
    },
}
"""What each model takes, and of which kind."""

_PREFER = re.compile(r"wait(=([1-9]|[1-5]\d|60))?")
_CANCEL_AFTER = re.compile(r"(\d+)s")
_RESULTS = "/pbxt/"


class FakeReplicate(FakeServer):
    """A prediction has ended when it was asked about `polls` times. `created` counts those that are billed."""

    def __init__(self, *, polls: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self._polls = polls
        self._numbers = itertools.count(1)
        self._asked: dict[str, int] = {}
        self.cancelled: list[str] = []

    @property
    def created(self) -> int:
        return len(self._asked)

    def answer(self, call: Call) -> Reply:
        authorisation = call.headers.get("authorization")
        if call.path.startswith(_RESULTS):
            return Reply(400) if authorisation else Reply(200, picture(), {"Content-Type": "image/jpeg"})
        if authorisation != f"Bearer {KEY}":
            return refusal(401, "You did not pass a valid authentication token")
        if (call.method, call.path) == ("GET", "/v1/account"):
            return Reply.json({"type": "organization", "username": "studio", "name": "Studio"})
        if found := re.fullmatch(r"/v1/models/([\w.-]+/[\w.-]+)/predictions", call.path):
            return self._create(call, found[1]) if call.method == "POST" else refusal(405, "Method not allowed")
        if found := re.fullmatch(r"/v1/predictions/(\w+)(/cancel)?", call.path):
            return self._about(found[1], is_cancelled=bool(found[2]))
        return not_found()

    def _create(self, call: Call, model: str) -> Reply:
        if model not in INPUTS:
            return not_found()
        if problem := _mistake(call, INPUTS[model]):
            return refusal(422, problem)
        prediction = f"{next(self._numbers):026x}"
        self._asked[prediction] = 0
        return self._prediction(prediction, 201)

    def _about(self, prediction: str, *, is_cancelled: bool) -> Reply:
        if prediction not in self._asked:
            return not_found()
        if is_cancelled:
            self.cancelled.append(prediction)
        else:
            self._asked[prediction] += 1
        return self._prediction(prediction, 200)

    def _prediction(self, prediction: str, status: int) -> Reply:
        asked = self._asked[prediction]
        state = "starting" if not asked else "processing" if asked < self._polls else "succeeded"
        state = "canceled" if prediction in self.cancelled else state
        output = f"{self.url}{_RESULTS}{prediction}.jpg" if state == "succeeded" else None
        urls = {
            "get": f"{self.url}/v1/predictions/{prediction}",
            "cancel": f"{self.url}/v1/predictions/{prediction}/cancel",
        }
        return Reply.json({"id": prediction, "status": state, "output": output, "error": None, "urls": urls}, status)

    def misbehaviour(self, row: str) -> tuple[Behaviour, Condition] | None:
        """How a row of the table of faults looks here, and which of the three kinds of calls it happens to."""
        return _rows().get(row)


def creates(call: Call) -> bool:
    return call.method == "POST" and call.path.startswith("/v1/models/")


def polls(call: Call) -> bool:
    return call.method == "GET" and call.path.startswith("/v1/predictions/")


def fetches(call: Call) -> bool:
    return call.path.startswith(_RESULTS)


def refusal(status: int, detail: str, **fields: Any) -> Reply:
    return Reply.json({"title": "Refused", "detail": detail, "status": status, **fields}, status)


def not_found() -> Reply:
    return refusal(404, "The requested resource could not be found.")


def saying(**changes: Any) -> Behaviour:
    """The healthy answer about a prediction, with some fields changed; None takes a field away."""

    def changed(reply: Reply) -> Reply:
        fields = {**json.loads(reply.body), **changes}
        return Reply.json(fields, reply.status)

    return server.edit(changed)


def _is_picture(value: Any) -> bool:
    found = _PICTURE.fullmatch(value) if isinstance(value, str) else None
    starts = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG", "webp": b"RIFF"}
    return bool(found and base64.b64decode(found[2], validate=True).startswith(starts[found[1]]))


def _mistake(call: Call, known: dict[str, Callable[[Any], bool]]) -> str | None:
    body = call.json()
    if set(body) != {"input"} or "prompt" not in body["input"]:
        return "input: prompt is required"
    for name, value in body["input"].items():
        if name not in known:
            return f"input: Additional property {name} is not allowed"
        if not known[name](value):
            return f"input.{name}: Invalid value"
    life = _CANCEL_AFTER.fullmatch(call.headers.get("cancel-after", "60s"))
    if not life or int(life[1]) < 5 or not _PREFER.fullmatch(call.headers.get("prefer", "wait")):
        return "Invalid header"
    return None


@cache
def _rows() -> dict[str, tuple[Behaviour, Condition]]:
    throttled = "Request was throttled. Your rate limit resets in ~1s."
    flagged = "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
    of_creating = {
        **{row: TRANSPORT[row] for row in ("slow", "drip")},
        **{row: billed(TRANSPORT[row]) for row in ("hang", "reset", "overloaded_502", "overloaded_504")},
        "overloaded_500": billed(says(refusal(500, "Internal server error"))),
        "rate_limited_delay": says(refusal(429, throttled, retry_after=1)),
        "rate_limited": says(refusal(429, "Request was throttled.")),
        "quota_day": says(refusal(402, "You have insufficient credit to run this model.")),
        "overloaded_503": says(refusal(503, "Service unavailable")),
        "key_401": says(refusal(401, f"The token {KEY} is not valid")),
        "forbidden_403": says(refusal(403, "You do not have permission to run this model.")),
        "gone_404": says(not_found()),
        "bad_argument": says(refusal(422, "input.aspect_ratio: Invalid value")),
        "no_reference": saying(id=None),
    }
    of_polling = {
        "reconnect": saying(status="processing", output=None),
        "blocked": saying(status="failed", output=None, error=flagged),
        "no_image": saying(output=None),
        "empty_content": saying(output=[]),
        "cut_json": server.edit(half),
        "internal_result": saying(output=PRIVATE_URL),
    }
    of_fetching = {
        **{row: TRANSPORT[row] for row in ("html", "redirect", "too_many_bytes")},
        **{row: server.body(data, "image/jpeg") for row, data in bad_pictures().items()},
        "result_gone": server.status(404),
    }
    parts = ((of_creating, creates), (of_polling, polls), (of_fetching, fetches))
    return {row: (behaviour, condition) for rows, condition in parts for row, behaviour in rows.items()}
