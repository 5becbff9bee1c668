"""Images through Pillow: decoded defensively, encoded without what a guest did not mean to share."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import BoundedSemaphore
from typing import BinaryIO

from PIL import Image

from app.adapters.images.colour import Coloured, simplify, to_srgb
from app.adapters.images.decoding import Opened, open_image, refusing
from app.adapters.images.encoding import encode
from app.domain.media import EncodedImage, ImageInfo, Output

_PREVIEW_QUALITY = 82
_SPARE = 1.5  # a JPEG that will be shrunk is decoded at least this much larger: scaling by the decoder is coarse
_PLAIN_MODES = {"jpeg": ("L", "RGB"), "png": ("L", "LA", "RGB", "RGBA"), "webp": ("RGB", "RGBA")}


class Images:
    """Implements ImageTool.

    Pictures of up to `max_pixels` are accepted. At most `at_once` are decoded at a time; other threads wait, so that
    memory stays bounded however many booths send at once.
    """

    def __init__(self, max_pixels: int = 80_000_000, at_once: int = 4) -> None:
        self._max_pixels = max_pixels
        self._places = BoundedSemaphore(at_once)

    def inspect(self, source: BinaryIO) -> ImageInfo:
        """See ImageTool; `source` is left at its beginning."""
        try:
            with self._opened(source) as picture:
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
            return picture.turn_upright(to_srgb(simplify(picture.decode())))

    def encode(self, image: Image.Image, output: Output) -> bytes:
        """An sRGB image as a file that `transcode` to the same output passes on unchanged."""
        return encode(_shrunk(image, output.max_side), output, None).data

    @contextmanager
    def _opened(self, source: BinaryIO) -> Iterator[Opened]:
        with self._places, refusing(self._max_pixels):
            yield open_image(source, self._max_pixels)


def _is_already(picture: Opened, output: Output) -> bool:
    return (
        picture.is_bare
        and picture.mime_type == output.mime_type
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
