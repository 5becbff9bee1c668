"""The offline provider: effects, colour transfer and frames, made on this machine without network or keys."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Any, TypeVar

import cv2
import numpy as np
from PIL import Image

from app.adapters.providers import Codec, Tools
from app.adapters.providers.local.effects import EFFECTS, Effect
from app.adapters.providers.local.frame import FITS, is_opaque
from app.adapters.providers.local.transfer import colours_of
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault, Refused
from app.domain.media import OUTPUT_FORMATS, Output
from app.ports.providers import Connection, InputImage, ProviderAnswer, ProviderRequest

T = TypeVar("T")

_GLANCE_SECONDS = 0.2  # how often a waiting job looks whether it is still wanted
_DRAFT_QUALITY = 95  # of a JPEG that is decoded and encoded once more before anybody sees it


def create(tools: Tools) -> "LocalProvider":
    return LocalProvider(tools.codec)


class LocalProvider:
    """Implements Provider: `image_edit`, `style_transfer` and `frame`, about a second for 24 megapixels.

    At most `at_once` pictures are in the making, each of 24 megapixels in about 0.4 GB; others wait for their turn.
    """

    def __init__(self, codec: Codec, at_once: int = 2) -> None:
        self._codec = codec
        self._places = BoundedSemaphore(at_once)
        self._operations: Mapping[str, Callable[[ProviderRequest, Image.Image], Image.Image]] = {
            "image_edit": self._edit,
            "style_transfer": self._transfer,
            "frame": self._frame,
        }

    def check(self, connection: Connection, deadline: Deadline) -> None:
        """There is no key, and nobody to ask."""

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        operation = self._operations.get(request.operation)
        if operation is None:
            raise _bad_argument(f"There is no operation {request.operation!r}.")
        with self._turn(request):
            shot = self._decode(request.shot, "The shot")
            _check_time(request)
            picture = operation(request, shot)
            _check_time(request)
            output = _output(request, is_reshaped=picture.size != shot.size)
            return ProviderAnswer(self._codec.encode(picture, output))

    @contextmanager
    def _turn(self, request: ProviderRequest) -> Iterator[None]:
        _check_time(request)
        while not self._places.acquire(timeout=_GLANCE_SECONDS):
            _check_time(request)
        try:
            yield
        finally:
            self._places.release()

    def _edit(self, request: ProviderRequest, shot: Image.Image) -> Image.Image:
        effect = _one_of(EFFECTS, request.settings, "effect")
        photo_left = 1 - _strength(request.settings) / 100
        # a fifth of the photo under a drawing is a stain: at a strength of 80 only a twenty-fifth is left
        return _repainted(shot, effect, 1 - photo_left**2)

    def _transfer(self, request: ProviderRequest, shot: Image.Image) -> Image.Image:
        strength = _strength(request.settings)
        reference = np.asarray(_on_white(self._template(request)))
        _check_time(request)
        return _repainted(shot, lambda rgb: colours_of(rgb, reference), strength / 100)

    def _frame(self, request: ProviderRequest, shot: Image.Image) -> Image.Image:
        fit = _one_of(FITS, request.settings, "fit")
        frame = self._template(request)
        if is_opaque(frame):
            raise _bad_argument("The frame has no transparent part: the shot would not be seen.")
        _check_time(request)
        return fit(shot, frame)

    def _template(self, request: ProviderRequest) -> Image.Image:
        template = request.templates.get("template")
        if template is None:
            raise _bad_argument("This operation needs a template image.")
        return self._decode(template, "The template image")

    def _decode(self, image: InputImage, what: str) -> Image.Image:
        try:
            return self._codec.decode(image.data)
        except Refused as error:
            raise _bad_argument(f"{what} cannot be used. {error.message}") from error


def _output(request: ProviderRequest, *, is_reshaped: bool) -> Output:
    """What the slot wants in the end, so that it is encoded once; or a draft for what is still to be done with it."""
    output = request.output
    if output.format == "original":
        own = request.shot.mime_type.removeprefix("image/")
        output = replace(output, format=own if own in OUTPUT_FORMATS else "jpeg")
    if output.overlay or output.qr_corner or (is_reshaped and output.aspect != "none"):
        return replace(output, quality=max(output.quality, _DRAFT_QUALITY), max_side=None)
    return output


def _repainted(shot: Image.Image, effect: Effect, share: float) -> Image.Image:
    """The shot mixed with the effect, whose `share` is 0 to 1; the shot's transparency stays."""
    before = np.asarray(_on_white(shot))
    after = effect(before) if share else before
    if 0 < share < 1:
        cv2.addWeighted(before, 1 - share, after, share, 0, dst=after)
    picture = Image.fromarray(after)
    if shot.mode == "RGBA":
        picture.putalpha(shot.getchannel("A"))
    return picture


def _on_white(image: Image.Image) -> Image.Image:
    """What an effect sees of a cut-out: the colours of invisible pixels are accidents."""
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image)
    return ground


def _strength(settings: Mapping[str, Any]) -> int:
    value = settings.get("strength")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
        raise _bad_argument(f"strength must be a whole number from 0 to 100, not {value!r}.")
    return value


def _one_of(choices: Mapping[str, T], settings: Mapping[str, Any], name: str) -> T:
    choice = choices.get(str(settings.get(name)))
    if choice is None:
        raise _bad_argument(f"{name} must be one of {', '.join(choices)}, not {settings.get(name)!r}.")
    return choice


def _check_time(request: ProviderRequest) -> None:
    if request.cancelled.is_set():
        raise ProviderFault(FaultKind.CANCELLED, "The job ended before its picture was ready.", permanent=False)
    if request.deadline.remaining(time.monotonic()) == 0:
        raise ProviderFault(FaultKind.HANG, "The window was over before the picture was ready.", permanent=False)


def _bad_argument(message: str) -> ProviderFault:
    return ProviderFault(FaultKind.BAD_ARGUMENT, message, permanent=True)
