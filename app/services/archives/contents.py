"""What is in an archive, in which order and under which names, and the ETag that stands for all of it."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.job import download_name
from app.domain.photo import Photo
from app.domain.zip_layout import ZipEntry

MANIFEST_NAME = "manifest.csv"

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ETAG = re.compile("([0-9a-f]{1,13})-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Filed:
    """A photo as an archive holds it: its name there, and when it was finished by the clocks of the house."""

    name: str
    at: datetime
    photo: Photo


Manifest = Callable[[Sequence[Filed]], bytes]
"""Makes the table that goes with photos, which are given oldest first."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: in the media store under `path`, or the manifest, which has none."""

    entry: ZipEntry
    path: str | None


@dataclass(frozen=True, slots=True)
class Contents:
    """`members` end with the `manifest`. Archives with the same `etag` are the same to the byte."""

    photos: Sequence[Photo]
    members: Sequence[Member]
    manifest: bytes
    etag: str


def contents_of(photos: Sequence[Photo], zone: ZoneInfo, manifest: Manifest) -> Contents:
    """Of at least one photo, oldest first."""
    filed = _filed(photos, zone)
    table = manifest(filed)
    members = [*map(_member, filed), Member(ZipEntry(MANIFEST_NAME, len(table), filed[-1].at), None)]
    return Contents(photos, members, table, _etag(photos[-1], members, table))


def until(photos: Sequence[Photo], etag: str) -> list[Photo]:
    """Those that were there when the newest of the archive with this ETag was; none for an ETag of something else."""
    match = _ETAG.fullmatch(etag)
    newest = int(match[1], 16) if match else -1
    return [photo for photo in photos if _moment(photo) <= newest]


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
    """When the newest photo came, and a digest: what is stored under a path never changes."""
    digest = hashlib.sha256(table)
    for member in members:
        digest.update(f"{member.entry.name}\n{member.path}\n{member.entry.size_bytes}\n".encode())
    return f"{_moment(newest):x}-{digest.hexdigest()[:32]}"


def _moment(photo: Photo) -> int:
    return (photo.finalized_at - _EPOCH) // _MICROSECOND
