"""Settings, administrators, tokens and the counting of failures, in memory; and a hash that costs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.ports.access import Account, Scope, Token
from app.ports.settings import Setting
from tests.twins.memory_database import MemoryDatabase

_NOTED_EVERY = timedelta(minutes=1)


class MemorySettingsStore:
    """Implements ports.SettingsStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def get(self, key: str) -> Setting | None:
        with self._database.transaction():
            setting = self._database.table("app_settings").get(key)
            return replace(setting, read_at=self._database.now()) if setting else None

    def below(self, prefix: str) -> Mapping[str, Setting]:
        with self._database.transaction():
            now, table = self._database.now(), self._database.table("app_settings")
            return {key: replace(kept, read_at=now) for key, kept in table.items() if key.startswith(prefix)}

    def put(self, key: str, value: Any, author: str | None) -> None:
        with self._database.transaction():
            now = self._database.now()
            self._database.table("app_settings")[key] = Setting(value, author, now, now)

    def version(self) -> int:
        with self._database.transaction():
            return self._database.table("app_settings_version").get("", 0)

    def advance(self, expected: int | None) -> int | None:
        with self._database.transaction():
            current = self.version()
            if expected not in (None, current):
                return None
            self._database.table("app_settings_version")[""] = current + 1
            return current + 1


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

    def issue(
        self,
        digest: str,
        username: str,
        name: str,
        scope: Scope,
        lifetime_seconds: float,
        not_after: datetime | None = None,
    ) -> Token:
        with self._database.transaction():
            now = self._database.now()
            wanted = now + timedelta(seconds=lifetime_seconds)
            token = Token(uuid4(), name, scope, username, now, min(wanted, not_after or wanted))
            self._database.table("api_token")[digest] = token
            return token

    def use(self, digest: str) -> Token | None:
        with self._database.transaction():
            now = self._database.now()
            token = self._valid().get(digest)
            if token and (token.last_used_at is None or token.last_used_at < now - _NOTED_EVERY):
                self._database.table("api_token")[digest] = replace(token, last_used_at=now)
            return token

    def valid(self, page: int, page_size: int) -> tuple[list[Token], int]:
        with self._database.transaction():
            found = sorted(self._valid().values(), key=lambda token: token.created_at, reverse=True)
        return found[(page - 1) * page_size :][:page_size], len(found)

    def revoke(self, token_id: UUID) -> Token | None:
        with self._database.transaction():
            digests = [digest for digest, token in self._valid().items() if token.id == token_id]
            return self._database.table("api_token").pop(digests[0]) if digests else None

    def revoke_all(self, username: str) -> int:
        with self._database.transaction():
            digests = [digest for digest, token in self._valid().items() if token.username == username]
            for digest in digests:
                del self._database.table("api_token")[digest]
            return len(digests)

    def keep_newest(self, username: str, name: str, count: int) -> None:
        with self._database.transaction():
            table = self._database.table("api_token")
            mine = [key for key, token in table.items() if (token.username, token.name) == (username, name)]
            for key in sorted(mine, key=lambda key: table[key].created_at, reverse=True)[count:]:
                del table[key]

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            now = self._database.now()
            return self._database.forget("api_token", lambda token: token.expires_at <= now, limit)

    def _valid(self) -> dict[str, Token]:
        now = self._database.now()
        return {k: token for k, token in self._database.table("api_token").items() if token.expires_at > now}


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    window_ends_at: datetime


class MemoryThrottle:
    """Implements ports.Throttle and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase, *, window_seconds: float) -> None:
        self._database = database
        self._window = timedelta(seconds=window_seconds)

    def retry_after(self, key: str, limit: int) -> float | None:
        with self._database.transaction():
            failures = self._current(key)
            if failures.count < limit:
                return None
            return (failures.window_ends_at - self._database.now()).total_seconds()

    def failed(self, key: str) -> int:
        with self._database.transaction():
            failures = self._current(key)
            self._database.table("throttle")[key] = _Failures(failures.count + 1, failures.window_ends_at)
            return failures.count + 1

    def forgive(self, key: str) -> None:
        with self._database.transaction():
            failures = self._database.table("throttle").pop(key, None)
            if failures and failures.count > 1:
                self._database.table("throttle")[key] = replace(failures, count=failures.count - 1)

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
