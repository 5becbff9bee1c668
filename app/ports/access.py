"""Who may come in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """An administrator. A session counts only while it carries the account's `session_epoch`."""

    username: str
    password_hash: str
    session_epoch: int = 0


class AccountStore(Protocol):
    def get(self, username: str) -> Account | None: ...

    def add(self, account: Account) -> bool:
        """False if the user exists already; nothing changes then."""

    def update_hash(self, username: str, password_hash: str) -> None: ...

    def end_sessions(self, username: str) -> None:
        """Raise the session epoch by one; two calls at once raise it by two."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token as stored: only the digest (SHA-256 in hex) of its secret."""

    digest: str
    username: str
    expires_at: datetime


class TokenStore(Protocol):
    def issue(self, digest: str, username: str, lifetime_seconds: float) -> Token:
        """Store the token; when it expires is counted by the database's clock."""

    def find(self, digest: str) -> Token | None:
        """The token if it is still valid."""


class PasswordHasher(Protocol):
    """Slow hashes for passwords of people and booths."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str, password: str) -> bool: ...

    def needs_rehash(self, password_hash: str) -> bool: ...


class Throttle(Protocol):
    """Counts failures by key across processes; a key with too many is refused until its window ends."""

    def retry_after(self, key: str) -> float | None:
        """Seconds until `key` may try again, None if it may now."""

    def failed(self, key: str) -> None: ...

    def clear(self, key: str) -> None: ...


class BoothGuard(Protocol):
    """Decides whether a booth may send shots."""

    def check(self, slot_id: str, client: str, password: str) -> None:
        """Raises Refused: INVALID_PASSWORD, or TOO_MANY_ATTEMPTS with retry_after."""
