"""Untrusted bytes become pixels, or a Refused and nothing else."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from app.adapters.images.chunked import check_heif, check_png, check_webp
from app.adapters.images.colour import has_fitting_profile
from app.adapters.images.jpeg_stream import check_jpeg, without_metadata
from app.adapters.images.signatures import HEAD_BYTES, sniff
from app.domain.errors import Reason, Refused
from app.domain.media import ACCEPTED_TYPES, ImageInfo

MAX_SIDE = 16_000
"""Pixels: no picture is longer, so that each fits into every output format (WebP ends at 16,383)."""

_MAX_PROFILE_BYTES = 4_000_000

# Pillow's blocks of 16 MB come to lie in the heap of the thread that asked, and glibc keeps that long after; blocks
# above the 32 MB where its sliding threshold ends (mallopt(3), M_MMAP_THRESHOLD) go back to the system at once.
Image.core.set_block_size(64 << 20)  # type: ignore[attr-defined]  # its stubs leave it out

# The classes are named rather than found by Image.open, which would let files choose among all of Pillow's formats.
_DECODERS = {
    "image/jpeg": (check_jpeg, JpegImageFile),
    "image/png": (check_png, PngImageFile),
    "image/webp": (check_webp, WebPImageFile),
    "image/heic": (check_heif, HeifImageFile),
    "image/heif": (check_heif, HeifImageFile),
}

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose container is sound and whose size is allowed; its pixels are still to be decoded.

    `size` is width and height in pixels as stored. `is_bare`: it holds nothing but picture and colour profile.
    """

    file: ImageFile
    mime_type: str
    size: tuple[int, int]
    is_bare: bool

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height as displayed; all but a JPEG is decoded for it, for metadata may follow the pixels."""
        if self.mime_type != "image/jpeg":
            self.file.load()
        return self._turned(self._orientation())

    @property
    def header_size(self) -> tuple[int, int]:
        """As `upright_size`, by what stands before the pixels alone: none of them is decoded."""
        return self._turned(_orientation_in(partial(Image.Image.getexif, self.file)))  # PngImageFile's own decodes

    def bare(self, data: bytes) -> bytes | None:
        """The bytes of this file, `data`, with nothing beside an upright picture and its colour profile.

        They may be `data` itself; None if the picture must be encoded anew for it.
        """
        keeps_profile = has_fitting_profile(self.file)
        if self.is_bare and (keeps_profile or "icc_profile" not in self.file.info):
            return data
        if self.mime_type != "image/jpeg" or self._orientation() != 1:
            return None
        return without_metadata(data, keeps_profile=keeps_profile)

    def decode(self, at_least: int | None = None) -> Image.Image:
        """The first frame, as stored; the whole file has been read then.

        A JPEG whose longest side may shrink to `at_least` pixels is decoded at 1/2, 1/4 or 1/8, which is faster
        and takes little memory. HEIF files are never asked for less: they would give an embedded thumbnail.
        """
        if at_least and self.mime_type == "image/jpeg":
            scale = at_least / max(self.size)
            self.file.draft(self.file.mode, (round(self.size[0] * scale) or 1, round(self.size[1] * scale) or 1))
        self.file.load()
        return self.file

    def release(self) -> None:
        """Give the pixels' memory back, however long this object lives; images made from them stay."""
        Image.Image.close(self.file)  # the file's own `close` closes the caller's source too

    def turn_upright(self, image: Image.Image) -> Image.Image:
        """`image`, decoded from this file, as the EXIF orientation wants it shown."""
        method = _UPRIGHT.get(self._orientation())
        return image if method is None else image.transpose(method)

    def info(self) -> ImageInfo:
        """What the file is; to be asked after `decode`, for metadata may follow the pixels."""
        return ImageInfo(self.mime_type, *self._turned(self._orientation()))

    def _orientation(self) -> int:
        return _orientation_in(self.file.getexif)

    def _turned(self, orientation: int) -> tuple[int, int]:
        width, height = self.size
        return (height, width) if orientation >= 5 else (width, height)


def open_image(source: BinaryIO, max_pixels: int) -> Opened:
    """Check type, container and size of the file that begins at `source`'s position 0. Raises Refused.

    May raise anything else on hostile bytes: call it inside `refusing`.
    """
    source.seek(0)
    mime_type = sniff(source.read(HEAD_BYTES))
    if mime_type is None:
        raise Refused(
            Reason.UNSUPPORTED_MEDIA_TYPE,
            f"The file must be one of {', '.join(ACCEPTED_TYPES)}.",
            details={"allowed": list(ACCEPTED_TYPES)},
        )
    check, decoder = _DECODERS[mime_type]
    source.seek(0)
    is_bare = check(source)
    source.seek(0)
    file = decoder(source)
    _check_size(*file.size, max_pixels)
    if len(file.info.get("icc_profile") or b"") > _MAX_PROFILE_BYTES:
        raise _invalid()
    return Opened(file, mime_type, file.size, is_bare)


def _orientation_in(read_exif: Callable[[], Image.Exif]) -> int:
    try:
        value = read_exif().get(_ORIENTATION_TAG)
    except Exception:  # noqa: BLE001 - broken EXIF, which fails in any way, spoils no photo
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise Refused(
            Reason.PAYLOAD_TOO_LARGE,
            f"The image has more than {max_pixels} pixels.",
            details={"max_pixels": max_pixels, "width": width, "height": height},
        )
    if max(width, height) > MAX_SIDE:
        raise Refused(
            Reason.INVALID_IMAGE,
            f"No side of the image may be longer than {MAX_SIDE} pixels.",
            details={"max_side": MAX_SIDE, "width": width, "height": height},
        )


@contextmanager
def refusing(max_pixels: int) -> Iterator[None]:
    """Whatever decoders raise on hostile bytes leaves as Refused; their frames, which hold the pixels, are cleared."""
    try:
        yield
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused(
            Reason.PAYLOAD_TOO_LARGE,
            f"The image has more than {max_pixels} pixels.",
            details={"max_pixels": max_pixels},
        ) from error
    except Exception as error:
        traceback.clear_frames(error.__traceback__)
        raise _invalid() from error


def _invalid() -> Refused:
    return Refused(Reason.INVALID_IMAGE, "The file is damaged or is not a complete image.")
