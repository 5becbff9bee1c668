"""Where everything lies in a ZIP whose files are stored as they are: known before a byte of them is read.

The format is PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.14 to 4.3.16
(its end, with the larger one for archives beyond 4 GiB). Checksums stand in front of the files, not behind them, for
programs that read a ZIP from its beginning.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_DIRECTORY_ENTRY = struct.Struct("<4s6H3L5H2L")
_LARGE_OFFSET = struct.Struct("<2HQ")
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
_LARGE_END_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")

_LARGE = 0xFFFFFFFF
_NEEDS_VERSION = 20
_NEEDS_VERSION_LARGE = 45
_MADE_ON_UNIX = 3 << 8
_FILE_MODE = 0o100644 << 16
_STORED = 0
_NO_FLAGS = 0


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A file of less than 4 GiB. `name` is ASCII; `modified`, 1980 to 2107, is shown by its own clock, zone or not."""

    name: str
    size_bytes: int
    modified: datetime

    @property
    def length(self) -> int:
        """What it takes in the archive with its header, in bytes."""
        return _LOCAL_HEADER.size + len(self.name) + self.size_bytes

    def header(self, crc: int) -> bytes:
        """What stands in front of the file; `crc` is its CRC-32."""
        return _LOCAL_HEADER.pack(
            b"PK\x03\x04",
            _NEEDS_VERSION,
            _NO_FLAGS,
            _STORED,
            *_dos_time(self.modified),
            crc,
            self.size_bytes,
            self.size_bytes,
            len(self.name),
            0,
        ) + self.name.encode("ascii")

    def in_directory(self, crc: int, offset: int) -> bytes:
        """Its line in the directory; `offset` is where its header lies."""
        extra = _LARGE_OFFSET.pack(1, 8, offset) if offset >= _LARGE else b""
        version = _NEEDS_VERSION_LARGE if extra else _NEEDS_VERSION
        packed = _DIRECTORY_ENTRY.pack(
            b"PK\x01\x02",
            _MADE_ON_UNIX | version,
            version,
            _NO_FLAGS,
            _STORED,
            *_dos_time(self.modified),
            crc,
            self.size_bytes,
            self.size_bytes,
            len(self.name),
            len(extra),
            0,
            0,
            0,
            _FILE_MODE,
            min(offset, _LARGE),
        )
        return packed + self.name.encode("ascii") + extra


class ZipLayout:
    """The places of fewer than 65,535 `entries`, one behind the other, and the directory after them."""

    def __init__(self, entries: Sequence[ZipEntry]) -> None:
        self.entries = entries
        *self.offsets, self.directory_offset = accumulate((entry.length for entry in entries), initial=0)

    @property
    def size_bytes(self) -> int:
        return self.directory_offset + len(self.directory([0] * len(self.entries)))

    def directory(self, crcs: Sequence[int]) -> bytes:
        """The end of the archive; `crcs` are the CRC-32 of the files in their order."""
        lines = zip(self.entries, crcs, self.offsets, strict=True)
        listed = b"".join(entry.in_directory(crc, offset) for entry, crc, offset in lines)
        return listed + self._end(len(listed))

    def _end(self, listed_bytes: int) -> bytes:
        count, offset = len(self.entries), self.directory_offset
        end = _END.pack(b"PK\x05\x06", 0, 0, count, count, listed_bytes, min(offset, _LARGE), 0)
        if offset < _LARGE:
            return end
        large = _LARGE_END.pack(
            b"PK\x06\x06",
            _LARGE_END.size - 12,
            _MADE_ON_UNIX | _NEEDS_VERSION_LARGE,
            _NEEDS_VERSION_LARGE,
            0,
            0,
            count,
            count,
            listed_bytes,
            offset,
        )
        return large + _LARGE_END_LOCATOR.pack(b"PK\x06\x07", 0, offset + listed_bytes, 1) + end


def _dos_time(moment: datetime) -> tuple[int, int]:
    """Time and date as MS-DOS writes them, to two seconds."""
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return time, (moment.year - 1980) << 9 | moment.month << 5 | moment.day
