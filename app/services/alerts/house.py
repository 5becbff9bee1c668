"""What is wrong with the installation itself: its processes, its disk, the password that booths use."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from app.domain.alerts import Alert, Trouble
from app.domain.errors import MediaStoreUnavailable
from app.domain.slot import Slot
from app.ports.alerts import Vitals
from app.ports.media import MediaStore
from app.services.alerts.uses import named

_SILENCE = timedelta(seconds=15)  # as long as /readyz believes a heartbeat
_PATIENCE = timedelta(seconds=20)  # a healthy worker takes a job within a second
_PURGE_OVERDUE = timedelta(minutes=45)  # three purges were missed
_WORKER_GRACE_SECONDS = 30.0
_PURGE_GRACE_SECONDS = 300.0  # after a night switched off all is old, and the first purge has much to do
_WRONG_PASSWORDS = 3

_GB = 10**9
_FULL_BYTES = _GB
_LOW_SHARE = 0.05
_LOW_BYTES = 20 * _GB  # 5 % of a very large disk is room for months


def troubles(vitals: Vitals, slots: Sequence[Slot], running_seconds: float) -> Iterator[Alert]:
    """`running_seconds`: for how long this process has been up; others may be starting with it."""
    working = _is_recent(vitals.worker_seen_at, vitals.now, _SILENCE)
    if not working and running_seconds > _WORKER_GRACE_SECONDS:
        yield Alert(Trouble.NO_WORKER, since=vitals.worker_seen_at)
    if working and vitals.waiting_since and _is_stuck(vitals):
        yield Alert(Trouble.QUEUE_STUCK, since=vitals.waiting_since)
    if running_seconds > _PURGE_GRACE_SECONDS and not _is_recent(vitals.purged_at, vitals.now, _PURGE_OVERDUE):
        yield Alert(Trouble.CLEANUP_STALE, since=vitals.purged_at)
    guessing = {slot_id for slot_id, number in vitals.wrong_passwords.items() if number >= _WRONG_PASSWORDS}
    if guessed := tuple(named(slot) for slot in slots if slot.id in guessing):
        yield Alert(Trouble.WRONG_PASSWORD, slots=guessed)


def fullness(media: MediaStore) -> Iterator[Alert]:
    """Nothing about a store that has no end, or does not answer: /readyz says that."""
    try:
        room = media.room()
    except MediaStoreUnavailable:
        return
    if room and room.free_bytes < min(_LOW_BYTES, max(_FULL_BYTES, _LOW_SHARE * room.total_bytes)):
        kind = Trouble.DISK_FULL if room.free_bytes < _FULL_BYTES else Trouble.DISK_LOW
        yield Alert(kind, message=f"{room.free_bytes / _GB:.1f} / {room.total_bytes / _GB:.0f} GB")


def _is_stuck(vitals: Vitals) -> bool:
    """Jobs wait and none is taken: where all are merely busy, one is now and then."""
    is_waiting = not _is_recent(vitals.waiting_since, vitals.now, _PATIENCE)
    return is_waiting and not _is_recent(vitals.claimed_at, vitals.now, _PATIENCE)


def _is_recent(moment: datetime | None, now: datetime, age: timedelta) -> bool:
    return moment is not None and now - moment <= age
