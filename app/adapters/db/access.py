"""Administrators, bearer tokens and the counting of failed attempts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import admin_user, api_token, throttle
from app.ports.access import Account, Scope, Token


class PostgresAccountStore:
    """Implements ports.AccountStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, username: str) -> Account | None:
        with self._database.transaction() as session:
            row = session.execute(select(admin_user).where(admin_user.c.username == username)).first()
        return Account(row.username, row.password_hash, row.session_epoch) if row else None

    def add(self, account: Account) -> bool:
        statement = (
            postgresql.insert(admin_user)
            .values(username=account.username, password_hash=account.password_hash)
            .on_conflict_do_nothing()
            .returning(admin_user.c.username)
        )
        with self._database.transaction() as session:
            return session.execute(statement).first() is not None

    def update_hash(self, username: str, password_hash: str) -> None:
        statement = update(admin_user).where(admin_user.c.username == username).values(password_hash=password_hash)
        with self._database.transaction() as session:
            session.execute(statement)

    def end_sessions(self, username: str) -> None:
        raised = {"session_epoch": admin_user.c.session_epoch + 1}
        with self._database.transaction() as session:
            session.execute(update(admin_user).where(admin_user.c.username == username).values(raised))


class PostgresTokenStore:
    """Implements ports.TokenStore and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
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
        wanted = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lifetime_seconds)
        expires_at = wanted if not_after is None else func.least(wanted, not_after)
        values = {"digest": digest, "username": username, "name": name, "scope": scope.value, "expires_at": expires_at}
        return _token(self._database.run(insert(api_token).values(values).returning(api_token))[0])

    def use(self, digest: str) -> Token | None:
        rows = self._database.run(_USE_TOKEN, {"digest": digest})
        return _token(rows[0]) if rows else None

    def valid(self, page: int, page_size: int) -> tuple[list[Token], int]:
        newest = select(api_token).where(_IS_VALID).order_by(api_token.c.created_at.desc(), api_token.c.id)
        with self._database.transaction() as session:
            total = session.scalar(select(func.count()).select_from(api_token).where(_IS_VALID)) or 0
            rows = session.execute(newest.limit(page_size).offset((page - 1) * page_size)).all()
        return [_token(row) for row in rows], total

    def revoke(self, token_id: UUID) -> Token | None:
        rows = self._database.run(delete(api_token).where(api_token.c.id == token_id, _IS_VALID).returning(api_token))
        return _token(rows[0]) if rows else None

    def revoke_all(self, username: str) -> int:
        mine = delete(api_token).where(api_token.c.username == username, _IS_VALID)
        return len(self._database.run(mine.returning(api_token.c.id)))

    def keep_newest(self, username: str, name: str, count: int) -> None:
        mine = select(api_token.c.id).where(api_token.c.username == username, api_token.c.name == name)
        older = mine.order_by(api_token.c.created_at.desc(), api_token.c.id).offset(count)
        self._database.run(delete(api_token).where(api_token.c.id.in_(older)).returning(api_token.c.id))

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, api_token, api_token.c.expires_at <= func.now(), limit)


class PostgresThrottle:
    """Implements ports.Throttle and ports.ExpiringRows."""

    def __init__(self, database: Database, *, window_seconds: float) -> None:
        self._database = database
        self._window_seconds = window_seconds

    def retry_after(self, key: str, limit: int) -> float | None:
        query = select(func.extract("epoch", throttle.c.window_ends_at - func.now())).where(
            throttle.c.key == key, throttle.c.failures >= limit, throttle.c.window_ends_at > func.now()
        )
        rows = self._database.run(query)
        return float(rows[0][0]) if rows else None

    def failed(self, key: str) -> int:
        with self._database.transaction() as session:
            return int(session.execute(_COUNT_FAILURE, {"key": key, "window": self._window_seconds}).scalar_one())

    def forgive(self, key: str) -> None:
        mine = throttle.c.key == key
        with self._database.transaction() as session:
            session.execute(update(throttle).where(mine).values(failures=throttle.c.failures - 1))
            session.execute(delete(throttle).where(mine, throttle.c.failures <= 0))

    def clear(self, key: str) -> None:
        with self._database.transaction() as session:
            session.execute(throttle.delete().where(throttle.c.key == key))

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, throttle, throttle.c.window_ends_at <= func.now(), limit)


_IS_VALID = api_token.c.expires_at > func.now()

# Read and note in one round trip; most requests find that the note is fresh enough, and write nothing.
_USE_TOKEN = text("""
WITH found AS (SELECT * FROM api_token WHERE digest = :digest AND expires_at > now()),
     noted AS (UPDATE api_token SET last_used_at = now() FROM found
               WHERE api_token.digest = found.digest
                 AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute'))
SELECT * FROM found
""")

_COUNT_FAILURE = text("""
INSERT INTO throttle (key, failures, window_ends_at) VALUES (:key, 1, now() + make_interval(secs => :window))
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN throttle.window_ends_at > now() THEN throttle.failures + 1 ELSE 1 END,
    window_ends_at = CASE WHEN throttle.window_ends_at > now() THEN throttle.window_ends_at
                          ELSE excluded.window_ends_at END
RETURNING failures
""")


def _token(row: Row[Any]) -> Token:
    return Token(row.id, row.name, Scope(row.scope), row.username, row.created_at, row.expires_at, row.last_used_at)
