"""Files, and the images in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from app.domain.catalogue import InputLimits
from app.domain.job import ClaimedJob
from app.domain.media import EncodedImage, Finish, ImageInfo, MediaObject, TemplateMedia


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An entry of the media store: key, size in bytes, time of last change (aware)."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of where files are kept, in bytes, and how large it is."""

    free_bytes: int
    total_bytes: int


class MediaStore(Protocol):
    """Files by key, in a local directory or an S3 bucket. Keys are relative and use '/'."""

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        """Store the whole content or nothing; replaces what was there. A reader never sees a part."""

    def read(self, key: str) -> bytes:
        """Raises MediaMissing."""

    def open(self, key: str) -> tuple[BinaryIO, int]:
        """A seekable reader and the size in bytes; memory stays flat. Raises MediaMissing."""

    def size(self, key: str) -> int:
        """How many bytes there are, without any of them. Raises MediaMissing."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete; keys that are gone already are no error.

        Raises MediaNotDeleted if some resist: all others have been deleted then.
        """

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose key lies under the folder `prefix`."""

    def check(self) -> None:
        """Write and delete a small file; raises MediaStoreUnavailable."""

    def room(self) -> Room | None:
        """How full it is; None for one that has no end. Raises MediaStoreUnavailable."""

    def discard_abandoned(self, before: datetime) -> int:
        """Remove unfinished writes, last touched before `before`, of processes that died; returns how many."""


class ImageTool(Protocol):
    """Decoding and encoding of untrusted images."""

    def inspect(self, source: BinaryIO) -> ImageInfo:
        """Decode the whole image defensively, in little memory; `source` is left at its beginning.

        Raises Refused: UNSUPPORTED_MEDIA_TYPE if the first bytes are none of ACCEPTED_TYPES, INVALID_IMAGE if it
        does not decode, PAYLOAD_TOO_LARGE if it has more pixels than allowed, QUEUE_BUSY if so many others are being
        decoded that it would have to wait for long. `finish`, `convert` and `preview` wait: their callers have
        deadlines of their own.
        """

    def size_of(self, data: bytes) -> tuple[int, int]:
        """Width and height in pixels as displayed, by what the file says before its pixels: quick, waits for nobody.

        Raises Refused as `inspect` does, but not for pixels that cannot be decoded.
        """

    def finish(self, data: bytes, finish: Finish) -> EncodedImage:
        """The picture as its slot wants it: upright, without metadata but with its colour profile, and no larger.

        Bytes that already are exactly that are passed on, a JPEG's without its metadata and otherwise unchanged. Raises
        Refused as `inspect` does; for an overlay that cannot be used it is INVALID_SETTINGS.
        """

    def convert(self, data: bytes, mime_type: str, limits: InputLimits) -> tuple[bytes, str]:
        """An image of type `mime_type` inside `limits`, upright and without metadata, and its type.

        One that is all that is passed on, a JPEG's metadata taken out; others are encoded anew, as JPEG or, where that
        is not taken, as the first of the types. Raises Refused as `inspect` does.
        """

    def preview(self, data: bytes, max_side: int, max_bytes: int | None = None) -> bytes:
        """A WebP no larger than `max_side` pixels; one that would have more than `max_bytes` is coarser, then smaller.

        Raises Refused as `inspect` does.
        """


class TemplateStore(Protocol):
    """Rows of template media; their bytes live in the media store under `path`."""

    def add(self, template: TemplateMedia, author: str) -> TemplateMedia:
        """Returns the template as it is stored: it was created now, by the database's clock."""

    def get(self, template_id: UUID) -> TemplateMedia | None: ...

    def all(self) -> list[TemplateMedia]:
        """Newest first, each with the slots that use it."""

    def bind(self, slot_id: str, bindings: Mapping[str, UUID]) -> None:
        """Replace the slot's bindings (field name to template). Unknown templates raise KeyError."""

    def rename(self, template_id: UUID, label: str) -> TemplateMedia | None:
        """The template under its new name; None if it is unknown."""

    def remove(self, template_id: UUID) -> bool:
        """Delete the row; False if it is unknown. Bindings go with it."""


class MediaObjectStore(Protocol):
    """Rows of temporary public files; their bytes live in the media store under `path`."""

    def add(
        self,
        media_id: UUID,
        path: str,
        mime_type: str,
        size_bytes: int,
        job_id: UUID | None,
        lifetime_seconds: float,
    ) -> MediaObject:
        """A row that expires `lifetime_seconds` from now, or with the job if that is sooner."""

    def get(self, media_id: UUID) -> MediaObject | None: ...

    def forget_media(self, limit: int) -> list[tuple[str, int]]:
        """Detach the files of rows past their time; returns the media key and the size in bytes of each."""

    def referenced_media(self, ids: Sequence[UUID]) -> set[str]:
        """The media keys that the given rows refer to."""


class MediaLinks(Protocol):
    """Public addresses for what a provider must fetch."""

    def publish(self, job: ClaimedJob, data: bytes, mime_type: str) -> str:
        """The address of these bytes, good until the job's window ends.

        Raises ProviderFault: NOT_CONFIGURED without a PUBLIC_BASE_URL, INTERNAL while database or media store are
        away.
        """
