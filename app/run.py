"""Everything on one machine: embedded PostgreSQL, migrations, then the Procfile's processes until Ctrl-C.

For development and for booths on one computer; larger installations run the Procfile under a service manager.
"""

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.embedded_postgres.errors import EmbeddedPostgresError
from app.config import ConfigError, Settings, load_settings
from app.leftovers import MARK, end_leftovers, listener

_PROCFILE = Path(__file__).resolve().parent.parent / "Procfile"
_PROCESSES = ("web", "worker", "cleanup", "tracker")


class CannotStart(Exception):
    """The message says what is in the way."""


def run() -> int:
    """Run until Ctrl-C, SIGTERM, SIGHUP or the end of a process; returns 0 if it was asked to stop, else 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        settings = load_settings()
        with _alone_in(settings.var_dir):
            _check_port(settings)
            if settings.database_url:
                return _run_on(settings.database_url, settings, None)
            with _embedded_database(settings.var_dir) as server:
                return _run_on(server.url, settings, server)
    except KeyboardInterrupt:
        return 0
    except (CannotStart, ConfigError, EmbeddedPostgresError) as error:
        print(f"PhotoChanger cannot start: {error}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def _alone_in(var_dir: Path) -> Iterator[None]:
    """Hold the folder against a second run; before and after, end what is left of an earlier or of this one."""
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        lock = (var_dir / "run.lock").open("w")
    except OSError as error:
        raise CannotStart(f"VAR_DIR: {var_dir} cannot be written ({error.strerror})") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"it runs already with its files in {var_dir} (VAR_DIR)") from None
        if end_leftovers(var_dir):
            _say("Ended what an earlier run had left behind")
        try:
            yield
        finally:
            end_leftovers(var_dir)


def _check_port(settings: Settings) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        taken_by = listener(settings.port)
        reason = f"taken by {taken_by}" if taken_by else error.strerror
        raise CannotStart(
            f"port {settings.port} of {settings.host}: {reason}. Choose another one: PORT={settings.port + 1} make run"
        ) from None


@contextlib.contextmanager
def _embedded_database(var_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A server that runs as long as this block."""
    wanted = var_dir / "postgres"
    server = EmbeddedPostgres(wanted)
    _say("Starting PostgreSQL …")
    try:
        server.ensure_running()
        why = "" if server.home == wanted else f", because {var_dir} is closed to the account that it runs as"
        _say(f"PostgreSQL keeps its files in {server.home}{why}")
        yield server
    finally:
        _ignore_signals()
        _say("Stopping PostgreSQL …")
        server.stop()


def _run_on(database_url: str, settings: Settings, server: EmbeddedPostgres | None) -> int:
    _prepare_environment(settings, database_url)
    _say("Bringing the database up to date …")
    if subprocess.run([sys.executable, "-m", "app", "release", "--curl"], check=False).returncode:
        raise CannotStart("the database could not be brought up to date")
    return _serve(settings, server)


def _prepare_environment(settings: Settings, database_url: str) -> None:
    """What every process started from here on inherits; `python` is the one that runs this."""
    os.environ.update(
        {
            "DATABASE_URL": database_url,
            "VAR_DIR": str(settings.var_dir),
            "PORT": str(settings.port),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
            "PYTHONUNBUFFERED": "1",
            MARK: str(settings.var_dir),
        }
    )


def _serve(settings: Settings, server: EmbeddedPostgres | None) -> int:
    command = [sys.executable, "-m", "honcho", "start", "--env", os.devnull, "--procfile", str(_PROCFILE), *_PROCESSES]
    started = time.monotonic()
    with subprocess.Popen(command) as processes:  # noqa: S603 - our own programs, no shell
        try:
            while processes.poll() is None and not _answers(settings):
                time.sleep(0.1)
            if processes.poll() is None:
                _say(f"Ready after {time.monotonic() - started:.1f} s. Ctrl-C stops everything.")
            _watch(processes, server)
        except KeyboardInterrupt:
            _ignore_signals()
            processes.terminate()
            return 0
    _say("One of the processes has ended, and so did the others: its reason is above.")
    return 1


def _watch(processes: subprocess.Popen[bytes], server: EmbeddedPostgres | None) -> None:
    """Wait for the end, and start the embedded server again whenever something has killed it."""
    while processes.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            processes.wait(timeout=2)
        if server and processes.poll() is None and not server.is_running():
            _say("PostgreSQL is gone. Starting it again …")
            try:
                server.ensure_running()
            except EmbeddedPostgresError as error:
                _say(str(error))


def _answers(settings: Settings) -> bool:
    """Whether the web process answers that all it needs is there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _ignore_signals() -> None:
    """Nothing interrupts an end that has begun: honcho needs five seconds at most, PostgreSQL hardly one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say(text: str) -> None:
    """Show progress; a closed terminal is no reason to stop half-way."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
