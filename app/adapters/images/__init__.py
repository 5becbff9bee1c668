"""Images through Pillow: decoded defensively, encoded without what a guest did not mean to share."""

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from app.adapters.images.allowance import Allowance
from app.adapters.images.arranging import arranged
from app.adapters.images.colour import Coloured, simplify, to_srgb
from app.adapters.images.decoding import Opened, open_image, refusing
from app.adapters.images.encoding import encode, encode_within, resolved
from app.adapters.images.layout import CANVAS_PIXELS, Layout, layout_of, shrunk
from app.adapters.images.printing import lay_over, print_code
from app.domain.catalogue import InputLimits
from app.domain.deadlines import Deadline
from app.domain.errors import Reason, Refused
from app.domain.media import EncodedImage, Finish, ImageInfo, Output

_PREVIEW_QUALITIES = (82, 70, 55, 40)
_SPARE = 1.5  # a JPEG that will be shrunk is decoded at least this much larger: scaling by the decoder is coarse
_PLAIN_MODES = {"jpeg": ("L", "RGB"), "png": ("L", "LA", "RGB", "RGBA"), "webp": ("RGB", "RGBA")}


class Images:
    """Implements ImageTool.

    Pictures of up to `max_pixels` are accepted, which is room for the 61 megapixels of the largest full-frame cameras.
    However many booths send at once, memory stays bounded: at most `at_once` files are open, and of those as many are
    decoded as have `pixels_at_once` together; other threads wait, first come, first served.
    """

    def __init__(
        self,
        max_pixels: int = 64_000_000,
        *,
        at_once: int = 4,
        pixels_at_once: int = 100_000_000,
        patience_seconds: float = 10.0,
    ) -> None:
        self._max_pixels = max_pixels
        self._files = Allowance(at_once)
        self._pixels = Allowance(pixels_at_once)
        self._patience_seconds = patience_seconds

    def inspect(self, source: BinaryIO) -> ImageInfo:
        """See ImageTool; `source` is left at its beginning."""
        deadline = Deadline(time.monotonic() + self._patience_seconds)
        try:
            with self._opened(source, deadline) as picture:
                picture.decode(at_least=1)
                return picture.info()
        finally:
            source.seek(0)

    def size_of(self, data: bytes) -> tuple[int, int]:
        """See ImageTool."""
        with refusing(self._max_pixels):
            return open_image(BytesIO(data), self._max_pixels).header_size

    def finish(self, data: bytes, finish: Finish) -> EncodedImage:
        """See ImageTool."""
        overlay = None if finish.overlay is None else self._open_overlay(finish.overlay)
        with self._opened(BytesIO(data), beside=_pixels_beside(overlay, finish.output)) as picture:
            output, layout = resolved(finish.output, picture.mime_type), layout_of(picture.upright_size, finish)
            is_printed_on = bool(overlay or (output.qr_corner and finish.qr_text))
            is_done = not is_printed_on and layout.changes_nothing and _is_already(picture, output.format)
            if is_done and (bare := picture.bare(data)) is not None:
                picture.decode(at_least=1)
                return EncodedImage(bare, picture.info())
            image, profile = _arranged(picture, layout)
            if is_printed_on:
                # in sRGB, which overlays are drawn in: they look as they were meant whatever the picture's profile
                image, profile = to_srgb(Coloured(image, profile)), None
                picture.release()
                self._print_on(image, overlay, finish)
            return encode(image, output, profile)

    def convert(self, data: bytes, mime_type: str, limits: InputLimits) -> tuple[bytes, str]:
        """See ImageTool. What is converted becomes sRGB: few providers look at a profile."""
        with refusing(self._max_pixels):
            picture = open_image(BytesIO(data), self._max_pixels)
            bare = picture.bare(data) if mime_type in limits.types and max(picture.size) <= limits.max_side else None
        if bare is not None and len(bare) <= limits.max_bytes:
            return bare, mime_type
        with self._opened(BytesIO(data)) as picture:
            image = to_srgb(_arranged(picture, shrunk(picture.upright_size, limits.max_side)))
            return encode_within(limits, image)

    def preview(self, data: bytes, max_side: int, max_bytes: int | None = None) -> bytes:
        """See ImageTool."""
        limits = InputLimits(("image/webp",), max_bytes or sys.maxsize, max_side)
        with self._opened(BytesIO(data)) as picture:
            image = to_srgb(_arranged(picture, shrunk(picture.upright_size, max_side)))
            return encode_within(limits, image, _PREVIEW_QUALITIES)[0]

    def decode(self, data: bytes) -> Image.Image:
        """The picture upright and in sRGB, mode RGB or RGBA. Raises Refused as `inspect` does."""
        with self._opened(BytesIO(data)) as picture:
            image = picture.turn_upright(to_srgb(simplify(picture.decode())))
            return image.copy() if image is picture.file else image

    def encode(self, image: Image.Image, output: Output) -> bytes:
        """An sRGB image as a file that `finish` with the same output passes on unchanged."""
        return encode(arranged(image, shrunk(image.size, output.max_side)), output, None).data

    def _print_on(self, image: Image.Image, overlay: Opened | None, finish: Finish) -> None:
        if overlay:
            lay_over(image, self._decode_overlay(overlay), finish.output.overlay_place)
        if finish.output.qr_corner and finish.qr_text:
            print_code(image, finish.qr_text, finish.output.qr_corner)

    def _open_overlay(self, data: bytes) -> Opened:
        """Only its header is read, which needs no turn; its pixels are counted with the picture's."""
        with _blaming_the_overlay(), refusing(self._max_pixels):
            return open_image(BytesIO(data), self._max_pixels)

    def _decode_overlay(self, overlay: Opened) -> Image.Image:
        with _blaming_the_overlay(), refusing(self._max_pixels):
            try:
                return overlay.turn_upright(to_srgb(simplify(overlay.decode())))
            finally:
                overlay.release()

    @contextmanager
    def _opened(self, source: BinaryIO, deadline: Deadline | None = None, *, beside: int = 0) -> Iterator[Opened]:
        """`beside`: so many pixels are needed at the same time, though they are not in this file."""
        with self._files.taken(1, deadline):
            with refusing(self._max_pixels):
                picture = open_image(source, self._max_pixels)
            pixels = math.prod(picture.size) + beside
            with self._pixels.taken(pixels, deadline), refusing(self._max_pixels):
                try:
                    yield picture
                finally:
                    picture.release()


@contextmanager
def _blaming_the_overlay() -> Iterator[None]:
    try:
        yield
    except Refused as error:
        message = f"The overlay cannot be used. {error.message}"
        raise Refused(Reason.INVALID_SETTINGS, message, details=error.details) from error


def _pixels_beside(overlay: Opened | None, output: Output) -> int:
    return (math.prod(overlay.size) if overlay else 0) + (CANVAS_PIXELS if output.aspect == "fit" else 0)


def _is_already(picture: Opened, form: str) -> bool:
    """Whether a file of this format is there already, in a mode that it would be written in."""
    return picture.mime_type == f"image/{form}" and picture.file.mode in _PLAIN_MODES[form]


def _arranged(picture: Opened, layout: Layout) -> Coloured:
    """Decoded, upright and laid out; a JPEG that shrinks takes the fast way there."""
    at_least = math.ceil(max(picture.size) * layout.scale * _SPARE) if layout.scale < 1 else None
    image, profile = simplify(picture.decode(at_least))
    return Coloured(arranged(picture.turn_upright(image), layout), profile)
