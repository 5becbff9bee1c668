"""Administrators, bearer tokens and the counting of failed attempts."""

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects import postgresql

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema import admin_user, api_token, throttle
from app.ports.access import Account, Token


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

    def issue(self, digest: str, username: str, lifetime_seconds: float) -> Token:
        statement = (
            insert(api_token)
            .values(
                digest=digest,
                username=username,
                expires_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, lifetime_seconds),
            )
            .returning(api_token.c.expires_at)
        )
        with self._database.transaction() as session:
            return Token(digest, username, session.execute(statement).scalar_one())

    def find(self, digest: str) -> Token | None:
        query = select(api_token).where(api_token.c.digest == digest, api_token.c.expires_at > func.now())
        with self._database.transaction() as session:
            row = session.execute(query).first()
        return Token(row.digest, row.username, row.expires_at) if row else None

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, api_token, api_token.c.expires_at <= func.now(), limit)


class PostgresThrottle:
    """Implements ports.Throttle and ports.ExpiringRows: `limit` failures open a pause to the window's end."""

    def __init__(self, database: Database, *, limit: int, window_seconds: float) -> None:
        self._database = database
        self._limit = limit
        self._window_seconds = window_seconds

    def retry_after(self, key: str) -> float | None:
        query = select(func.extract("epoch", throttle.c.window_ends_at - func.now())).where(
            throttle.c.key == key, throttle.c.failures >= self._limit, throttle.c.window_ends_at > func.now()
        )
        rows = self._database.run(query)
        return float(rows[0][0]) if rows else None

    def failed(self, key: str) -> None:
        with self._database.transaction() as session:
            session.execute(_COUNT_FAILURE, {"key": key, "window": self._window_seconds})

    def clear(self, key: str) -> None:
        with self._database.transaction() as session:
            session.execute(throttle.delete().where(throttle.c.key == key))

    def forget_expired(self, limit: int) -> int:
        return forget(self._database, throttle, throttle.c.window_ends_at <= func.now(), limit)


_COUNT_FAILURE = text("""
INSERT INTO throttle (key, failures, window_ends_at) VALUES (:key, 1, now() + make_interval(secs => :window))
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN throttle.window_ends_at > now() THEN throttle.failures + 1 ELSE 1 END,
    window_ends_at = CASE WHEN throttle.window_ends_at > now() THEN throttle.window_ends_at
                          ELSE excluded.window_ends_at END
""")
