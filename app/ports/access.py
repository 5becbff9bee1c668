"""Who may come in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


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


class Scope(StrEnum):
    """What a bearer token may do: READ answers questions only."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token without its secret; `last_used_at` lags up to a minute behind."""

    id: UUID
    name: str
    scope: Scope
    username: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


class TokenStore(Protocol):
    """Tokens by the digest (SHA-256 in hex) of their secrets. Those that have expired count as gone."""

    def issue(
        self,
        digest: str,
        username: str,
        name: str,
        scope: Scope,
        lifetime_seconds: float,
        not_after: datetime | None = None,
    ) -> Token:
        """Store the token; when it expires is counted by the database's clock, and is not after `not_after`."""

    def use(self, digest: str) -> Token | None:
        """The token as it was before, whose use is noted at most once a minute."""

    def valid(self, page: int, page_size: int) -> tuple[list[Token], int]:
        """A page of them, newest first, and how many there are in all."""

    def revoke(self, token_id: UUID) -> Token | None:
        """Delete; returns what is gone, None if there was no such token."""

    def revoke_all(self, username: str) -> int:
        """Delete all of a user's; returns how many."""

    def keep_newest(self, username: str, name: str, count: int) -> None:
        """Delete a user's tokens of this name but the newest `count`."""


class PasswordHasher(Protocol):
    """Slow hashes for passwords of people and booths."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str, password: str) -> bool: ...

    def needs_rehash(self, password_hash: str) -> bool: ...


class Throttle(Protocol):
    """Counts failures by key across processes, in windows that begin with the first of them."""

    def retry_after(self, key: str, limit: int) -> float | None:
        """Seconds until the window of `key` ends if it has failed `limit` times in it; None if it has not."""

    def failed(self, key: str) -> int:
        """Count a failure; returns how many there are in the window now."""

    def forgive(self, key: str) -> None:
        """Take one failure back."""

    def clear(self, key: str) -> None: ...


class BoothGuard(Protocol):
    """Decides whether a booth may send shots."""

    def check(self, slot_id: str, client: str, password: str) -> None:
        """Raises Refused: INVALID_PASSWORD, or TOO_MANY_ATTEMPTS with retry_after."""


class GuestGuard(Protocol):
    """Slows down who guesses links and their passwords."""

    def missed(self, client: str) -> None:
        """Count an address that leads nowhere; raises Refused(TOO_MANY_ATTEMPTS) with retry_after after too many."""

    def check(self, link_id: UUID, password_hash: str, client: str, password: str) -> None:
        """Raises Refused: INVALID_PASSWORD, or TOO_MANY_ATTEMPTS with retry_after."""
