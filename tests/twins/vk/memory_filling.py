"""Photos on their way to albums of communities, in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.job import Source
from app.domain.vk.filling import AWAITED_HOURS, AlbumKey, AlbumPer, FilledAlbum, agrees
from app.domain.vk.media import UPLOAD_MAX
from app.domain.vk.posts import PostOutcome
from app.domain.zones import TIME_ZONE_DEFAULT
from app.ports.vk.filling import AlbumBatch, AlbumPlace, AlbumUpload, PostPlace, UploadTally
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase

_GATHER = timedelta(seconds=20)
_TALLIED = timedelta(days=7)
_KEPT = timedelta(days=30)
_AWAITED = timedelta(hours=AWAITED_HOURS)


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A row of the table album_upload."""

    job_id: UUID
    community_id: UUID
    album_key: str
    slot_id: str
    created_at: datetime
    next_try_at: datetime
    attempts: int = 0
    taken_until: datetime | None = None
    announced_at: datetime | None = None
    vk_photo_id: int | None = None
    given_up_at: datetime | None = None
    error: str = ""

    @property
    def waits(self) -> bool:
        return self.vk_photo_id is None and self.given_up_at is None

    @property
    def key(self) -> tuple[UUID, UUID, str]:
        return self.job_id, self.community_id, self.album_key


def is_awaited(database: MemoryDatabase, job: JobRow) -> bool:
    """Whether the photo is yet to come to an album."""
    rows = (row for row in database.table("album_upload").values() if row.job_id == job.new.id and row.waits)
    return job.is_shown and any(row.created_at > database.now() - _AWAITED for row in rows)


def order_upload(database: MemoryDatabase, row: JobRow) -> None:
    """What the statement that finishes a photo does; only to be used inside a transaction."""
    wanted = row.new.settings.get("publishing", {})
    community = wanted.get("community") and UUID(wanted["community"])
    field, now = wanted.get("consent_field"), database.now()
    if row.new.source is Source.TEST or community not in database.table("community"):
        return
    if field is not None and not agrees(row.new.booth_fields, field):
        return
    if key := _key(database, wanted["album"], row.new.slot_id):
        upload = UploadRow(row.new.id, community, str(key), row.new.slot_id, now, now + _GATHER)
        database.table("album_upload")[upload.key] = upload


def _key(database: MemoryDatabase, album: str, slot_id: str) -> AlbumKey | None:
    now = database.now()
    if album == AlbumPer.DAY:
        zone = database.table("app_settings").get("time_zone")
        return AlbumKey(day=now.astimezone(ZoneInfo(zone.value if zone else TIME_ZONE_DEFAULT)).date())
    if album == AlbumPer.EVENT:
        events = [event for event in database.table("event").values() if event.starts_at <= now < event.ends_at]
        events = [event for event in events if not event.slot_ids or slot_id in event.slot_ids]
        return AlbumKey(event_id=max(events, key=lambda event: event.starts_at).id) if events else None
    return None


