"""A whole installation of real processes on loopback: web, workers, cleanup, over a database of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import requests

from app.config import load_settings
from app.release import release
from tests.support.ledger import Ledger
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]

INGEST_PASSWORD = "booth-secret"
ADMIN_PASSWORD = "serg-secret-1"
BOOT_SECONDS = 40


class Process:
    """One process of the installation with its log."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log_path = log
        self._log: IO[bytes] = log.open("ab")
        self.popen = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=self._log, stderr=subprocess.STDOUT
        )

    def log(self) -> str:
        return self.log_path.read_text()

    def send(self, number: signal.Signals) -> None:
        self.popen.send_signal(number)

    def kill(self) -> None:
        """As `kill -9` does: no goodbye."""
        self.popen.kill()
        self.popen.wait(10)

    def wait(self, seconds: float = 30) -> int:
        return self.popen.wait(seconds)

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.kill()
        self._log.close()


class Installation:
    """Processes that share a database and a folder. `environment` is given to each that is started later.

    `secrets` are what no log may hold. `is_released` says that the database is that of an earlier installation, with
    the usual passwords.
    """

    def __init__(self, database_url: str, folder: Path, *, is_released: bool = False, **environment: str) -> None:
        self.folder = folder
        self.media = folder / "media"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: list[Process] = []
        self.secrets = [INGEST_PASSWORD, ADMIN_PASSWORD]
        self.environment = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")},
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "INGEST_PASSWORD": INGEST_PASSWORD,
            "ADMIN_PASSWORD_SERG": ADMIN_PASSWORD,
            "ADMIN_PASSWORD_IGOR": "igor-secret-1",
            **environment,
        }
        self.secrets += [value for name, value in environment.items() if name.endswith("_API_KEY")]
        if not is_released:
            release(load_settings(self.environment), tell=_nothing_is_made_up)

    def start_web(self) -> Process:
        web = self._start("web", "-m", "app", "web")
        until(lambda: self._has_started(web) and self._answers(), BOOT_SECONDS, "the web process answers")
        return web

    def start_worker(self, *command: str) -> Process:
        """A worker; `command` replaces queue_worker.py, for tests with a provider of their own."""
        worker = self._start("worker", *(command or ("queue_worker.py",)))
        until(lambda: "worker_started" in worker.log(), BOOT_SECONDS, "the worker starts")
        return worker

    def start_cleanup(self) -> Process:
        return self._start("cleanup", "cleanup.py")

    def start_tracker(self) -> Process:
        tracker = self._start("tracker", "post_tracker.py")
        until(lambda: "tracker_started" in tracker.log(), BOOT_SECONDS, "the tracker starts")
        return tracker

    def start_slow_cleanup(self, *, seconds: float, lease_seconds: int) -> Process:
        """A cleanup that pauses after each batch; see tests.support.slow_cleanup."""
        return self._start("cleanup", "-m", "tests.support.slow_cleanup", str(seconds), str(lease_seconds))

    def start_hasty_cleanup(self) -> Process:
        """A cleanup that tells alerts sooner; see tests.support.hasty_cleanup."""
        return self._start("cleanup", "-m", "tests.support.hasty_cleanup")

    def start_slow_copying(self, *, seconds: float, hold_seconds: float) -> Process:
        """A cleanup that needs long for each copy; see tests.support.slow_copying."""
        return self._start("cleanup", "-m", "tests.support.slow_copying", str(seconds), str(hold_seconds))

    def start_scripted_worker(self, script: str, seconds: float = 0) -> Process:
        """A worker whose provider follows a script of tests.support.scripted_worker."""
        return self.start_worker("-m", "tests.support.scripted_worker", script, str(seconds))

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.environment["DATABASE_URL"], self.media)

    def assert_no_secret_in_logs(self) -> None:
        logs = self.logs()
        for secret in self.secrets:
            assert secret not in logs

    def logs(self) -> str:
        return "".join(process.log() for process in self.processes)

    def stop(self) -> None:
        for process in self.processes:
            process.stop()

    def _start(self, name: str, *command: str) -> Process:
        log = self.folder / f"{name}-{len(self.processes)}.log"
        process = Process(list(command), self.environment, log)
        self.processes.append(process)
        return process

    def _has_started(self, web: Process) -> bool:
        """A look at its log is cheap; requests in vain would take the processor's time that it starts in."""
        assert web.popen.poll() is None, web.log()
        return "web_started" in web.log()

    def _answers(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        return False


@contextlib.contextmanager
def installation(
    database_url: str, folder: Path, *, is_released: bool = False, **environment: str
) -> Iterator[Installation]:
    running = Installation(database_url, folder, is_released=is_released, **environment)
    try:
        yield running
    finally:
        running.stop()


def _nothing_is_made_up(user: str, password: str) -> None:
    raise AssertionError(f"a password of {user} was made up although it was given: {password}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
