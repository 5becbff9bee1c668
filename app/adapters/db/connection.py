"""The engine and the one session of each thread; every statement is bounded in time."""

import select
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
from sqlalchemy import CursorResult, Row, TextClause, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app.domain.errors import DatabaseUnavailable

PATIENCE_SECONDS = 5.0
"""How long one use of the database may take in all: ping, reconnect and statements."""

POOL_WAIT_SECONDS = 2.0


class Database:
    """One engine and its thread-bound sessions."""

    def __init__(self, url: str, *, pool_size: int, application_name: str) -> None:
        psycopg2.extensions.set_wait_callback(_wait)
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            pool_pre_ping=True,
            connect_args={"application_name": application_name},
        )
        event.listen(self.engine, "connect", _prepare)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = scoped_session(sessionmaker(self.engine, expire_on_commit=False))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The thread's session inside a transaction; joins the one already open.

        The outermost block commits and gives the connection back, so nothing is held between use cases.
        Raises DatabaseUnavailable when the database cannot be reached, or does not answer in time.
        """
        session: Session = self._sessions()
        if session.in_transaction():
            yield session
            return
        try:
            with _limited(), _named_failures(), session.begin():
                yield session
        finally:
            self._sessions.remove()

    def run(self, statement: TextClause, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows of one statement that is atomic by itself.

        In an open transaction it is a part of that; alone it saves the round trips of BEGIN and COMMIT.
        Raises DatabaseUnavailable as `transaction` does.
        """
        session: Session = self._sessions()
        if session.in_transaction():
            return _rows(session.connection().execute(statement, parameters))
        with _limited(), _named_failures(), self._autocommit.connect() as connection:
            return _rows(connection.execute(statement, parameters))

    def close(self) -> None:
        self.engine.dispose()


_limit = threading.local()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Less patience than PATIENCE_SECONDS for this thread's use of the database inside the block."""
    _limit.ends_at = time.monotonic() + seconds
    try:
        yield
    finally:
        del _limit.ends_at


@contextmanager
def _limited() -> Iterator[None]:
    if hasattr(_limit, "ends_at"):
        yield
        return
    with at_most(PATIENCE_SECONDS):
        yield


@contextmanager
def _named_failures() -> Iterator[None]:
    """What the driver raises when the database is away, as the domain's error; everything else is a bug and passes."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable("no database connection became free") from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error, OperationalError):
            raise DatabaseUnavailable(str(error.orig).strip()) from error
        raise


def _rows(result: CursorResult[Any]) -> Sequence[Row[Any]]:
    return result.all() if result.returns_rows else []


def _prepare(connection: psycopg2.extensions.connection, _record: object) -> None:
    """The server gives up on what this process no longer waits for."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET TIME ZONE 'UTC'; SET statement_timeout = {int(PATIENCE_SECONDS * 1000)};"
            "SET idle_in_transaction_session_timeout = 5000"
        )
    connection.commit()


def _wait(connection: psycopg2.extensions.connection) -> None:
    """Wait for one connect or statement, but not for ever.

    A half-open connection blocks libpq without end, whatever the keepalive settings. Raising here makes psycopg2
    close the connection itself; closing it from within this callback would hang.
    """
    ends_at = getattr(_limit, "ends_at", time.monotonic() + PATIENCE_SECONDS)
    poller = select.poll()
    while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
        poller.register(
            connection.fileno(), select.POLLIN if state == psycopg2.extensions.POLL_READ else select.POLLOUT
        )
        left = ends_at - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            raise psycopg2.OperationalError("the database does not answer in time")
