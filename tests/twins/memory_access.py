"""Settings, administrators, tokens and the counting of failures, in memory; and a hash that costs nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.ports.access import Account, Token
from app.ports.settings import Setting
from tests.twins.memory_database import MemoryDatabase


class MemorySettingsStore:
    """Implements ports.SettingsStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def get(self, key: str) -> Setting | None:
        with self._database.transaction():
            return self._database.table("app_settings").get(key)

    def put(self, key: str, value: Any, author: str | None) -> None:
        with self._database.transaction():
            self._database.table("app_settings")[key] = Setting(value, author, self._database.now())


class MemoryAccountStore:
    """Implements ports.AccountStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def get(self, username: str) -> Account | None:
        with self._database.transaction():
            return self._accounts.get(username)

    def add(self, account: Account) -> bool:
        with self._database.transaction():
            return self._accounts.setdefault(account.username, account) is account

    def update_hash(self, username: str, password_hash: str) -> None:
        with self._database.transaction():
            if account := self._accounts.get(username):
                self._accounts[username] = replace(account, password_hash=password_hash)

    def end_sessions(self, username: str) -> None:
        with self._database.transaction():
            if account := self._accounts.get(username):
                self._accounts[username] = replace(account, session_epoch=account.session_epoch + 1)

    @property
    def _accounts(self) -> dict[str, Account]:
        return self._database.table("admin_user")


class MemoryTokenStore:
    """Implements ports.TokenStore and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def issue(self, digest: str, username: str, lifetime_seconds: float) -> Token:
        with self._database.transaction():
            token = Token(digest, username, self._database.now() + timedelta(seconds=lifetime_seconds))
            self._database.table("api_token")[digest] = token
            return token

    def find(self, digest: str) -> Token | None:
        with self._database.transaction():
            token = self._database.table("api_token").get(digest)
            return token if token and token.expires_at > self._database.now() else None

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            now = self._database.now()
            return self._database.forget("api_token", lambda token: token.expires_at <= now, limit)


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    window_ends_at: datetime


class MemoryThrottle:
    """Implements ports.Throttle and ports.ExpiringRows: `limit` failures open a pause to the window's end."""

    def __init__(self, database: MemoryDatabase, *, limit: int, window_seconds: float) -> None:
        self._database = database
        self._limit = limit
        self._window = timedelta(seconds=window_seconds)

    def retry_after(self, key: str) -> float | None:
        with self._database.transaction():
            failures = self._current(key)
            if failures.count < self._limit:
                return None
            return (failures.window_ends_at - self._database.now()).total_seconds()

    def failed(self, key: str) -> None:
        with self._database.transaction():
            failures = self._current(key)
            self._database.table("throttle")[key] = _Failures(failures.count + 1, failures.window_ends_at)

    def clear(self, key: str) -> None:
        with self._database.transaction():
            self._database.table("throttle").pop(key, None)

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            now = self._database.now()
            return self._database.forget("throttle", lambda failures: failures.window_ends_at <= now, limit)

    def _current(self, key: str) -> _Failures:
        """What has been counted in a window that is still open, or the beginning of a new one."""
        now = self._database.now()
        failures = self._database.table("throttle").get(key)
        return failures if failures and failures.window_ends_at > now else _Failures(0, now + self._window)


class PlainHasher:
    """Implements ports.PasswordHasher without any cost, and counts what would have cost time.

    Hashes of another `generation` are still right, but to be renewed.
    """

    def __init__(self, generation: int = 1) -> None:
        self.generation = generation
        self.verified: list[str] = []

    def hash(self, password: str) -> str:
        return f"plain-{self.generation}:{password}"

    def verify(self, password_hash: str, password: str) -> bool:
        self.verified.append(password)
        return password_hash.partition(":")[2] == password

    def needs_rehash(self, password_hash: str) -> bool:
        return not password_hash.startswith(f"plain-{self.generation}:")
