"""Photos as one ZIP, made while it is sent: neither memory nor disk ever holds more than a piece of it."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.errors import Reason, Refused
from app.domain.job import download_name
from app.domain.photo import Photo, PhotoFilter, PhotoState
from app.domain.zip_layout import ZipEntry
from app.ports.media import MediaStore
from app.ports.photos import PhotoReader
from app.ports.settings import RuntimeSettings
from app.services.archives.archive import Archive, Member
from app.services.archives.places import Place, Places
from app.services.archives.sources import Sources
from app.services.archives.watch import Watch

ARCHIVE_MAX = 10_000
"""Photos in one archive."""

MANIFEST_NAME = "manifest.csv"


@dataclass(frozen=True, slots=True)
class Filed:
    """A photo as an archive holds it: its name there, and when it was finished by the clocks of the house."""

    name: str
    at: datetime
    photo: Photo


Manifest = Callable[[Sequence[Filed]], bytes]
"""Makes the table that goes with photos, which are given oldest first."""

_PAGE = 1000  # photos that one statement reads
_LOOK_SECONDS = 0.5
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ETAG = re.compile("([0-9a-f]{1,13})-[0-9a-f]{32}")


class ArchiveService:
    """At most `at_once` archives leave this process at a time, at most `guests_at_once` of those to guests.

    Each takes a thread until its reader has it all. Withdrawn photos are looked for every `look_seconds`.
    """

    def __init__(
        self,
        *,
        photos: PhotoReader,
        media: MediaStore,
        settings: RuntimeSettings,
        at_once: int,
        guests_at_once: int,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        self._photos = photos
        self._settings = settings
        self._sources = Sources(media)
        self._places = Places(at_once, guests_at_once)
        self._interrupted = threading.Event()
        self._look_seconds = look_seconds

    def open(
        self, wanted: PhotoFilter, manifest: Manifest, *, for_guest: bool = False, continued: str | None = None
    ) -> Archive:
        """The photos that are wanted, oldest first, and then their manifest. The caller closes it.

        Guests get visible photos only, and nobody gets deleted ones. One that is withdrawn meanwhile ends the archive.

        `continued` is the ETag of an archive that somebody has a part of: photos that came later are left out, so that
        it is the same again unless some have gone. Raises Refused: ARCHIVES_BUSY, ARCHIVE_TOO_LARGE for more than
        ARCHIVE_MAX photos, NOT_FOUND for none.
        """
        place = self._places.take(for_guest)
        try:
            wanted = replace(wanted, state=PhotoState.VISIBLE) if for_guest else wanted
            return self._planned(_until(wanted, continued), manifest, place)
        except BaseException:
            place.leave()
            raise

    def interrupt(self) -> None:
        """End what is being sent, because the process stops; readers go on elsewhere from where they were."""
        self._interrupted.set()

    def _planned(self, wanted: PhotoFilter, manifest: Manifest, place: Place) -> Archive:
        photos = self._found(wanted)
        watched = [photo.id for photo in photos if photo.state is PhotoState.VISIBLE]
        watch = Watch(self._photos, wanted, watched, self._interrupted, self._look_seconds)
        filed = _filed(photos, self._settings.time_zone())
        table = manifest(filed)
        members = [*map(_member, filed), Member(ZipEntry(MANIFEST_NAME, len(table), filed[-1].at), None)]
        etag = _etag(photos[-1], members, table)
        return Archive(members, table, etag=etag, sources=self._sources, watch=watch, place=place)

    def _found(self, wanted: PhotoFilter) -> list[Photo]:
        may_be = wanted.is_possible and wanted.state is not PhotoState.DELETED
        count = self._photos.tally(wanted).photos if may_be else 0
        if count > ARCHIVE_MAX:
            raise Refused(
                Reason.ARCHIVE_TOO_LARGE,
                f"An archive holds at most {ARCHIVE_MAX} photos; choose a slot or a day.",
                details={"photos": count, "maximum": ARCHIVE_MAX},
            )
        found = [photo for photo in self._pages(wanted) if not self._is_lost(photo)] if count else []
        if not found:
            raise Refused(Reason.NOT_FOUND, "There are no photos for an archive.")
        return found[::-1]

    def _is_lost(self, photo: Photo) -> bool:
        return self._sources.is_lost(photo.result.path, photo.result.size_bytes)

    def _pages(self, wanted: PhotoFilter) -> Iterator[Photo]:
        place = None
        while page := self._photos.older(wanted, place, _PAGE):
            yield from page
            place = page[-1].place


def _filed(photos: Sequence[Photo], zone: ZoneInfo) -> list[Filed]:
    """No two names are alike: where clocks are put back an hour, two photos of a slot may have the same time."""
    filed: dict[str, Filed] = {}
    for photo in photos:
        at = photo.finalized_at.astimezone(zone)
        name = _name(photo, at, photo.is_twin)
        name = _name(photo, at, is_twin=True) if name in filed else name
        filed[name] = Filed(name, at, photo)
    return list(filed.values())


def _name(photo: Photo, at: datetime, is_twin: bool) -> str:
    return download_name(photo.slot_id, at, photo.result.mime_type, photo.id if is_twin else None)


def _member(filed: Filed) -> Member:
    result = filed.photo.result
    return Member(ZipEntry(filed.name, result.size_bytes, filed.at), result.path)


def _etag(newest: Photo, members: Sequence[Member], table: bytes) -> str:
    """Says when the newest photo came, and stands for every byte: what is stored under a path never changes."""
    digest = hashlib.sha256(table)
    for member in members:
        digest.update(f"{member.entry.name}\n{member.path}\n{member.entry.size_bytes}\n".encode())
    moment = (newest.finalized_at - _EPOCH) // _MICROSECOND
    return f"{moment:x}-{digest.hexdigest()[:32]}"


def _until(wanted: PhotoFilter, continued: str | None) -> PhotoFilter:
    """Without photos that are newer than the archive with the ETag `continued`."""
    match = _ETAG.fullmatch(continued or "")
    if match is None:
        return wanted
    end = _EPOCH + (int(match[1], 16) + 1) * _MICROSECOND
    return wanted if wanted.end is not None and wanted.end < end else replace(wanted, end=end)
