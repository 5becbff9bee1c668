"""The media store in memory: for tests of what is built on ports.MediaStore."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from app.adapters.files.keys import checked
from app.domain.errors import MediaMissing, MediaStoreUnavailable
from app.ports.media import Room, StoredObject


class MemoryMediaStore:
    """Tests may look into `files`, change `modified` and `left`, and set `unavailable` to make every call fail."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.modified: dict[str, datetime] = {}
        self.left: Room | None = None
        self.unavailable = False

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        checked(key)
        self.check()
        try:
            content = data if isinstance(data, bytes) else data.read()
        except OSError as error:
            raise MediaStoreUnavailable(f"memory: cannot write {key}: {error.strerror}") from None
        self.files[key] = content
        self.modified[key] = datetime.now(UTC)

    def read(self, key: str) -> bytes:
        checked(key)
        self.check()
        try:
            return self.files[key]
        except KeyError:
            raise MediaMissing(key) from None

    def open(self, key: str) -> tuple[BinaryIO, int]:
        content = self.read(key)
        return io.BytesIO(content), len(content)

    def size(self, key: str) -> int:
        checked(key)
        self.check()
        try:
            return len(self.files[key])
        except KeyError:
            raise MediaMissing(key) from None

    def delete(self, keys: Sequence[str]) -> None:
        paths = [checked(key) for key in keys]
        self.check()
        for path in paths:
            self.files.pop(path, None)
            self.modified.pop(path, None)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        folder = f"{checked(prefix)}/" if prefix else ""
        self.check()
        return iter([self._entry(key) for key in self.files if key.startswith(folder)])

    def check(self) -> None:
        if self.unavailable:
            raise MediaStoreUnavailable("memory: made unavailable by the test")

    def room(self) -> Room | None:
        self.check()
        return self.left

    def discard_abandoned(self, before: datetime) -> int:
        self.check()
        return 0

    def _entry(self, key: str) -> StoredObject:
        return StoredObject(key, len(self.files[key]), self.modified[key])
