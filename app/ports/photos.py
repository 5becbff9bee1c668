"""Finished pictures for galleries: found, and taken out of sight."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.domain.job_log import Place
from app.domain.photo import Photo, PhotoFilter, PhotoState


@dataclass(frozen=True, slots=True)
class Tally:
    """What a filter finds: how many photos of what size in bytes, and when the first of them goes."""

    photos: int
    size_bytes: int
    first_expires_at: datetime | None


COMMITS_SECONDS = 10.0
"""So much earlier than others see what it did a statement may have begun: who looks for changes looks back further."""


class PhotoReader(Protocol):
    """Finds photos, newest first by when they were finished. A place is a photo's `place`."""

    def older(self, wanted: PhotoFilter, before: Place | None, limit: int, offset: int = 0) -> Sequence[Photo]:
        """The newest `limit`, or the newest of those that are older than `before`, after leaving out `offset`."""

    def newer(self, wanted: PhotoFilter, after: Place, limit: int) -> Sequence[Photo]:
        """The oldest `limit` of those that are newer than `after`, newest first."""

    def find(self, photo_id: UUID) -> Photo | None:
        """In whatever state, while its time lasts."""

    def tally(self, wanted: PhotoFilter) -> Tally: ...

    def tallies(self, wanted: PhotoFilter) -> Mapping[PhotoState, Tally]:
        """Of those like `wanted`, but for its state: one for each, by one statement."""

    def by_day(self, wanted: PhotoFilter, zone: str) -> Sequence[tuple[date, int]]:
        """The days, by the clocks of `zone`, newest first, with how many photos each has."""

    def by_slot(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]: ...

    def by_booth(self, wanted: PhotoFilter) -> Sequence[tuple[str, int]]:
        """Photos whose booth gave no name are left out."""

    def withdrawn(self, wanted: PhotoFilter, seconds: float, limit: int | None = None) -> Sequence[UUID]:
        """Those like `wanted`, but for its state, that were hidden or deleted within the last `seconds`.

        All of them, or any `limit` of them.
        """

    def shown_again(self, wanted: PhotoFilter, seconds: float, limit: int) -> Sequence[Photo]:
        """Those wanted that were hidden or deleted and brought back within the last `seconds`; any `limit` of them."""


class PhotoKeeper(Protocol):
    """Changes what becomes of photos; with PostgresJobQueue the only writer of jobs.

    Each method but the last takes ids, leaves out those that it cannot change, and returns those that it did, each
    with its slot. None of them changes a photo whose files have been given up to the cleanup.
    """

    def hide(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """VISIBLE becomes HIDDEN."""

    def show(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """HIDDEN becomes VISIBLE."""

    def delete(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """VISIBLE or HIDDEN becomes DELETED; the files go UNDO_SECONDS later."""

    def restore(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """DELETED becomes what it was, while the files are there."""

    def keep(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The photo goes KEPT_HOURS after it was finished; one that would not go earlier anyway is left out."""

    def release(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """A kept photo goes when it would have gone if nobody had kept it, but not within the next hour."""

    def set_placeholder(self, photo_id: UUID, placeholder: str) -> None:
        """Takes a second at most, or raises DatabaseUnavailable."""
