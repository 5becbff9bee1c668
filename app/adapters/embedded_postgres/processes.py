"""Server processes that outlived their postmaster, and pid files that outlived both."""

import contextlib
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil


def sweep(cluster: Path) -> None:
    """Make way for a start in `cluster`, on which no server listens: end leftovers, drop the stale pid file.

    PostgreSQL itself only looks whether the recorded pid exists, which after a restart of a container is often
    true of a stranger, and of a zombie always. Leftovers get SIGQUIT, PostgreSQL's own order to end at once.
    """
    pid_file = cluster / "postmaster.pid"
    if pid_file.exists():
        end_all(_servers(cluster), signal.SIGQUIT, seconds=2)
        pid_file.unlink(missing_ok=True)


def _servers(cluster: Path) -> list[psutil.Process]:
    """Processes of PostgreSQL that work in `cluster`; a zombie has no working directory and is not among them."""
    wanted = {"name": "postgres", "cwd": str(cluster)}
    return [process for process in psutil.process_iter(list(wanted)) if process.info == wanted]


def end_all(processes: Sequence[psutil.Process], order: signal.Signals, seconds: float) -> None:
    """Send `order` to each of the processes and, to those that still live after `seconds`, SIGKILL."""
    for number in (order, signal.SIGKILL):
        for process in filter(_lives, processes):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        give_up = time.monotonic() + seconds
        while any(map(_lives, processes)) and time.monotonic() < give_up:
            time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    """A zombie does not: in many containers nobody ever reaps it, and psutil's own waiting takes it for alive."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
