"""What lies at the providers, in memory."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.twins.memory_database import MemoryDatabase

_LEAST_LEFT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _File:
    address: str
    expires_at: datetime


class MemoryRemoteFiles:
    """Implements ports.RemoteFiles and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase | None = None) -> None:
        self._database = database or MemoryDatabase()

    def find(self, provider: str, account: str, sha256: str) -> str | None:
        with self._database.transaction():
            file = self._files.get((provider, account, sha256))
            return file.address if file and file.expires_at > self._database.now() + _LEAST_LEFT else None

    def keep(self, provider: str, account: str, sha256: str, address: str, lifetime_seconds: float) -> None:
        with self._database.transaction():
            expires_at = self._database.now() + timedelta(seconds=lifetime_seconds)
            self._files[provider, account, sha256] = _File(address, expires_at)

    def forget(self, provider: str, account: str, sha256: str) -> None:
        with self._database.transaction():
            self._files.pop((provider, account, sha256), None)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            now = self._database.now()
            return self._database.forget("provider_file", lambda file: file.expires_at <= now, limit)

    @property
    def _files(self) -> dict[tuple[str, str, str], _File]:
        return self._database.table("provider_file")
