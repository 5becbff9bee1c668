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


class FailingAtFirst(MemoryMediaStore):
    """Each first read and first write below `prefix` fails, as when the network of a bucket hiccups."""

    def __init__(self, *prefixes: str) -> None:
        super().__init__()
        self._troubles = {(action, prefix) for action in ("read", "write") for prefix in prefixes}

    def write(self, key: str, data: bytes | BinaryIO) -> None:
        self._hiccup("write", key)
        super().write(key, data)

    def read(self, key: str) -> bytes:
        self._hiccup("read", key)
        return super().read(key)

    def _hiccup(self, action: str, key: str) -> None:
        trouble = (action, f"{key.partition('/')[0]}/")
        if trouble in self._troubles:
            self._troubles.remove(trouble)
            raise MediaStoreUnavailable("memory: a hiccup")
