"""The chunks of PNG, WebP and HEIF files, walked to the end: each must lie inside the file."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from app.adapters.images.malformed import Malformed, read_exactly

_MAX_CHUNKS = 20_000
_BLOCK = 1 << 18

_PNG_PICTURE = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"pHYs"}
_WEBP_PICTURE = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"}


def check_png(source: BinaryIO) -> bool:
    """Whether the file holds nothing beside picture and colour profile; raises Malformed unless it is complete.

    Checksums are verified (PNG specification, chapter 5).
    """
    source.seek(8)
    kinds = []
    for kind in _png_chunks(source):
        kinds.append(kind)
    if kinds[0] != b"IHDR":
        raise Malformed("a PNG file begins with its header")
    return _PNG_PICTURE.issuperset(kinds) and not source.read(1)


def _png_chunks(source: BinaryIO) -> Iterator[bytes]:
    for _ in range(_MAX_CHUNKS):
        length, kind = int.from_bytes(read_exactly(source, 4)), read_exactly(source, 4)
        checksum = zlib.crc32(kind)
        for block in _blocks(source, length):
            checksum = zlib.crc32(block, checksum)
        if read_exactly(source, 4) != checksum.to_bytes(4):
            raise Malformed("a chunk whose checksum is wrong")
        yield kind
        if kind == b"IEND":
            return
    raise Malformed("too many chunks")


def check_webp(source: BinaryIO) -> bool:
    """As `check_png`, by the RIFF container (RFC 9649, chapter 2)."""
    size = _size_of(source)
    end = 8 + int.from_bytes(read_exactly(source, 8)[4:], "little")
    source.seek(12)
    kinds = set()
    for _ in range(_MAX_CHUNKS):
        if source.tell() >= end:
            break
        kind, length = read_exactly(source, 4), int.from_bytes(read_exactly(source, 4), "little")
        kinds.add(kind)
        source.seek(length + length % 2, 1)
    if source.tell() - end not in (0, 1) or end > size:  # the last chunk's padding is often not counted
        raise Malformed("chunks that do not fill their container")
    return kinds <= _WEBP_PICTURE and end == size


def check_heif(source: BinaryIO) -> bool:
    """False, for a phone's metadata is always there; raises Malformed if a box reaches beyond the file.

    Boxes as in ISO/IEC 14496-12, chapter 4.
    """
    size, end = _size_of(source), 0
    for _ in range(_MAX_CHUNKS):
        if end == size:
            return False
        source.seek(end)
        length, header = int.from_bytes(read_exactly(source, 4)), 8
        read_exactly(source, 4)
        if length == 1:
            length, header = int.from_bytes(read_exactly(source, 8)), 16
        end = end + length if length else size
        if (length and length < header) or end > size:
            raise Malformed("a box reaches beyond the file")
    raise Malformed("too many boxes")


def _blocks(source: BinaryIO, length: int) -> Iterator[bytes]:
    while length:
        block = read_exactly(source, min(length, _BLOCK))
        length -= len(block)
        yield block


def _size_of(source: BinaryIO) -> int:
    """The size of the whole file in bytes; the reading position is put to its beginning."""
    size = source.seek(0, 2)
    source.seek(0)
    return size
