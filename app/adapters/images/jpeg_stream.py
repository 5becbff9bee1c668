"""The markers of a JPEG file, walked from its first byte to its end of image (ITU-T T.81, annex B)."""

import re
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
_JFIF_WITHOUT_THUMBNAIL = 14


def check_jpeg(source: BinaryIO) -> bool:
    """Whether the file holds nothing beside picture and colour profile; raises Malformed unless it is complete."""
    if read_exactly(source, 2) != bytes((0xFF, _SOI)):
        raise Malformed("no start of image")
    is_bare, scans = True, 0
    for _ in range(_MAX_SEGMENTS):
        marker = _marker_after_data(source) if scans else _header_marker(source)
        if marker == _EOI:
            return is_bare and not source.read(1)
        is_bare &= _skip_segment(source, marker)
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


def _skip_segment(source: BinaryIO, marker: int) -> bool:
    """Whether the segment belongs to the picture or its colours."""
    length = int.from_bytes(read_exactly(source, 2)) - 2
    if length < 0:
        raise Malformed("a segment of impossible length")
    body = read_exactly(source, length)
    if marker == _APP0:
        return length == _JFIF_WITHOUT_THUMBNAIL and body.startswith(b"JFIF\x00")
    if marker == _APP2:
        return body.startswith(b"ICC_PROFILE\x00")
    return marker == _APP14 or not (_APP0 <= marker <= _APP15 or marker == _COM)
