"""Administrators come in by password; programs by token (tokens.py), booths by the ingest password (booths.py)."""

import secrets
from typing import NoReturn

from app.domain.errors import Reason, Refused
from app.domain.text import is_storable
from app.ports.access import Account, AccountStore, PasswordHasher, Throttle, TokenStore
from app.ports.audit import AuditLog
from app.ports.upkeep import Transaction
from app.services.access.throttling import LoginThrottle


class AccessService:
    """Administrators' passwords and sessions. A login waits for `patience_seconds` while others are being checked."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        tokens: TokenStore,
        hasher: PasswordHasher,
        throttle: Throttle,
        audit: AuditLog,
        transaction: Transaction,
        patience_seconds: float = 3,
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._hasher = hasher
        self._throttle = LoginThrottle(throttle, patience_seconds)
        self._audit = audit
        self._transaction = transaction
        self._decoy = hasher.hash(secrets.token_urlsafe(16))

    def log_in(self, username: str, password: str, client: str) -> str:
        """The user's name if the password is right; raises Refused(INVALID_CREDENTIALS or TOO_MANY_ATTEMPTS).

        `client` is the address of who asks. An unknown user costs the same time and gets the same answer as a wrong
        password.
        """
        with self._throttle.attempt(username, client) as pause_begins:
            account = self._accounts.get(username) if is_storable(username) else None
            matches = self._hasher.verify(account.password_hash if account else self._decoy, password)
            if account is None or not matches:
                self._refuse(account, client, pause_begins)
            self._throttle.forgive(username, client)
            self._renew_hash(account, password)
        self._audit.record(account.username, "login", detail={"client": client})
        return account.username

    def session_epoch(self, username: str) -> int | None:
        """What a browser's session must carry to be this user's; None if there is no such user."""
        account = self._accounts.get(username)
        return account.session_epoch if account else None

    def end_sessions(self, username: str) -> None:
        """End all sessions of the user, and with them every copy of their cookies."""
        self._accounts.end_sessions(username)

    def add_administrator(self, username: str, password: str) -> bool:
        """Create the account; False if it exists, whose password then stays as it is."""
        return self._accounts.get(username) is None and self._accounts.add(
            Account(username, self._hasher.hash(password))
        )

    def set_password(self, username: str, password: str, author: str | None) -> None:
        """Replace the password, or create the account with it; what began with the old one ends: sessions, tokens."""
        if self.add_administrator(username, password):
            return
        renewed = self._hasher.hash(password)
        with self._transaction():
            self._accounts.update_hash(username, renewed)
            self._accounts.end_sessions(username)
            revoked = self._tokens.revoke_all(username)
            self._audit.record(author, "password.changed", username, {"tokens_revoked": revoked})

    def _refuse(self, account: Account | None, client: str, pause_begins: bool) -> NoReturn:
        """A name that nobody has is not written down: it may be a password that was typed into the wrong field."""
        if pause_begins:
            self._audit.record(None, "login.throttled", account.username if account else "", {"client": client})
        raise Refused(Reason.INVALID_CREDENTIALS, "The user name or the password is wrong.")

    def _renew_hash(self, account: Account, password: str) -> None:
        if self._hasher.needs_rehash(account.password_hash):
            self._accounts.update_hash(account.username, self._hasher.hash(password))
