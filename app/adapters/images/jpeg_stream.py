"""The markers of a JPEG file, walked from its first byte to its end of image (ITU-T T.81, annex B)."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from app.adapters.images.malformed import Malformed, read_exactly

_MAX_SEGMENTS = 4_000
_MAX_SCANS = 100  # encoders write ten or so; each costs a pass over the whole picture and may be a few bytes long
_MAX_FILL = 16
_BLOCK = 1 << 18

_SOI, _EOI, _SOS, _DQT, _DRI, _COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xFE
_APP0, _APP2, _APP14, _APP15 = 0xE0, 0xE2, 0xEE, 0xEF
_HEADER_MARKERS = {*range(0xC0, 0xD0), _SOS, _DQT, _DRI, *range(_APP0, _APP15 + 1), _COM}
_MARKER_IN_DATA = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def check_jpeg(source: BinaryIO) -> bool:
    """Whether the file holds nothing beside picture and colour profile; raises Malformed unless it is complete."""
    is_bare = True
    for marker, body in _segments(source):
        is_bare &= _of_the_picture(marker, body) == body
    return is_bare and not source.read(1)


def without_metadata(data: bytes, *, keeps_profile: bool = True) -> bytes | None:
    """The same file with nothing beside picture and colour profile: its pixels decode to the same bits.

    None where that cannot be promised: metadata between scans ends the data before it, and without it the bytes behind
    would be taken for more of that. Raises Malformed as `check_jpeg` does.
    """
    source, kept, picture_at = BytesIO(data), [bytes((0xFF, _SOI))], 0
    for marker, body in _segments(source):
        part = _of_the_picture(marker, body)
        if picture_at and part != body:
            return None
        if not picture_at and part is not None and (keeps_profile or marker != _APP2):
            kept.append(bytes((0xFF, marker)) + (len(part) + 2).to_bytes(2) + part)
        if marker == _SOS:
            picture_at = picture_at or source.tell()
    return b"".join([*kept, memoryview(data)[picture_at : source.tell()]])


def _segments(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Marker and body of each segment; `source` is left behind the end of image. Raises Malformed if there is none."""
    if read_exactly(source, 2) != bytes((0xFF, _SOI)):
        raise Malformed("no start of image")
    scans = 0
    for _ in range(_MAX_SEGMENTS):
        marker = _marker_after_data(source) if scans else _header_marker(source)
        if marker == _EOI:
            return
        yield marker, _body(source)
        scans += marker == _SOS
        if scans > _MAX_SCANS:
            raise Malformed("too many scans")
    raise Malformed("too many segments")


def _header_marker(source: BinaryIO) -> int:
    """The next marker before the first scan, possibly behind a few fill bytes."""
    if read_exactly(source, 1) != b"\xff":
        raise Malformed("no marker where one belongs")
    for _ in range(_MAX_FILL):
        marker = read_exactly(source, 1)[0]
        if marker in _HEADER_MARKERS:
            return marker
        if marker != 0xFF:
            break
    raise Malformed("no marker that may stand before the picture")


def _marker_after_data(source: BinaryIO) -> int:
    """The marker that ends the entropy-coded data ahead."""
    while len(block := source.read(_BLOCK)) > 1:
        if found := _MARKER_IN_DATA.search(block):
            source.seek(found.end() - len(block), 1)
            return block[found.start() + 1]
        source.seek(-block.endswith(b"\xff"), 1)
    raise Malformed("the file ends before its picture does")


def _body(source: BinaryIO) -> bytes:
    length = int.from_bytes(read_exactly(source, 2)) - 2
    if length < 0:
        raise Malformed("a segment of impossible length")
    return read_exactly(source, length)


def _of_the_picture(marker: int, body: bytes) -> bytes | None:
    """What of a segment tells how the picture looks: decoders take colours from JFIF's and Adobe's being there."""
    if marker == _APP0:
        return body[:12] + bytes(2) if len(body) >= 14 and body.startswith(b"JFIF\0") else None  # without thumbnail
    if marker == _APP2:
        return body if body.startswith(b"ICC_PROFILE\0") else None
    if marker == _APP14:
        return body[:12] if len(body) >= 12 and body.startswith(b"Adobe") else None
    return None if _APP0 <= marker <= _APP15 or marker == _COM else body
