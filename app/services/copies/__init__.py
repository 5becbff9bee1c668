"""Copies each photo that is ordered to the studio's own storage, as it appears; tries again until its time is over."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from app.domain.copies import Destination, NotStored, StorageFault, copy_names
from app.domain.errors import MediaMissing, MediaStoreUnavailable
from app.domain.photo import Photo, PhotoState
from app.ports.copies import CopyDestination, CopyLedger, CopyOrder, CopyTally, StudioStorage
from app.ports.media import MediaStore
from app.ports.photos import PhotoReader
from app.ports.settings import RuntimeSettings

log = structlog.get_logger(__name__)

_ROUND_SECONDS = 1.5  # a process that is asked to stop does not go on for long
_HOLD_SECONDS = 120.0  # reading and writing a photo in buckets that hang takes less
_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 60.0
_CLOSE_EVERY_SECONDS = 60.0
_ABANDONED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Rest:
    """A destination that took nothing is left alone `until` then, as long as it is the destination."""

    destination: Destination
    failures: int
    until: float


class CopyService:
    """Any number of processes may run it, each in one thread. `clock` is as time.monotonic."""

    def __init__(
        self,
        *,
        ledger: CopyLedger,
        destinations: CopyDestination,
        storage: StudioStorage,
        photos: PhotoReader,
        media: MediaStore,
        settings: RuntimeSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._destinations = destinations
        self._storage = storage
        self._photos = photos
        self._media = media
        self._settings = settings
        self._clock = clock
        self._opened: tuple[Destination, MediaStore] | None = None
        self._rest: _Rest | None = None
        self._closed_at = -_CLOSE_EVERY_SECONDS

    def run(self) -> None:
        """One round: copy what is due, until nothing is, the destination fails, or the round has lasted long enough.

        Raises Unavailable while the database is away; what was taken then is due again after a while.
        """
        self._close()
        ends_at = self._clock() + _ROUND_SECONDS
        while self._clock() < ends_at:
            destination = self._destinations.current()
            if destination is None or self._is_resting(destination):
                return
            order = self._ledger.take(_HOLD_SECONDS)
            if order is None or not self._carry_out(order, destination):
                return

    def tally(self, slot_id: str | None = None) -> Mapping[str, CopyTally]:
        """How copying went in the last 7 days, by slot; of one slot, if one is given."""
        return self._ledger.tally(slot_id)

    def total(self) -> CopyTally:
        """The same of the whole house, with the error of those that have waited longest, of slots that have one."""
        tallies = list(self._ledger.tally().values())
        waiting = sorted((one.oldest_waiting_at, one.error) for one in tallies if one.oldest_waiting_at)
        return CopyTally(
            copied=sum(one.copied for one in tallies),
            waiting=sum(one.waiting for one in tallies),
            withheld=sum(one.withheld for one in tallies),
            lost=sum(one.lost for one in tallies),
            oldest_waiting_at=waiting[0][0] if waiting else None,
            error=next((error for _, error in waiting if error), ""),
        )

    def _close(self) -> None:
        """Now and then: it looks at all that wait."""
        if self._clock() - self._closed_at >= _CLOSE_EVERY_SECONDS:
            if lost := self._ledger.close():
                log.error("copies_lost", number=lost)
            self._closed_at = self._clock()

    def _is_resting(self, destination: Destination) -> bool:
        rest = self._rest
        return rest is not None and rest.destination == destination and self._clock() < rest.until

    def _carry_out(self, order: CopyOrder, destination: Destination) -> bool:
        """Whether the next one may follow at once."""
        photo = self._photos.find(order.job_id)
        name = self._name(order, photo) if photo and photo.state is PhotoState.VISIBLE else None
        if photo is None or name is None:  # withdrawn, over or another's since it was taken
            return True
        try:
            self._write(destination, name, self._content(photo))
        except NotStored as error:
            self._leave_alone(destination)
            return self._failed(order, error.message, may_go_on=False)
        except MediaMissing as error:
            return self._failed(order, f"The picture itself is gone or damaged: {error}", may_go_on=True)
        except MediaStoreUnavailable as error:
            return self._failed(order, str(error), may_go_on=False)
        self._ledger.copied(order)
        self._rest = None
        log.info("photo_copied", job_id=str(order.job_id), name=name)
        return True

    def _name(self, order: CopyOrder, photo: Photo) -> str | None:
        """The one that it has, or the first that no other photo has; None if the order is not ours any more."""
        if order.name:
            return order.name
        names = copy_names(photo, self._settings.time_zone())
        return next((name for name in names if self._ledger.name(order, name)), None)

    def _content(self, photo: Photo) -> bytes:
        """Raises MediaMissing, also for bytes that are not those that were stored."""
        content = self._media.read(photo.result.path)
        if hashlib.sha256(content).hexdigest() != photo.result.checksum:
            raise MediaMissing(photo.result.path)
        return content

    def _write(self, destination: Destination, name: str, content: bytes) -> None:
        """Raises NotStored."""
        try:
            self._store_at(destination).write(name, content)
        except MediaStoreUnavailable as error:
            raise NotStored(StorageFault.REFUSED, str(error)) from error

    def _store_at(self, destination: Destination) -> MediaStore:
        """Kept open as long as it is the destination; what died while it wrote there is cleared away when it opens."""
        if self._opened is None or self._opened[0] != destination:
            store = self._storage.open(destination)
            store.discard_abandoned(datetime.now(UTC) - _ABANDONED)
            self._opened = destination, store
        return self._opened[1]

    def _leave_alone(self, destination: Destination) -> None:
        failures = self._rest.failures if self._rest and self._rest.destination == destination else 0
        self._rest = _Rest(destination, failures + 1, self._clock() + pause_after(failures))
        self._opened = None

    def _failed(self, order: CopyOrder, error: str, *, may_go_on: bool) -> bool:
        log.warning("photo_not_copied", job_id=str(order.job_id), error=error)
        self._ledger.failed(order, error, pause_after(order.attempts - 1))
        return may_go_on


def pause_after(failures: int) -> float:
    """Seconds until the next try, after `failures` in a row before this one."""
    return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 20), _LONGEST_PAUSE_SECONDS)
