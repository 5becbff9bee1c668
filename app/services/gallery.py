"""Finished pictures as galleries show them, and what people do with them there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.job_log import Place
from app.domain.photo import SELECTION_MAX, Photo, PhotoFilter, PhotoState
from app.ports.audit import AuditLog
from app.ports.photos import COMMITS_SECONDS, PhotoKeeper, PhotoReader, Tally
from app.ports.settings import RuntimeSettings
from app.ports.upkeep import Transaction

ARRIVALS_MAX = 200
"""Photos that one look for arrivals finds; the next look finds the rest."""

WITHDRAWN_SECONDS = 3600.0
"""A page that was away for longer is not told what was taken out of sight meanwhile: it has to load anew."""

_LATE = timedelta(seconds=5)  # so much later than others a photo may appear that was finished before them


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """Photos, newest first; `next` is where the older ones begin, None at the end."""

    photos: Sequence[Photo]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`photos` came since, newest first; `shown_again` were withdrawn meanwhile and are there once more.

    Those of `withdrawn` must not be shown any more. Unless `is_all`, too much has happened to be told: the page has to
    load anew.
    """

    photos: Sequence[Photo]
    withdrawn: Sequence[UUID]
    shown_again: Sequence[Photo] = ()
    is_all: bool = True

    @property
    def to_show(self) -> Sequence[Photo]:
        """All that the page should have now, each once, newest first."""
        told = {photo.id: photo for photo in (*self.photos, *self.shown_again)}
        return sorted(told.values(), key=lambda photo: photo.place, reverse=True)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The photos beside one: the one that was finished after it, and the one before."""

    newer: Photo | None
    older: Photo | None


def late_for(seen: Place) -> Place:
    """Where photos may still appear that were finished before the one at `seen`, and committed after it."""
    return Place(seen.at - _LATE, UUID(int=0))


class GalleryService:
    """Reading costs one statement for each question; a change is written down together with who made it."""

    def __init__(
        self,
        *,
        photos: PhotoReader,
        keeper: PhotoKeeper,
        settings: RuntimeSettings,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._photos = photos
        self._keeper = keeper
        self._settings = settings
        self._audit = audit
        self._transaction = transaction

    def page(self, wanted: PhotoFilter, before: Place | None = None, limit: int = 60, offset: int = 0) -> PhotoPage:
        """The newest `limit` photos, or the newest of those older than `before`, without the first `offset`."""
        if not wanted.is_possible:
            return PhotoPage([], None)
        found = self._photos.older(wanted, before, limit + 1, offset)
        page, is_last = found[:limit], len(found) <= limit
        return PhotoPage(page, None if is_last else page[-1].place)

    def arrivals(self, wanted: PhotoFilter, seen: Place, away_seconds: float) -> Arrivals:
        """What has changed for a page that looked `away_seconds` ago and whose newest photo is at `seen`.

        At most ARRIVALS_MAX photos, the oldest of the new ones: asking again from the newest of them gives the rest.
        Those that the page has from `late_for(seen)` on are among them again, as are photos withdrawn or shown again a
        moment ago. Of more than SELECTION_MAX that were withdrawn or shown again no page is told.
        """
        if not wanted.is_possible:
            return Arrivals([], [])
        if away_seconds > WITHDRAWN_SECONDS:
            return Arrivals([], [], is_all=False)
        since, limit = away_seconds + COMMITS_SECONDS, SELECTION_MAX + 1
        withdrawn = self._photos.withdrawn(wanted, since, limit)
        shown_again = self._photos.shown_again(wanted, since, limit)
        if max(len(withdrawn), len(shown_again)) > SELECTION_MAX:
            return Arrivals([], [], is_all=False)
        return Arrivals(self._newer(wanted, seen), withdrawn, shown_again)

    def _newer(self, wanted: PhotoFilter, seen: Place) -> Sequence[Photo]:
        """If so many were finished within seconds that those that are known leave no room, only the others."""
        found = self._photos.newer(wanted, late_for(seen), ARRIVALS_MAX)
        is_stuck = len(found) == ARRIVALS_MAX and found[0].place <= seen
        return (self._photos.newer(wanted, seen, ARRIVALS_MAX) or found) if is_stuck else found

    def tally(self, wanted: PhotoFilter) -> Tally:
        """How many photos there are, how large, and when the first of them goes."""
        return self._photos.tally(wanted) if wanted.is_possible else Tally(0, 0, None)

    def tallies(self, wanted: PhotoFilter) -> Mapping[PhotoState, Tally]:
        """The same of each state of photos, whatever state is wanted."""
        if not wanted.is_possible:
            return dict.fromkeys(PhotoState, Tally(0, 0, None))
        return self._photos.tallies(wanted)

    def days(self, wanted: PhotoFilter) -> Sequence[tuple[date, int]]:
        """The days of the house with the number of their photos, newest first."""
        return self._photos.by_day(wanted, self._settings.time_zone().key) if wanted.is_possible else []

    def slots(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        """The slots that have photos, in the order of their ids, with how many."""
        return self._photos.by_slot(wanted) if wanted.is_possible else []

    def booths(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        """The booths that gave their name, in the order of the names, with the number of their photos."""
        return self._photos.by_booth(wanted) if wanted.is_possible else []

    def find(self, photo_id: UUID) -> Photo:
        """A photo in whatever state, for administrators. Raises Refused(NOT_FOUND)."""
        found = self._photos.find(photo_id)
        if found is None:
            raise Refused(Reason.NOT_FOUND, "There is no such photo, or its time is over.")
        return found

    def neighbours(self, wanted: PhotoFilter, photo: Photo) -> Neighbours:
        """The photos next to `photo` among those wanted, of which it need not be one: two statements."""
        if not wanted.is_possible:
            return Neighbours(None, None)
        newer = self._photos.newer(wanted, photo.place, 1)
        older = self._photos.older(wanted, photo.place, 1)
        return Neighbours(next(iter(newer), None), next(iter(older), None))

    def hide(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """Take photos off every page, link, wall and archive for guests at once.

        As all methods that change photos it takes at most SELECTION_MAX ids, raises Refused(INVALID_REQUEST) for more,
        leaves out those that it cannot change, and returns those that it did.
        """
        return self._change(self._keeper.hide, ids, author, "photo.hidden")

    def show(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """Bring hidden photos back."""
        return self._change(self._keeper.show, ids, author, "photo.shown")

    def delete(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """Hide photos and give them to the cleanup, which takes their files UNDO_SECONDS later."""
        return self._change(self._keeper.delete, ids, author, "photo.deleted")

    def restore(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """Bring deleted photos back as they were, while their files are there."""
        return self._change(self._keeper.restore, ids, author, "photo.restored")

    def keep(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """Let photos stay until KEPT_HOURS after they were finished; those that do anyway are left out."""
        return self._change(self._keeper.keep, ids, author, "photo.kept")

    def release(self, ids: Collection[UUID], author: str) -> list[UUID]:
        """Let kept photos go when they would have gone otherwise, but not within the next hour."""
        return self._change(self._keeper.release, ids, author, "photo.released")

    def name_of(self, photo: Photo) -> str:
        """The file name under which people save the photo, in the house's time."""
        return photo.file_name(self._settings.time_zone())

    def names_of(self, photos: Collection[Photo]) -> Mapping[UUID, str]:
        """The same of many photos, by id, for one look at the settings."""
        zone = self._settings.time_zone()
        return {photo.id: photo.file_name(zone) for photo in photos}

    def _change(
        self, change: Callable[[Collection[UUID]], Mapping[UUID, str]], ids: Collection[UUID], author: str, action: str
    ) -> list[UUID]:
        if len(ids) > SELECTION_MAX:
            raise Refused(
                Reason.INVALID_REQUEST,
                f"At most {SELECTION_MAX} photos can be changed at once.",
                details={"parameters": {"ids": {"maximum": SELECTION_MAX}}},
            )
        with self._transaction():
            changed = change(ids)
            for slot_id in sorted(set(changed.values())):
                of_slot = sorted(str(photo_id) for photo_id, its in changed.items() if its == slot_id)
                self._audit.record(author, action, slot_id, {"ids": of_slot})
        return list(changed)
