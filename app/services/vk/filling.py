"""Fills albums of communities with photos of slots, batch by batch; whatever fails or is unknown is taken up again."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from app.domain.errors import MediaMissing, MediaStoreUnavailable, Reason, Refused
from app.domain.vk.errors import VkAlbumFull, VkError, VkFileRefused, VkOutcomeUnknown, VkUploadFailed
from app.domain.vk.filling import FilledAlbum
from app.domain.vk.media import SLOWEST_LINE
from app.ports.media import MediaStore
from app.ports.vk.filling import AlbumBatch, AlbumUploads
from app.services.vk.album_look import AlbumLook, content_of
from app.services.vk.filled_albums import AlbumFinder
from app.services.vk.media import VkMediaService
from app.services.vk.mishaps import pause_after, told

log = structlog.get_logger(__name__)

HOLD_SECONDS = 300.0
"""Finding an album, and uploading to it, takes less beside what the bytes of the photos need."""
LOOK_AFTER_SECONDS = 60.0
"""A call of VK's has ended by then, one way or another."""

_CLOSE_EVERY_SECONDS = 60.0
_FOR_A_PERSON_SECONDS = 120.0
_BAD_PICTURE = (Reason.INVALID_IMAGE, Reason.UNSUPPORTED_MEDIA_TYPE, Reason.PAYLOAD_TOO_LARGE)
_MISHAPS = (VkError, Refused, MediaStoreUnavailable)


