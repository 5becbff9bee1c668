"""One archive: what is in it, and its bytes from wherever somebody wants them."""

import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import BinaryIO

import structlog

from app.domain.errors import MediaMissing, Unavailable
from app.domain.zip_layout import ZipLayout
from app.services.archives.contents import Contents, Member
from app.services.archives.places import Place
from app.services.archives.sources import Sources, chunks, crc_of
from app.services.archives.watch import Cut, Watch

log = structlog.get_logger(__name__)

_Check = Callable[[], None]


class Archive:
    """A ZIP that is made while it is read: the same bytes each time, whichever part is read.

    `size_bytes` is exact. It has its place until it is closed.
    """

    def __init__(self, contents: Contents, *, sources: Sources, watch: Watch, place: Place) -> None:
        self._members = contents.members
        self._manifest = contents.manifest
        self._layout = ZipLayout([member.entry for member in contents.members])
        self._sources = sources
        self._watch = watch
        self._place = place
        self.etag = contents.etag
        self.size_bytes = self._layout.size_bytes

    def read(
        self, start: int = 0, *, is_gone: Callable[[], bool] = bool, is_allowed: Callable[[], bool] = lambda: True
    ) -> Iterator[bytes]:
        """The bytes from `start` on. It ends early where the archive cannot or must not go on.

        That is when `is_gone` says that the reader is (asked at each piece), when `is_allowed` says no or a photo was
        withdrawn (looked for about twice a second), when a file or the database is away, or the process stops.
        """
        began, sent = time.monotonic(), 0
        try:
            for piece in self._from(start, lambda: self._watch.check(is_gone, is_allowed)):
                sent += len(piece)
                yield piece
        except (Cut, MediaMissing, Unavailable, OSError) as error:
            log.warning("archive_cut", error=str(error), bytes=sent, of_bytes=self.size_bytes - start)
        else:
            seconds = round(time.monotonic() - began, 3)
            log.info("archive_sent", files=len(self._members), bytes=sent, seconds=seconds)

    def close(self) -> None:
        """More than once is no error."""
        self._place.leave()

    def _from(self, start: int, check: _Check) -> Iterator[bytes]:
        places = list(zip(self._layout.offsets, self._members, strict=True))
        crcs: dict[int, int] = {}
        for offset, member in places:
            if offset + member.entry.length > start:
                with closing(self._open(member)) as stream:
                    crcs[offset] = self._read_crc(member, stream, check)
                    yield from _after(start - offset, self._pieces(member, crcs[offset], stream, check))
        # What is not wanted is read only now: whoever goes on gets the next byte at once.
        all_crcs = [crcs[offset] if offset in crcs else self._skipped(member, check) for offset, member in places]
        check()
        yield from _after(start - self._layout.directory_offset, [self._layout.directory(all_crcs)])

    def _skipped(self, member: Member, check: _Check) -> int:
        """The checksum of a file that is not wanted, but stands in the directory."""
        known = self._sources.crc(member.path) if member.path else None
        if known is not None:
            return known
        with closing(self._open(member)) as stream:
            return self._read_crc(member, stream, check)

    def _open(self, member: Member) -> BinaryIO:
        if member.path is None:
            return io.BytesIO(self._manifest)
        return self._sources.open(member.path, member.entry.size_bytes)

    def _read_crc(self, member: Member, stream: BinaryIO, check: _Check) -> int:
        crc = crc_of(stream, member.entry.size_bytes, check)
        if member.path is not None:
            self._sources.remember(member.path, crc)
        return crc

    def _pieces(self, member: Member, crc: int, stream: BinaryIO, check: _Check) -> Iterator[bytes]:
        yield member.entry.header(crc)
        yield from chunks(stream, member.entry.size_bytes, check)


def _after(skipped: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What comes after the first `skipped` bytes of the pieces; a negative number is none."""
    for piece in pieces:
        if skipped < len(piece):
            yield piece[max(0, skipped) :]
        skipped -= len(piece)