class MemoryAlbumUploads:
    """Implements ports.vk.AlbumUploads and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def order(self, community_id: UUID, key: AlbumKey, photos: Mapping[UUID, str]) -> int:
        with self._database.transaction():
            if community_id not in self._database.table("community"):
                return 0
            now, ordered = self._database.now(), 0
            for job_id, slot_id in photos.items():
                old = self._rows.get((job_id, community_id, str(key)))
                if old is None or old.given_up_at:
                    new = old or UploadRow(job_id, community_id, str(key), slot_id, now, now)
                    self._put(replace(new, given_up_at=None, error="", created_at=now, next_try_at=now))
                    ordered += 1
            return ordered

    def take(self, hold_seconds: float, resting: Collection[UUID] = ()) -> AlbumBatch | None:
        with self._database.transaction():
            now = self._database.now()
            due = [row for row in self._waiting() if row.next_try_at <= now and (row.announced_at or self._is_fit(row))]
            due = [row for row in due if row.community_id not in self._engaged() | set(resting)]
            if not due:
                return None
            first = min(due, key=lambda row: (row.announced_at is None, row.next_try_at))
            until = now + timedelta(seconds=hold_seconds)
            taken = [replace(row, attempts=row.attempts + 1, taken_until=until) for row in self._with(first)]
            for row in taken:
                self._put(row)
            uploads = tuple(self._upload(row) for row in taken)
            return AlbumBatch(first.community_id, AlbumKey.parse(first.album_key), uploads, first.announced_at)

    def sendable(self, batch: AlbumBatch) -> frozenset[UUID]:
        with self._database.transaction():
            known = (self._rows.get((each.job_id, batch.community_id, str(batch.key))) for each in batch.uploads)
            return frozenset(row.job_id for row in known if row and self._is_fit(row))

    def announce(self, batch: AlbumBatch, hold_seconds: float) -> AlbumBatch | None:
        with self._database.transaction():
            now = self._database.now()
            held = self._held(batch)
            self._change(batch, announced_at=now, taken_until=now + timedelta(seconds=hold_seconds))
            uploads = tuple(upload for upload in batch.uploads if upload.job_id in {row.job_id for row in held})
            return replace(batch, uploads=uploads, sent_at=now) if uploads else None

    def sent(self, batch: AlbumBatch, photos: Mapping[UUID, int]) -> None:
        with self._database.transaction():
            for job_id, photo_id in photos.items():
                row = self._rows.get((job_id, batch.community_id, str(batch.key)))
                if row and row.vk_photo_id is None:
                    row = replace(row, vk_photo_id=photo_id, taken_until=None, given_up_at=None, error="")
                    self._put(replace(row, announced_at=row.announced_at or self._database.now()))

    def failed(self, batch: AlbumBatch, error: str, retry_seconds: float, *, is_unknown: bool = False) -> None:
        with self._database.transaction():
            again_at = self._database.now() + timedelta(seconds=retry_seconds)
            kept = {} if is_unknown else {"announced_at": None}
            self._change(batch, error=error, next_try_at=again_at, taken_until=None, **kept)

    def give_up(self, batch: AlbumBatch, error: str) -> None:
        with self._database.transaction():
            now = self._database.now()
            self._change(batch, error=error, given_up_at=now, taken_until=None, announced_at=None)

    def close(self) -> int:
        with self._database.transaction():
            over = [row for row in self._waiting() if self._is_over(row) and not self._is_taken(row)]
            for row in over:
                if self._is_withheld(row):
                    del self._rows[row.key]
                else:
                    self._put(replace(row, given_up_at=self._database.now()))
            return sum(row.key in self._rows for row in over)

    def known(self, community_id: UUID, ids: Collection[int]) -> frozenset[int]:
        with self._database.transaction():
            ours = {row.vk_photo_id for row in self._rows.values() if row.community_id == community_id}
            return frozenset(number for number in ids if number in ours)

    def tally(self, slot_id: str) -> UploadTally:
        with self._database.transaction():
            since = self._database.now() - _TALLIED
            own = (row for row in self._rows.values() if row.slot_id == slot_id)
            rows = [row for row in own if max(row.created_at, row.given_up_at or row.created_at) > since]
            waiting = [row for row in rows if row.waits and not self._is_withheld(row)]
            return UploadTally(
                sent=sum(row.vk_photo_id is not None for row in rows),
                waiting=len(waiting),
                withheld=sum(row.waits for row in rows) - len(waiting),
                lost=sum(row.given_up_at is not None for row in rows),
                oldest_waiting_at=min((row.created_at for row in waiting), default=None),
                error=max((row.error for row in waiting), default=""),
            )

    def in_albums(self, job_id: UUID) -> Sequence[AlbumPlace]:
        with self._database.transaction():
            rows = [row for row in self._rows.values() if row.job_id == job_id]
            return [
                AlbumPlace(
                    row.community_id,
                    row.vk_photo_id,
                    row.given_up_at is not None,
                    row.error,
                    row.announced_at or row.created_at,
                )
                for row in sorted(rows, key=lambda row: (row.created_at, row.album_key))
            ]

    def in_posts(self, job_id: UUID) -> Sequence[PostPlace]:
        with self._database.transaction():
            waiting = [
                PostPlace(row.post.community_id, row.post.id, None, row.post.publication_date)
                for row in self._database.table("system_post").values()
                if job_id in {photo.job_id for photo in row.post.photos}
            ]
            had = self._database.table("photos_of_past_posts")
            published = [
                PostPlace(post.community_id, post.id, post.vk_post_id, post.publication_date)
                for post in self._database.table("past_post").values()
                if post.outcome is PostOutcome.PUBLISHED and job_id in had.get(post.id, ())
            ]
            return sorted([*waiting, *published], key=lambda place: (place.at, place.post_id))

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            since = self._database.now() - _KEPT
            return self._database.forget("album_upload", lambda row: row.created_at < since, limit)

    @property
    def _rows(self) -> dict[tuple[UUID, UUID, str], UploadRow]:
        return self._database.table("album_upload")

    def _put(self, row: UploadRow) -> None:
        self._rows[row.key] = row

    def _waiting(self, of: Callable[[UploadRow], bool] = lambda _: True) -> list[UploadRow]:
        return [row for row in self._rows.values() if row.waits and of(row)]

    def _engaged(self) -> set[UUID]:
        """Communities of which a batch is under way, or nobody knows what became of one."""
        now = self._database.now()
        unknown = self._waiting(lambda row: row.announced_at is not None and row.next_try_at > now)
        return {row.community_id for row in [*self._waiting(self._is_taken), *unknown]}

    def _with(self, first: UploadRow) -> list[UploadRow]:
        """The batch of a row that is due."""
        now, album = self._database.now(), (first.community_id, first.album_key, first.announced_at)
        rows = self._waiting(lambda row: (row.community_id, row.album_key, row.announced_at) == album)
        if first.announced_at is None:
            rows = [row for row in rows if self._is_fit(row) and (row.attempts == 0 or row.next_try_at <= now)]
        return sorted(rows, key=self._age)[:UPLOAD_MAX]

    def _age(self, row: UploadRow) -> Any:
        job = self._job(row)
        return (job.finalized_at if job else None, row.job_id)

    def _upload(self, row: UploadRow) -> AlbumUpload:
        job = self._job(row)
        result = job.result if job else None
        if result is None:
            return AlbumUpload(row.job_id, row.attempts, 1, 1, "", "")
        return AlbumUpload(row.job_id, row.attempts, result.width, result.height, result.path, result.checksum)

    def _held(self, batch: AlbumBatch) -> list[UploadRow]:
        attempts = {upload.job_id: upload.attempts for upload in batch.uploads}
        album = (batch.community_id, str(batch.key))
        return self._waiting(
            lambda row: (row.community_id, row.album_key) == album and attempts.get(row.job_id) == row.attempts
        )

    def _change(self, batch: AlbumBatch, **changes: Any) -> None:
        for row in self._held(batch):
            self._put(replace(row, **changes))

    def _job(self, row: UploadRow) -> JobRow | None:
        return self._database.table("job").get(row.job_id)

    def _is_taken(self, row: UploadRow) -> bool:
        return row.taken_until is not None and row.taken_until > self._database.now()

    def _is_withheld(self, row: UploadRow) -> bool:
        job = self._job(row)
        return job is not None and not job.is_shown

    def _is_over(self, row: UploadRow) -> bool:
        now, job = self._database.now(), self._job(row)
        if job is None or job.result is None:
            return True
        is_awaited = job.is_shown and row.created_at > now - _AWAITED
        return (job.result_expires_at or now) <= now and not is_awaited

    def _is_fit(self, row: UploadRow) -> bool:
        return not self._is_withheld(row) and not self._is_over(row)


class MemoryFilledAlbums:
    """Implements ports.vk.FilledAlbums."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def current(self, community_id: UUID, key: AlbumKey) -> FilledAlbum | None:
        with self._database.transaction():
            wanted = (community_id, str(key))
            parts = {part: number for (*album, part), number in self._rows.items() if tuple(album) == wanted}
            return FilledAlbum(max(parts), parts[max(parts)]) if parts else None

    def remember(self, community_id: UUID, key: AlbumKey, album: FilledAlbum) -> None:
        with self._database.transaction():
            if community_id in self._database.table("community"):
                self._rows[community_id, str(key), album.part] = album.album_id

    def taken(self, community_id: UUID) -> frozenset[int]:
        with self._database.transaction():
            return frozenset(number for (community, *_), number in self._rows.items() if community == community_id)

    @property
    def _rows(self) -> dict[tuple[UUID, str, int], int]:
        return self._database.table("filled_album")
