"""Brings a database to the newest schema."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from app.domain.errors import DatabaseUnavailable

_ROOT = Path(__file__).resolve().parents[3]
_TRIES = 5
_CONNECT_SECONDS = 10
_PASSING = ("55P03", "40P01")  # a lock was not to be had in time, or a deadlock ended here
_LOCK = 7_236_684_270_152_201_337
"""Any number, but the same in every version that may be released at the same time."""


def alembic_config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(_ROOT / "migrations"))
    config.attributes.update(url=url, connect_args={"connect_timeout": _CONNECT_SECONDS})
    return config


@contextmanager
def alone(url: str, patience_seconds: float = 300) -> Iterator[None]:
    """Nobody else is in such a block of the same database meanwhile.

    The lock belongs to a transaction, because behind a pooler a session may change its connection; it ends with the
    process. Raises DatabaseUnavailable, also when the others take longer than `patience_seconds`.
    """
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    give_up_at = time.monotonic() + patience_seconds
    with _named_failures(), engine.begin() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        while not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}):
            if time.monotonic() > give_up_at:
                raise DatabaseUnavailable("another release has been at work on this database for too long")
            time.sleep(0.1)
        yield


def upgrade(url: str) -> None:
    """Run the missing migrations. One that cannot have a lock within a few seconds, or for a deadlock, is tried again.

    Raises DatabaseUnavailable when the database cannot be reached, or the table stays locked.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            with _named_failures():
                command.upgrade(alembic_config(url), "head")
            return
        except DatabaseUnavailable as error:
            if not _is_locked(error) or attempt == _TRIES:
                raise
            time.sleep(attempt)


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise DatabaseUnavailable(str(error.orig).strip()) from error


def is_current(url: str) -> bool:
    """Whether the database has all that the migrations make. Raises DatabaseUnavailable."""
    newest = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    with _named_failures(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _is_locked(error: DatabaseUnavailable) -> bool:
    cause = error.__cause__
    return isinstance(cause, OperationalError) and getattr(cause.orig, "pgcode", None) in _PASSING
