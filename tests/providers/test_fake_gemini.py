"""The fake refuses what Gemini refuses: otherwise the tests of the driver would show little."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.pictures import jpeg
from tests.support.fakes.gemini import KEY, FakeGemini
from tests.support.fakes.gemini_troubles import inline

Change = Callable[[dict[str, Any]], object]

GOOD: dict[str, Any] = {
    "contents": [{"role": "user", "parts": [inline(jpeg(60, 40)), {"text": "Watercolour."}]}],
    "generationConfig": {"responseModalities": ["IMAGE"], "candidateCount": 1, "imageConfig": {"aspectRatio": "3:2"}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}],
}


@pytest.fixture
def fake() -> Iterator[FakeGemini]:
    with FakeGemini() as server:
        yield server


def ask(
    fake: FakeGemini, body: Any = GOOD, model: str = "gemini-2.5-flash-image", key: str | None = KEY, query: str = ""
) -> requests.Response:
    headers = {"x-goog-api-key": key} if key else {}
    url = f"{fake.url}/v1beta/models/{model}:generateContent{query}"
    return requests.post(url, json=body, headers=headers, timeout=10)


def verdict(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["status"]


def config(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["generationConfig"]
    return found


def parts(body: dict[str, Any]) -> list[Any]:
    found: list[Any] = body["contents"][0]["parts"]
    return found


WRONG: dict[str, Change] = {
    "an unknown field": lambda b: b.update(stream=False),
    "an unknown option": lambda b: config(b).update(quality="high"),
    "an image as MIME type": lambda b: config(b).update(responseMimeType="image/png"),
    "a proportion of one's own": lambda b: config(b)["imageConfig"].update(aspectRatio="16:10"),
    "an automatic proportion": lambda b: config(b)["imageConfig"].update(aspectRatio="auto"),
    "a size for 2.5": lambda b: config(b)["imageConfig"].update(imageSize="1K"),
    "two candidates": lambda b: config(b).update(candidateCount=2),
    "a role of one's own": lambda b: b["contents"][0].update(role="booth"),
    "no contents": lambda b: b.pop("contents"),
    "no prompt": lambda b: parts(b).pop(),
    "the prompt first": lambda b: parts(b).reverse(),
    "a part of two kinds": lambda b: parts(b)[0].update(text="and words"),
    "broken base64": lambda b: parts(b)[0]["inlineData"].update(data="aGVsbG8"),
    "no picture": lambda b: parts(b)[0]["inlineData"].update(data="aGVsbG8="),
    "another type": lambda b: parts(b)[0]["inlineData"].update(mimeType="image/gif"),
    "an unknown threshold": lambda b: b["safetySettings"][0].update(threshold="BLOCK_SOME"),
}


def test_a_good_request_is_answered(fake: FakeGemini) -> None:
    assert ask(fake).json()["candidates"][0]["finishReason"] == "STOP"


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_request_is_an_invalid_argument(change: Change, fake: FakeGemini) -> None:
    body = copy.deepcopy(GOOD)
    change(body)
    assert verdict(ask(fake, body)) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("model", ["gemini-2.5-flash-image-preview", "gemini-4-image"])
def test_models_that_are_gone_are_not_found(model: str, fake: FakeGemini) -> None:
    assert verdict(ask(fake, model=model)) == (404, "NOT_FOUND")


def test_the_lite_model_knows_one_size(fake: FakeGemini) -> None:
    body = copy.deepcopy(GOOD)
    config(body)["imageConfig"]["imageSize"] = "2K"
    assert verdict(ask(fake, body, "gemini-3.1-flash-lite-image")) == (400, "INVALID_ARGUMENT")
    assert ask(fake, body, "gemini-3.1-flash-image").ok


def test_a_key_is_wanted_in_the_header_and_it_must_be_right(fake: FakeGemini) -> None:
    assert verdict(ask(fake, key=None)) == (403, "PERMISSION_DENIED")
    wrong = ask(fake, key="wrong")
    assert verdict(wrong) == (400, "INVALID_ARGUMENT")
    assert wrong.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert verdict(ask(fake, query=f"?key={KEY}")) == (400, "INVALID_ARGUMENT")


def test_a_file_that_was_never_uploaded_is_nobodys(fake: FakeGemini) -> None:
    body = copy.deepcopy(GOOD)
    parts(body)[0] = {"fileData": {"mimeType": "image/png", "fileUri": f"{fake.url}/v1beta/files/file9"}}
    assert verdict(ask(fake, body)) == (403, "PERMISSION_DENIED")


def test_a_file_in_the_making_is_not_to_be_used_yet(fake: FakeGemini) -> None:
    fake.files.polls = 1
    address = uploaded(fake, jpeg(60, 40))
    body = copy.deepcopy(GOOD)
    parts(body)[0] = {"fileData": {"mimeType": "image/jpeg", "fileUri": address}}
    assert verdict(ask(fake, body)) == (400, "FAILED_PRECONDITION")
    assert requests.get(address, headers={"x-goog-api-key": KEY}, timeout=10).json()["state"] == "ACTIVE"
    assert ask(fake, body).ok


def test_an_upload_must_be_as_long_as_it_was_announced(fake: FakeGemini) -> None:
    with pytest.raises(requests.HTTPError):
        uploaded(fake, jpeg(60, 40), length=10)


def uploaded(fake: FakeGemini, data: bytes, length: int | None = None) -> str:
    """The address of a file after the two calls of its upload."""
    headers = {
        "x-goog-api-key": KEY,
        "X-Goog-Upload-Protocol": "resumable",
        "X-Goog-Upload-Command": "start",
        "X-Goog-Upload-Header-Content-Length": str(length or len(data)),
        "X-Goog-Upload-Header-Content-Type": "image/jpeg",
    }
    announced = requests.post(f"{fake.url}/upload/v1beta/files", json={"file": {}}, headers=headers, timeout=10)
    finish = {
        "x-goog-api-key": KEY,
        "X-Goog-Upload-Command": "upload, finalize",
        "X-Goog-Upload-Offset": "0",
    }
    sent = requests.post(announced.headers["X-Goog-Upload-URL"], data=data, headers=finish, timeout=10)
    sent.raise_for_status()
    return str(sent.json()["file"]["uri"])
