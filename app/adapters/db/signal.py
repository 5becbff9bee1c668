"""Wakes the worker by LISTEN/NOTIFY; where notifications are dropped, the time limit of `wait` remains."""

import contextlib
import os
import select
import time

import psycopg2
import structlog
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from psycopg2.extensions import connection as Connection

from app.adapters.db.connection import Database

log = structlog.get_logger(__name__)

_RECONNECT_SECONDS = 1.0


class PostgresJobSignal:
    """Implements ports.JobSignal with one connection of its own, opened again when it breaks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        self._connection: Connection | None = None
        self._connect_after = 0.0

    def wait(self, seconds: float) -> None:
        self._listen()
        if self._receive():
            return
        poller = select.poll()
        poller.register(self._wake_reader, select.POLLIN)
        if self._connection:
            poller.register(self._connection.fileno(), select.POLLIN)
        poller.poll(seconds * 1000)
        self._drain()
        self._receive()

    def wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes just as well
            os.write(self._wake_writer, b"!")

    def close(self) -> None:
        self._disconnect()
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def _listen(self) -> None:
        if self._connection is None and time.monotonic() >= self._connect_after:
            self._connect_after = time.monotonic() + _RECONNECT_SECONDS
            try:
                self._connection = self._connect()
            except psycopg2.Error as error:
                log.warning("job_signal_unavailable", error=str(error).strip())

    def _connect(self) -> Connection:
        connection = self._database.connect()
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with connection.cursor() as cursor:
            cursor.execute("LISTEN photochanger_job")
        return connection

    def _receive(self) -> bool:
        """Take what has arrived; True if there was a notification."""
        if self._connection is None:
            return False
        try:
            self._connection.poll()
        except psycopg2.Error as error:
            log.warning("job_signal_lost", error=str(error).strip())
            self._disconnect()
            return False
        received = bool(self._connection.notifies)
        self._connection.notifies.clear()
        return received

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake_reader, 4096):
                pass
