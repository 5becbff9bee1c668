"""The media store in a local directory."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import obstore
from obstore.store import LocalStore

from app.adapters.files.failures import failures_of
from app.adapters.files.keys import checked
from app.adapters.files.objects import ObjectFiles
from app.domain.errors import MediaMissing, MediaNotDeleted, MediaStoreUnavailable
from app.ports.media import Room

_INCOMING = ".incoming"
_CHUNK = 1024 * 1024
_PUBLISH_RETRIES = 9


class DirectoryFiles(ObjectFiles):
    """ports.MediaStore below `root`.

    The library's own write renames a file into place without fsync and without looking at what close() says, so
    after a power cut, or on a file system that reports a full disk late, a result that the database calls
    successful could be empty. Here a file is complete on disk in `.incoming` before it gets its name. What a crash
    leaves there is no key, so `list` does not show it; `discard_abandoned` removes it.
    """

    def __init__(self, root: Path) -> None:
        with failures_of(str(root), "make", "the directory"):
            root.mkdir(parents=True, exist_ok=True)
            super().__init__(LocalStore(root, automatic_cleanup=True), name=str(root))
        self._root = root.resolve()

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        """A file is stored from its current position."""
        with self._failures("write", checked(key)), self._incoming_file() as incoming:
            _store(incoming, data)
            _publish(incoming, self._root / key)
            self._persist_name(self._root / key)

    def open(self, key: str) -> tuple[BinaryIO, int]:
        """The file itself: it stays readable to its end when it is deleted or replaced meanwhile."""
        path = self._root / checked(key)
        with self._failures("read", key):
            try:
                file = path.open("rb")
            except (FileNotFoundError, IsADirectoryError):
                raise MediaMissing(key) from None
            return file, os.fstat(file.fileno()).st_size

    def delete(self, keys: Sequence[str]) -> None:
        """One by one: asked for many, the library gives up at the first that is missing."""
        failures: dict[str, MediaStoreUnavailable] = {}
        for path in [checked(key) for key in keys]:
            try:
                with self._failures("delete", path), suppress(FileNotFoundError):
                    obstore.delete(self._store, path)
            except MediaStoreUnavailable as error:
                failures[path] = error
        if failures:
            raise MediaNotDeleted(str(next(iter(failures.values()))), failures)

    def room(self) -> Room | None:
        """As this process may use it: what the system keeps for its administrator counts as taken."""
        with self._failures("measure", "the directory"):
            usage = shutil.disk_usage(self._root)
        return Room(usage.free, usage.total)

    def discard_abandoned(self, before: datetime) -> int:
        discarded = 0
        with self._failures("discard", "abandoned files"):
            for path in self._root.glob(f"{_INCOMING}/*"):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        discarded += 1
        return discarded

    @contextmanager
    def _incoming_file(self) -> Iterator[Path]:
        """A new name to write under; what is left there in the end is removed."""
        folder = self._root / _INCOMING
        folder.mkdir(exist_ok=True)
        path = folder / uuid4().hex
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _persist_name(self, path: Path) -> None:
        for folder in path.parents:
            _fsync_folder(folder)
            if folder == self._root:
                break


def _store(path: Path, data: bytes | BinaryIO) -> None:
    with path.open("xb") as file:
        if isinstance(data, bytes):
            file.write(data)
        else:
            shutil.copyfileobj(data, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _publish(source: Path, target: Path) -> None:
    """Rename; again when a deletion that emptied the folder took it away meanwhile."""
    for _ in range(_PUBLISH_RETRIES):
        with suppress(FileNotFoundError, FileExistsError):
            return _rename(source, target)
    return _rename(source, target)


def _rename(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
