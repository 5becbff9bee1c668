"""Bearer tokens: what programs come in with."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.ports.access import Scope, Token, TokenStore
from app.ports.audit import AuditLog
from app.ports.upkeep import Transaction
from app.services.access.digests import digest

LOGIN_TOKEN = "POST /api/login"  # noqa: S105 - the name of a token
LOGIN_TOKEN_SECONDS = 12 * 3600
LOGIN_TOKENS_MAX = 20
NAME_LENGTH = (1, 60)
LIFETIME_DAYS = (1, 366)

_FIELDS = ("name", "scope", "expires_in_days")
_DAY_SECONDS = 24 * 3600


class TokenService:
    """Issues, recognises and revokes tokens. Only a digest of a secret is kept: it is long enough not to be guessed."""

    def __init__(self, *, tokens: TokenStore, audit: AuditLog, transaction: Transaction) -> None:
        self._tokens = tokens
        self._audit = audit
        self._transaction = transaction

    def issue(self, wanted: Mapping[str, Any], author: str, not_after: datetime | None = None) -> tuple[str, Token]:
        """A new token's secret, which cannot be had again, and what is stored of it.

        `wanted` holds `name`, `scope` and `expires_in_days`; `not_after` is the end of the token that asks, if one
        does. Raises Refused(INVALID_SETTINGS) with details by field.
        """
        problems = {name: problem for name in {*_FIELDS, *wanted} if (problem := _problem(name, wanted.get(name)))}
        if problems:
            raise Refused(Reason.INVALID_SETTINGS, "The token cannot be issued so.", details={"fields": problems})
        name, scope = wanted["name"].strip(), Scope(wanted["scope"])
        secret = _new_secret()
        with self._transaction():
            lifetime = wanted["expires_in_days"] * _DAY_SECONDS
            token = self._tokens.issue(digest(secret), author, name, scope, lifetime, not_after)
            detail = {"scope": scope.value, "expires_at": token.expires_at.isoformat()}
            self._audit.record(author, "token.issued", name, detail)
        return secret, token

    def issue_for_login(self, username: str) -> tuple[str, Token]:
        """The token that a program gets for a password; of the user's tokens of this kind the newest stay."""
        secret = _new_secret()
        with self._transaction():
            token = self._tokens.issue(digest(secret), username, LOGIN_TOKEN, Scope.WRITE, LOGIN_TOKEN_SECONDS)
            self._tokens.keep_newest(username, LOGIN_TOKEN, LOGIN_TOKENS_MAX)
        return secret, token

    def use(self, secret: str) -> Token | None:
        """The token with this secret, None if it is unknown, revoked or has expired."""
        return self._tokens.use(digest(secret))

    def valid(self, page: int, page_size: int) -> tuple[list[Token], int]:
        """A page of those that can be used now, newest first, and how many there are in all."""
        return self._tokens.valid(page, page_size)

    def revoke(self, token_id: UUID, author: str) -> None:
        """Raises Refused(NOT_FOUND)."""
        with self._transaction():
            token = self._tokens.revoke(token_id)
            if token is None:
                raise Refused(Reason.NOT_FOUND, "There is no such token.")
            self._audit.record(author, "token.revoked", token.name, {"username": token.username})


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _problem(name: str, value: Any) -> dict[str, Any] | None:
    if name == "name":
        low, high = NAME_LENGTH
        fits = isinstance(value, str) and low <= len(value.strip()) <= high and value.isprintable()
        return None if fits else {"code": "bad_length", "minimum": low, "maximum": high}
    if name == "scope":
        return None if value in list(Scope) else {"code": "not_an_option", "options": [s.value for s in Scope]}
    if name == "expires_in_days":
        low, high = LIFETIME_DAYS
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and low <= value <= high else {"code": "out_of_range", "minimum": low, "maximum": high}
    return {"code": "unknown_field", "allowed": list(_FIELDS)}
