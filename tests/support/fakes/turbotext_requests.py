"""What Turbotext's methods take, checked as strictly as its documentation is."""

import io
import re
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from tests.support.fakes.messages import Call

Check = Callable[[str], bool]


@dataclass(frozen=True)
class Method:
    """`words` must not be empty; `pictures` are parameters that name addresses."""

    pictures: tuple[str, ...]
    optional: Mapping[str, Check]
    words: tuple[str, ...] = ()


class Refused(Exception):
    """The error word is the argument."""


def _whole(low: int, high: int) -> Check:
    return lambda text: re.fullmatch(r"\d{1,12}", text) is not None and low <= int(text) <= high


def _number(low: float, high: float) -> Check:
    return lambda text: re.fullmatch(r"\d+(\.\d+)?", text) is not None and low <= float(text) <= high


METHODS = {
    "generate_image2image": Method(
        pictures=("url",),
        words=("content",),
        optional={
            "strength": _whole(0, 80),
            "seed": _whole(1, 10**10),
            "scale": _number(0.1, 20),
            "negative_prompt": lambda text: len(text.split()) <= 80,
            "original_language": lambda text: re.fullmatch("[a-z]{2}", text) is not None,
            "user_id": _whole(1, 10**9),
        },
    ),
    "mix_images": Method(pictures=("url_image_target", "url"), optional={"content": bool}),
    "deepfake_photo": Method(
        pictures=("url", "url_image_target"), optional={"face_restore": lambda text: text in ("True", "False")}
    ),
}


def pictures_of(call: Call, method: Method, seconds: float = 5.0) -> dict[str, bytes]:
    """The pictures of a create call by parameter, those at addresses fetched; raises Refused for what is wrong.

    The part `file` stands for the one address that is missing.
    """
    form, files = call.form().to_dict(), call.files()
    given = {"file": files["file"].read()} if "file" in files else {}
    missing = [name for name in method.pictures if name not in form]
    if list(files) not in ([], ["file"]) or len(missing) != len(given):
        raise Refused("params_error")
    _check_parameters({name: text for name, text in form.items() if name != "do"}, method)
    fetched = {name: _fetched(form[name], seconds) for name in method.pictures if name in form}
    for data in (*given.values(), *fetched.values()):
        _check_picture(data)
    return fetched | given


def _check_parameters(form: dict[str, str], method: Method) -> None:
    known = {*method.pictures, *method.words, *method.optional}
    are_wrong = [not check(form[name]) for name, check in method.optional.items() if name in form]
    if set(form) - known or any(are_wrong) or not all(form.get(name, "").strip() for name in method.words):
        raise Refused("params_error")


def _fetched(url: str, seconds: float) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            data: bytes = answer.read()
    except (OSError, ValueError):
        raise Refused("url_error") from None
    return data


def _check_picture(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            image.load()
    except OSError:
        raise Refused("url_error") from None
    if min(image.size) < 64:
        raise Refused("size_error")
