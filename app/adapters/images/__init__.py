"""Images through Pillow: decoded defensively, encoded without what a guest did not mean to share."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from app.adapters.images.allowance import Allowance
from app.adapters.images.colour import Coloured, simplify, to_srgb
from app.adapters.images.decoding import Opened, open_image, refusing
from app.adapters.images.encoding import encode
from app.domain.deadlines import Deadline
from app.domain.media import EncodedImage, ImageInfo, Output

_PREVIEW_QUALITY = 82
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

    def transcode(self, data: bytes, output: Output) -> EncodedImage:
        with self._opened(BytesIO(data)) as picture:
            if _is_already(picture, output):
                picture.decode(at_least=1)
                return EncodedImage(data, picture.info())
            image, profile = _fitted(picture, output.max_side)
            return encode(picture.turn_upright(image), output, profile)

    def preview(self, data: bytes, max_side: int) -> bytes:
        with self._opened(BytesIO(data)) as picture:
            image = to_srgb(_fitted(picture, max_side))
            return encode(picture.turn_upright(image), Output("webp", _PREVIEW_QUALITY), None).data

    def decode(self, data: bytes) -> Image.Image:
        """The picture upright and in sRGB, mode RGB or RGBA. Raises Refused as `inspect` does."""
        with self._opened(BytesIO(data)) as picture:
            image = picture.turn_upright(to_srgb(simplify(picture.decode())))
            return image.copy() if image is picture.file else image

    def encode(self, image: Image.Image, output: Output) -> bytes:
        """An sRGB image as a file that `transcode` to the same output passes on unchanged."""
        return encode(_shrunk(image, output.max_side), output, None).data

    @contextmanager
    def _opened(self, source: BinaryIO, deadline: Deadline | None = None) -> Iterator[Opened]:
        with self._files.taken(1, deadline):
            with refusing(self._max_pixels):
                picture = open_image(source, self._max_pixels)
            with self._pixels.taken(math.prod(picture.size), deadline), refusing(self._max_pixels):
                try:
                    yield picture
                finally:
                    picture.release()


def _is_already(picture: Opened, output: Output) -> bool:
    return (
        picture.is_bare
        and picture.mime_type == f"image/{output.format}"
        and picture.file.mode in _PLAIN_MODES[output.format]
        and (output.max_side is None or max(picture.size) <= output.max_side)
    )


def _fitted(picture: Opened, max_side: int | None) -> Coloured:
    """Decoded and not longer than `max_side`; a JPEG takes the fast way there."""
    image, profile = simplify(picture.decode(at_least=max_side and round(max_side * _SPARE)))
    return Coloured(_shrunk(image, max_side), profile)


def _shrunk(image: Image.Image, max_side: int | None) -> Image.Image:
    if max_side is None or max(image.size) <= max_side:
        return image
    scale = max_side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
