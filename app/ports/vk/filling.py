"""Photos on their way to albums of communities."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.vk.filling import AlbumKey, FilledAlbum


@dataclass(frozen=True, slots=True)
class AlbumUpload:
    """A photo to be uploaded. `attempts` is how often it was taken, and a fence; width and height are in pixels.

    `path` is the key of its file, empty once that is gone, `checksum` the SHA-256 in hex of what was stored there.
    """

    job_id: UUID
    attempts: int
    width: int
    height: int
    path: str
    checksum: str


@dataclass(frozen=True, slots=True)
class AlbumBatch:
    """Photos for one album, the oldest first, taken by this process.

    Where `sent_at` is not None they were sent then, and nobody knows whether they have come: all of them together.
    """

    community_id: UUID
    key: AlbumKey
    uploads: tuple[AlbumUpload, ...]
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class UploadTally:
    """How uploading goes. As CopyTally, but `error` is the code of a VkError, or empty."""

    sent: int = 0
    waiting: int = 0
    withheld: int = 0
    lost: int = 0
    oldest_waiting_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class AlbumPlace:
    """A photo in, or on its way to, an album of a community. `vk_photo_id` is None until it is there."""

    community_id: UUID
    vk_photo_id: int | None
    is_given_up: bool
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PostPlace:
    """A photo in a post of ours. `vk_post_id` is None until the post was found on the wall; `at` is its date."""

    community_id: UUID
    post_id: UUID
    vk_post_id: int | None
    at: datetime


class AlbumUploads(Protocol):
    """What is to be uploaded to albums. A row is made by the statement that finishes a photo of a slot that fills one.

    One batch of a community is under way at a time, and while nobody knows what became of one, no other is begun: so
    its album tells. The time of a photo that waits is over AWAITED_HOURS after it was ordered, if its result's is: its
    file stays as long. That of one that is hidden or deleted is its result's.
    """

    def order(self, community_id: UUID, key: AlbumKey, photos: Mapping[UUID, str]) -> int:
        """Upload photos, given with their slots, to an album; returns how many that were not ordered for it before.

        What was given up is tried again, and counts as ordered now.
        """

    def take(self, hold_seconds: float, resting: Collection[UUID] = ()) -> AlbumBatch | None:
        """Up to UPLOAD_MAX photos of the album that has been due for longest; nobody else gets them in `hold_seconds`.

        None if nothing is due in communities that are not `resting`. Photos that are hidden or deleted, or whose time
        is over, are only taken to be looked for.
        """

    def sendable(self, batch: AlbumBatch) -> frozenset[UUID]:
        """Those photos of the batch that are neither hidden nor deleted, and whose time is not over."""

    def announce(self, batch: AlbumBatch, hold_seconds: float) -> AlbumBatch | None:
        """From now on the photos may be in the album: written down before they are sent. None if they are another's.

        Nobody else gets them in `hold_seconds` from now; it may be repeated.
        """

    def sent(self, batch: AlbumBatch, photos: Mapping[UUID, int]) -> None:
        """These photos of the batch lie in the album under these ids of VK's, whoever has them meanwhile."""

    def failed(self, batch: AlbumBatch, error: str, retry_seconds: float, *, is_unknown: bool = False) -> None:
        """Try again in `retry_seconds`, with a look at the album first if it is unknown whether they have come.

        Nothing happens to those that are another's by now, or have been sent.
        """

    def give_up(self, batch: AlbumBatch, error: str) -> None:
        """They will never be sent. Otherwise as `failed`."""

    def close(self) -> int:
        """Give up photos whose time is over; returns how many. What was hidden or deleted then is forgotten."""

    def known(self, community_id: UUID, ids: Collection[int]) -> frozenset[int]:
        """Those of VK's photo ids that are known to be photos of ours."""

    def tally(self, slot_id: str) -> UploadTally:
        """Of a slot's photos that were ordered, or given up, in the last 7 days."""

    def in_albums(self, job_id: UUID) -> Sequence[AlbumPlace]: ...

    def in_posts(self, job_id: UUID) -> Sequence[PostPlace]: ...


class SamePicture(Protocol):
    def __call__(self, one: bytes, other: bytes) -> bool:
        """Whether two files show the same picture, whatever its size and quality. Raises Refused as ImageTool does."""


class FilledAlbums(Protocol):
    """Which album of VK's takes what is for a day or an event."""

    def current(self, community_id: UUID, key: AlbumKey) -> FilledAlbum | None:
        """Its newest part."""

    def remember(self, community_id: UUID, key: AlbumKey, album: FilledAlbum) -> None: ...

    def taken(self, community_id: UUID) -> frozenset[int]:
        """Albums that already are for something."""
