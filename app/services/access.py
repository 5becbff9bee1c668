"""Who may come in: administrators by password or token, booths by the ingest password."""

import hashlib
import hmac
import secrets
import threading

from app.domain.errors import Reason, Refused
from app.domain.text import is_storable
from app.ports.access import Account, AccountStore, PasswordHasher, Throttle, Token, TokenStore
from app.ports.settings import INGEST_PASSWORD_KEY, SettingsStore

TOKEN_LIFETIME_SECONDS = 12 * 3600


class AccessService:
    """Administrators' passwords and bearer tokens."""

    def __init__(
        self, *, accounts: AccountStore, tokens: TokenStore, hasher: PasswordHasher, throttle: Throttle
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._hasher = hasher
        self._throttle = throttle
        self._decoy = hasher.hash(secrets.token_urlsafe(16))

    def log_in(self, username: str, password: str, client: str) -> str:
        """The user's name if the password is right; raises Refused(INVALID_CREDENTIALS or TOO_MANY_ATTEMPTS).

        An unknown user costs the same time and gets the same answer as a wrong password.
        """
        keys = [f"login:{client}", f"login-user:{_digest(username)}"]
        for key in keys:
            refuse_throttled(self._throttle, key)
        account = self._accounts.get(username) if is_storable(username) else None
        matches = self._hasher.verify(account.password_hash if account else self._decoy, password)
        if account is None or not matches:
            for key in keys:
                self._throttle.failed(key)
            raise Refused(Reason.INVALID_CREDENTIALS, "The user name or the password is wrong.")
        for key in keys:
            self._throttle.clear(key)
        self._renew_hash(account, password)
        return account.username

    def issue_token(self, username: str, password: str, client: str) -> tuple[str, Token]:
        """Log in and return a new bearer token's secret with what is stored of it; raises as `log_in`."""
        user = self.log_in(username, password, client)
        secret = secrets.token_urlsafe(32)
        return secret, self._tokens.issue(_digest(secret), user, TOKEN_LIFETIME_SECONDS)

    def user_of_token(self, secret: str) -> str | None:
        """The user that a bearer token stands for, None if it is unknown or has expired."""
        token = self._tokens.find(_digest(secret))
        return token.username if token else None

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

    def set_password(self, username: str, password: str) -> None:
        """Replace the password, or create the account with it; sessions that began with the old one end."""
        if not self.add_administrator(username, password):
            self._accounts.update_hash(username, self._hasher.hash(password))
            self._accounts.end_sessions(username)

    def _renew_hash(self, account: Account, password: str) -> None:
        if self._hasher.needs_rehash(account.password_hash):
            self._accounts.update_hash(account.username, self._hasher.hash(password))


class IngestGuard:
    """Checks the booths' password against its slow hash once, and afterwards against a keyed digest in memory."""

    def __init__(self, *, settings: SettingsStore, hasher: PasswordHasher, throttle: Throttle) -> None:
        self._settings = settings
        self._hasher = hasher
        self._throttle = throttle
        self._key = secrets.token_bytes(32)
        self._known: tuple[str, bytes] | None = None
        self._learning = threading.Lock()

    def check(self, slot_id: str, client: str, password: str) -> None:
        """Implements ports.BoothGuard."""
        setting = self._settings.get(INGEST_PASSWORD_KEY)
        if setting is None:
            raise Refused(Reason.INVALID_PASSWORD, "No ingest password has been set yet.")
        key = f"ingest:{slot_id}:{client}"
        refuse_throttled(self._throttle, key)
        if not self._matches(setting.value["hash"], password):
            self._throttle.failed(key)
            raise Refused(Reason.INVALID_PASSWORD, "The form field password is missing or wrong.")

    def _matches(self, password_hash: str, password: str) -> bool:
        """Once the right password is known for this hash, wrong ones cost no slow hash either.

        One thread at a time pays for it: the first shots of an event come together.
        """
        digest = hmac.digest(self._key, password.encode("utf-8", "surrogatepass"), "sha256")
        with self._learning:
            if self._known and self._known[0] == password_hash:
                return hmac.compare_digest(self._known[1], digest)
            if not self._hasher.verify(password_hash, password):
                return False
            self._known = (password_hash, digest)
            return True


def refuse_throttled(throttle: Throttle, key: str) -> None:
    seconds = throttle.retry_after(key)
    if seconds is not None:
        raise Refused(
            Reason.TOO_MANY_ATTEMPTS,
            f"Too many wrong attempts; try again in {max(1, round(seconds))} s.",
            retry_after=seconds,
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
