"""The media store on any object store that obstore knows."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import obstore
from obstore.store import LocalStore, S3Store

from app.adapters.files.failures import failures_of
from app.adapters.files.keys import checked, is_key
from app.domain.errors import MediaMissing, MediaNotDeleted, MediaStoreUnavailable
from app.ports.media import Room, StoredObject

_CHUNK = 1024 * 1024
_PROBE = "readiness-check"


class ObjectFiles:
    """ports.MediaStore on a bucket. `name` stands for it in messages. Writes are atomic because S3's are."""

    def __init__(self, store: S3Store | LocalStore, name: str) -> None:
        self._store = store
        self._name = name

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        """A file must be seekable; it is stored from its current position."""
        with self._failures("write", checked(key)):
            obstore.put(self._store, key, data, max_concurrency=1)

    def read(self, key: str) -> bytes:
        with self._failures("read", checked(key)):
            return bytes(self._get(key).bytes())

    def open(self, key: str) -> tuple[BinaryIO, int]:
        """A copy, on disk when it is large.

        One request gets it whole: nothing can fail or vanish any more once the reader has begun to answer somebody.
        """
        spool = cast(BinaryIO, SpooledTemporaryFile(max_size=_CHUNK))  # noqa: SIM115 - handed to the caller
        try:
            with self._failures("read", checked(key)):
                for chunk in self._get(key).stream(min_chunk_size=_CHUNK):
                    spool.write(chunk)
        except BaseException:
            spool.close()
            raise
        size = spool.tell()
        spool.seek(0)
        return spool, size

    def size(self, key: str) -> int:
        """The answer to a HEAD does not say whether the file or the whole bucket is missing; that to a GET does."""
        with self._failures("look for", checked(key)):
            try:
                return obstore.head(self._store, key)["size"]
            except FileNotFoundError:
                return self._get(key).meta["size"]

    def delete(self, keys: Sequence[str]) -> None:
        paths = [checked(key) for key in keys]
        if paths:
            try:
                with self._failures("delete", f"{len(paths)} files"):
                    obstore.delete(self._store, paths)
            except MediaStoreUnavailable as error:
                raise self._not_deleted(paths, error) from None

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Objects that are no keys (see `is_key`) are not ours and left out. `prefix` "" is the whole store."""
        folder = checked(prefix) if prefix else None
        return self._objects(folder)

    def check(self) -> None:
        self.write(_PROBE, b"ready")
        self.delete([_PROBE])

    def room(self) -> Room | None:
        """A bucket has no end."""
        return None

    def discard_abandoned(self, before: datetime) -> int:
        """S3 keeps no visible trace of unfinished writes; the bucket's lifecycle rule removes their parts."""
        return 0

    def _objects(self, folder: str | None) -> Iterator[StoredObject]:
        with self._failures("list", folder or "everything"):
            for chunk in obstore.list(self._store, folder):
                for meta in chunk:
                    if is_key(meta["path"]):
                        yield StoredObject(meta["path"], meta["size"], meta["last_modified"])

    def _not_deleted(self, paths: Sequence[str], error: MediaStoreUnavailable) -> MediaStoreUnavailable:
        """The library tells of one failure, not of whose: what is still there was not deleted."""
        left = paths if len(paths) == 1 else [path for path in paths if self._is_there(path)]
        return MediaNotDeleted(str(error), left) if left else error

    def _is_there(self, path: str) -> bool:
        with self._failures("look for", path):
            try:
                obstore.head(self._store, path)
            except FileNotFoundError:
                return False
            return True

    def _get(self, key: str) -> "obstore.GetResult":
        try:
            return obstore.get(self._store, key)
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise
            raise MediaMissing(key) from None

    def _failures(self, action: str, what: str) -> AbstractContextManager[None]:
        return failures_of(self._name, action, what)
