"""Where the files of archives come from, and what is remembered of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import BinaryIO
from zlib import crc32

from app.domain.errors import MediaMissing
from app.ports.media import MediaStore

_CHUNK = 256 * 1024
_REMEMBERED = 20_000  # checksums, and lost files; a few megabytes each


class Sources:
    """Files of the media store by their paths, under which nothing ever changes."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._crcs: OrderedDict[str, int] = OrderedDict()
        self._lost: OrderedDict[str, None] = OrderedDict()
        self._changing = threading.Lock()

    def open(self, path: str, size_bytes: int) -> BinaryIO:
        """Raises MediaMissing, also for a file that has another size; then it is lost for archives to come."""
        try:
            stream, size = self._media.open(path)
        except MediaMissing:
            self._lose(path)
            raise
        if size != size_bytes:
            stream.close()
            self._lose(path)
            raise MediaMissing(f"{path} has {size} bytes instead of {size_bytes}")
        return stream

    def is_lost(self, path: str, size_bytes: int) -> bool:
        """Whether the file could not be read before and still cannot; it may be back."""
        if path not in self._lost:
            return False
        try:
            is_back = self._media.size(path) == size_bytes
        except MediaMissing:
            is_back = False
        if is_back:
            with self._changing:
                self._lost.pop(path, None)
        return not is_back

    def crc(self, path: str) -> int | None:
        """The CRC-32 of a file that was read lately, None if it is not known."""
        return self._crcs.get(path)

    def remember(self, path: str, crc: int) -> None:
        with self._changing:
            self._crcs[path] = crc
            self._crcs.move_to_end(path)
            while len(self._crcs) > _REMEMBERED:
                self._crcs.popitem(last=False)

    def _lose(self, path: str) -> None:
        with self._changing:
            self._lost[path] = None
            while len(self._lost) > _REMEMBERED:
                self._lost.popitem(last=False)


def chunks(stream: BinaryIO, size_bytes: int, check: Callable[[], None]) -> Iterator[bytes]:
    """Exactly `size_bytes` of the stream from its beginning; `check` comes before each piece.

    Raises MediaMissing if there are fewer.
    """
    stream.seek(0)
    left = size_bytes
    while left:
        check()
        chunk = stream.read(min(_CHUNK, left))
        if not chunk:
            raise MediaMissing("the file has become shorter")
        left -= len(chunk)
        yield chunk


def crc_of(stream: BinaryIO, size_bytes: int, check: Callable[[], None]) -> int:
    """CRC-32 of what `chunks` gives."""
    crc = 0
    for chunk in chunks(stream, size_bytes, check):
        crc = crc32(chunk, crc)
    return crc
