"""Media stores in memory that fail in one way."""

from collections.abc import Sequence
from typing import BinaryIO

from app.domain.errors import MediaNotDeleted, MediaStoreUnavailable
from tests.twins.memory_media_store import MemoryMediaStore


class FullFor(MemoryMediaStore):
    """No room under one folder."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        if key.startswith(self._folder):
            raise MediaStoreUnavailable("no space left on device")
        super().write(key, data)


class Undeletable(MemoryMediaStore):
    """Nothing can be deleted whose key contains `part`."""

    def __init__(self, part: str = "") -> None:
        super().__init__()
        self.part = part

    def delete(self, keys: Sequence[str]) -> None:
        left = [key for key in keys if self.part in key]
        super().delete([key for key in keys if key not in left])
        if left:
            raise MediaNotDeleted("read-only", left)
