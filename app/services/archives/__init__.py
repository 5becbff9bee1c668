"""Photos as one ZIP, made while it is sent: neither memory nor disk ever holds more than a piece of it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from app.domain.errors import Reason, Refused
from app.domain.photo import Photo, PhotoFilter, PhotoState
from app.ports.media import MediaStore
from app.ports.photos import PhotoReader
from app.ports.settings import RuntimeSettings
from app.services.archives.archive import Archive
from app.services.archives.contents import Contents, Manifest, contents_of, until
from app.services.archives.places import Places
from app.services.archives.sources import Sources
from app.services.archives.watch import Watch

ARCHIVE_MAX = 10_000
"""Photos in one archive."""

_PAGE = 1000  # photos that one statement reads
_LOOK_SECONDS = 0.5


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
        self, wanted: PhotoFilter, manifest: Manifest, *, guest: str | None = None, continued: str | None = None
    ) -> Archive:
        """The photos that are wanted, oldest first, and then their manifest. The caller closes it.

        `guest` is the address of one, None for the house. Guests get visible photos only, and nobody gets deleted ones.
        One that is withdrawn meanwhile ends the archive.

        `continued` is the ETag of an archive that somebody has a part of: photos that came later are left out if that
        makes it the same again. Raises Refused: ARCHIVES_BUSY, ARCHIVE_TOO_LARGE for more than ARCHIVE_MAX photos,
        NOT_FOUND for none.
        """
        place = self._places.take(guest)
        try:
            wanted = replace(wanted, state=PhotoState.VISIBLE) if guest is not None else wanted
            since = time.monotonic()
            contents = self._contents(wanted, continued, manifest)
            watch = self._watch(wanted, contents, since)
            return Archive(contents, sources=self._sources, watch=watch, place=place)
        except BaseException:
            place.leave()
            raise

    def interrupt(self) -> None:
        """End what is being sent, because the process stops; readers go on elsewhere from where they were."""
        self._interrupted.set()

    def _contents(self, wanted: PhotoFilter, continued: str | None, manifest: Manifest) -> Contents:
        photos = self._found(wanted)
        zone = self._settings.time_zone()
        earlier = until(photos, continued) if continued else []
        begun = contents_of(earlier, zone, manifest) if earlier else None
        return begun if begun and begun.etag == continued else contents_of(photos, zone, manifest)

    def _watch(self, wanted: PhotoFilter, contents: Contents, since: float) -> Watch:
        ids = [photo.id for photo in contents.photos if photo.state is PhotoState.VISIBLE]
        return Watch(self._photos, wanted, ids, self._interrupted, self._look_seconds, since)

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