class AlbumFiller:
    """Any number of processes may run it. `clock` is as time.monotonic.

    Photos are announced before they are sent. Those of which nobody knows whether they have come are looked for in the
    album, and sent again only if they are not there.
    """

    def __init__(
        self,
        *,
        uploads: AlbumUploads,
        albums: AlbumFinder,
        vk: VkMediaService,
        look: AlbumLook,
        media: MediaStore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._uploads = uploads
        self._albums = albums
        self._vk = vk
        self._look = look
        self._media = media
        self._clock = clock
        self._rests: dict[UUID, float] = {}
        self._closed_at = -_CLOSE_EVERY_SECONDS

    def step(self) -> bool:
        """Send, or look for, the batch that has been due for longest; False if none is.

        Raises Unavailable while the database is away; what was taken then is due again after HOLD_SECONDS.
        """
        self._close()
        batch = self._uploads.take(HOLD_SECONDS, self._resting())
        if batch is None:
            return False
        if batch.sent_at is None:
            self._send(batch)
        else:
            self._look_for(batch, batch.sent_at)
        return True

    def _close(self) -> None:
        """Now and then: it looks at all that wait."""
        if self._clock() - self._closed_at >= _CLOSE_EVERY_SECONDS:
            if lost := self._uploads.close():
                log.error("album_uploads_lost", number=lost)
            self._closed_at = self._clock()

    def _resting(self) -> Collection[UUID]:
        self._rests = {community: until for community, until in self._rests.items() if until > self._clock()}
        return list(self._rests)

    def _send(self, batch: AlbumBatch) -> None:
        files = self._files(batch)
        batch = _only(batch, files)
        if not batch.uploads:
            return
        try:
            album = self._albums.album_for(batch.community_id, batch.key)
        except _MISHAPS as error:
            self._failed(batch, error)
        else:
            self._upload(batch, files, album)

    def _upload(self, batch: AlbumBatch, files: Mapping[UUID, bytes], album: FilledAlbum) -> None:
        hold = HOLD_SECONDS + sum(len(files[upload.job_id]) for upload in batch.uploads) / SLOWEST_LINE
        announced = self._uploads.announce(batch, hold)
        if announced is None:
            return
        ids = [upload.job_id for upload in announced.uploads]
        try:
            came = self._vk.upload_photo_to_album(
                batch.community_id,
                album.album_id,
                [files[job_id] for job_id in ids],
                None,
                may_go_on=lambda: self._uploads.announce(announced, hold) is not None,
            )
        except _MISHAPS as error:
            self._not_uploaded(announced, files, album, error)
            return
        self._uploads.sent(announced, {job_id: photo.photo_id for job_id, photo in zip(ids, came, strict=True)})
        log.info("album_filled", community_id=str(batch.community_id), album_id=album.album_id, photos=len(ids))

    def _not_uploaded(
        self, batch: AlbumBatch, files: Mapping[UUID, bytes], album: FilledAlbum, error: Exception
    ) -> None:
        if isinstance(error, VkAlbumFull) or _is_gone(error):
            self._go_on(batch, album, "album_full" if isinstance(error, VkAlbumFull) else "album_gone")
        elif len(batch.uploads) > 1 and (isinstance(error, VkUploadFailed) or _is_of_file(error)):
            for upload in batch.uploads:  # one of them spoils the others
                self._upload(_only(batch, [upload.job_id]), files, album)
        else:
            self._failed(batch, error)

    def _go_on(self, batch: AlbumBatch, album: FilledAlbum, why: str) -> None:
        """In another album, unless somebody chose this one."""
        try:
            following = self._albums.album_after(batch.community_id, batch.key, album)
        except _MISHAPS as error:
            self._failed(replace(batch, sent_at=None), error)
            return
        if following is None:
            self._uploads.give_up(batch, why)
            log.warning("album_upload_given_up", community_id=str(batch.community_id), error=why)
        else:
            self._uploads.failed(batch, why, 0.0)

    def _look_for(self, batch: AlbumBatch, sent_at: datetime) -> None:
        try:
            found = self._look.found(batch, sent_at)
        except _MISHAPS as error:
            if _is_gone(error):  # and the photos with it
                self._uploads.failed(batch, "album_gone", 0.0)
            else:
                self._unknown(batch, error)
            return
        self._uploads.sent(batch, found)
        self._uploads.failed(batch, VkOutcomeUnknown.code, 0.0)  # those that were found are not held any more
        told = {"found": len(found), "sent": len(batch.uploads)}
        log.info("album_upload_looked_for", community_id=str(batch.community_id), **told)

    def _files(self, batch: AlbumBatch) -> dict[UUID, bytes]:
        """The pictures that can be sent; the others are put back."""
        found = {}
        sendable = self._uploads.sendable(batch)
        for upload in batch.uploads:
            alone = _only(batch, [upload.job_id])
            if upload.job_id not in sendable:  # withdrawn or over since it was taken
                self._uploads.failed(alone, "", 0.0)
                continue
            try:
                found[upload.job_id] = content_of(self._media, upload)
            except (MediaMissing, MediaStoreUnavailable) as error:
                self._failed(alone, error)
        return found

    def _failed(self, batch: AlbumBatch, error: Exception) -> None:
        """A picture that is no good is given up; for anything else there is another time."""
        if batch.sent_at is not None and isinstance(error, VkOutcomeUnknown):
            self._unknown(batch, error)
        elif _is_of_file(error):
            self._uploads.give_up(batch, _code(error))
            log.warning("album_upload_given_up", community_id=str(batch.community_id), error=_code(error))
        else:
            pause = self._rest(batch, error)
            self._uploads.failed(batch, _code(error), pause)

    def _unknown(self, batch: AlbumBatch, error: Exception) -> None:
        self._rest(batch, error)
        self._uploads.failed(batch, _code(error), LOOK_AFTER_SECONDS, is_unknown=True)

    def _rest(self, batch: AlbumBatch, error: Exception) -> float:
        """Seconds after which these photos are due again; what VK refuses of one it refuses of all the community's."""
        attempts = max(upload.attempts for upload in batch.uploads)
        pause = pause_after(error, attempts) or _FOR_A_PERSON_SECONDS
        if isinstance(error, VkError) and not isinstance(error, VkUploadFailed):
            self._rests[batch.community_id] = self._clock() + pause
        log.warning("album_not_filled", community_id=str(batch.community_id), error=_code(error), pause_seconds=pause)
        return pause


def _only(batch: AlbumBatch, ids: Collection[UUID]) -> AlbumBatch:
    return replace(batch, uploads=tuple(upload for upload in batch.uploads if upload.job_id in ids))


def _is_gone(error: Exception) -> bool:
    return isinstance(error, Refused) and error.reason is Reason.NOT_FOUND


def _is_of_file(error: Exception) -> bool:
    return isinstance(error, VkFileRefused) or (isinstance(error, Refused) and error.reason in _BAD_PICTURE)


def _code(error: Exception) -> str:
    code: str = told(error)["code"]
    return code
