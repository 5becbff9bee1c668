"""The engine and the one session of each thread; every statement is bounded in time."""

import math
import select
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg2
import psycopg2.extensions
from sqlalchemy import CursorResult, Executable, Row, create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from app.domain.errors import DatabaseUnavailable

PATIENCE_SECONDS = 5.0
"""How long one use of the database may take in all: ping, reconnect and statements."""

POOL_WAIT_SECONDS = 1.0

_NOW = text("SELECT now() AS now")

_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}

# A server that is in recovery, read-only, full, out of connections or shutting down: it may be well again soon.
_PASSING_STATES = ("25006", "25P03")
_PASSING_CLASSES = ("08", "53", "57", "58")


class Database:
    """One engine and its thread-bound sessions."""

    def __init__(self, url: str, *, pool_size: int, application_name: str) -> None:
        psycopg2.extensions.set_wait_callback(_wait)
        options: dict[str, Any] = {
            "pool_size": pool_size,
            "max_overflow": 0,
            "pool_timeout": POOL_WAIT_SECONDS,
            "pool_pre_ping": True,
            # What a statement was given is people's data and secrets' hashes: no error may print it into a log.
            "hide_parameters": True,
            "connect_args": {**_KEEPALIVES, "application_name": application_name},
        }
        self.engine: Engine = create_engine(url, **options)
        # A pool of its own: changing the mode of a connection at each use takes a round trip, and may hang.
        self._autocommit = create_engine(url, isolation_level="AUTOCOMMIT", **options)
        for engine in (self.engine, self._autocommit):
            event.listen(engine, "connect", _prepare)
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
            with at_most(PATIENCE_SECONDS), _named_failures(), session.begin():
                yield session
        finally:
            self._sessions.remove()

    def run(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows of one statement that is atomic by itself.

        In an open transaction it is a part of that; alone it saves the round trips of BEGIN and COMMIT.
        Raises DatabaseUnavailable as `transaction` does.
        """
        session: Session = self._sessions()
        if session.in_transaction():
            return _rows(session.connection().execute(statement, parameters))
        with at_most(PATIENCE_SECONDS), _named_failures(), self._autocommit.connect() as connection:
            return _rows(connection.execute(statement, parameters))

    def now(self) -> datetime:
        """The database's clock, the one that decides; it stands still inside a transaction."""
        moment: datetime = self.run(_NOW)[0].now
        return moment

    def connect(self) -> psycopg2.extensions.connection:
        """A connection outside the pool, for what needs one of its own. Raises psycopg2.Error."""
        positional, named = self.engine.dialect.create_connect_args(self.engine.url)
        connection: psycopg2.extensions.connection = psycopg2.connect(*positional, **{**named, **_KEEPALIVES})
        return connection

    def close(self) -> None:
        self.engine.dispose()
        self._autocommit.dispose()


_limit = threading.local()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Less patience for this thread's use of the database inside the block; an outer, shorter limit stays."""
    outer: float = getattr(_limit, "ends_at", math.inf)
    _limit.ends_at = min(outer, time.monotonic() + seconds)
    try:
        yield
    finally:
        _limit.ends_at = outer


@contextmanager
def _named_failures() -> Iterator[None]:
    """What the driver raises when the database is away, as the domain's error; everything else is a bug and passes."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable("no database connection became free") from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:  # outside a statement: nobody wrapped it
        raise DatabaseUnavailable(str(error).strip()) from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error, OperationalError) or _is_passing(error):
            raise DatabaseUnavailable(str(error.orig).strip()) from error
        raise


def _is_passing(error: DBAPIError) -> bool:
    state: str = getattr(error.orig, "pgcode", None) or ""
    return state in _PASSING_STATES or state[:2] in _PASSING_CLASSES


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
    ends_at = min(getattr(_limit, "ends_at", math.inf), time.monotonic() + PATIENCE_SECONDS)
    poller = select.poll()
    while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
        poller.register(
            connection.fileno(), select.POLLIN if state == psycopg2.extensions.POLL_READ else select.POLLOUT
        )
        left = ends_at - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            raise psycopg2.OperationalError("the database does not answer in time")
