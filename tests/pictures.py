"""Image files for tests, good and bad, all made by code."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from pillow_heif import from_pillow

from tests.scene import party

MOSCOW = {1: "N", 2: (55.0, 45.0, 7.0), 3: "E", 4: (37.0, 36.0, 56.0)}
"""A GPS directory of EXIF: where the guests were."""

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def jpeg(
    width: int = 900,
    height: int = 600,
    *,
    image: Image.Image | None = None,
    orientation: int | None = None,
    gps: bool = False,
    **save: Any,
) -> bytes:
    """The party as a JPEG; with `orientation`, the pixels are stored as they are and only the tag is set."""
    picture = image or party(width, height)
    return encoded(picture, "JPEG", **{"quality": 92, "exif": exif(orientation, gps=gps), **save})


def png(width: int = 300, height: int = 200, *, image: Image.Image | None = None, **save: Any) -> bytes:
    return encoded(image or party(width, height), "PNG", **save)


def webp(width: int = 300, height: int = 200, *, image: Image.Image | None = None, **save: Any) -> bytes:
    return encoded(image or party(width, height), "WEBP", **save)


def heic(width: int = 320, height: int = 200, *, image: Image.Image | None = None, **save: Any) -> bytes:
    file = io.BytesIO()
    from_pillow(image or party(width, height)).save(file, quality=70, **save)
    return file.getvalue()


def encoded(picture: Image.Image, form: str, **save: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **save)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixels(data: bytes | Image.Image) -> np.ndarray:
    """Rows x columns x 3, as int16 so that differences do not wrap."""
    image = opened(data) if isinstance(data, bytes) else data
    return np.asarray(image.convert("RGB"), dtype=np.int16)


def exif(orientation: int | None = None, *, gps: bool = False) -> bytes:
    tags = Image.Exif()
    if orientation is not None:
        tags[0x0112] = orientation
    if gps:
        tags.get_ifd(0x8825).update(MOSCOW)
    return tags.tobytes() if orientation is not None or gps else b""


def wide_gamut_profile() -> bytes:
    """An RGB profile whose colours are visibly more saturated than sRGB's: sRGB with red and green swapped apart."""
    return _with_primaries(SRGB, {b"rXYZ": (0.6097, 0.3111, 0.0195), b"gXYZ": (0.2053, 0.6257, 0.0609)})


def _with_primaries(profile: bytes, primaries: dict[bytes, tuple[float, float, float]]) -> bytes:
    """ICC.1 profiles: the tag table from byte 128, s15Fixed16 numbers 8 bytes into an XYZ tag."""
    data = bytearray(profile)
    for i in range(struct.unpack_from(">I", data, 128)[0]):
        name, offset, _ = struct.unpack_from(">4sII", data, 132 + 12 * i)
        if name in primaries:
            struct.pack_into(">3i", data, offset + 8, *(round(v * 65536) for v in primaries[name]))
    return bytes(data)


def quadrants(width: int, height: int) -> Image.Image:
    """Red, green, blue and white from the upper left to the lower right."""
    small = Image.new("RGB", (2, 2))
    small.putdata([(220, 20, 20), (20, 200, 20), (20, 20, 220), (255, 255, 255)])
    return small.resize((width, height), Image.Resampling.NEAREST)


def logo_frame(width: int = 300, height: int = 200, border: int = 20) -> Image.Image:
    """A green border around a transparent window."""
    frame = Image.new("RGBA", (width, height), (0, 160, 60, 255))
    frame.paste((0, 0, 0, 0), (border, border, width - border, height - border))
    return frame


def with_text(*, compressed: bool = True, **texts: str) -> PngInfo:
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text, zip=compressed)
    return info


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def png_header(width: int, height: int, depth: int = 8, colour_type: int = 2) -> bytes:
    return png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))


def flat_png(width: int, height: int) -> bytes:
    """A grey PNG that is complete and tiny whatever its size: a bomb when that is large."""
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return png_file(png_header(width, height, colour_type=0), png_chunk(b"IDAT", body))


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def after_start(data: bytes, *segments: bytes) -> bytes:
    """A JPEG with segments put behind its start of image."""
    return data[:2] + b"".join(segments) + data[2:]


def webp_with_canvas(width: int, height: int) -> bytes:
    """A small WebP whose extended header claims a canvas of the given size."""
    inner = webp(32, 32)[12:]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + _le24(width - 1) + _le24(height - 1)
    return riff(b"WEBP" + extended + inner)


def riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _le24(value: int) -> bytes:
    return struct.pack("<I", value)[:3]
