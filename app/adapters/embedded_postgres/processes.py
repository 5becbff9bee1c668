"""Server processes that outlived their postmaster, and pid files that outlived both."""

import contextlib
import signal
from pathlib import Path

import psutil


def sweep(cluster: Path) -> None:
    """Make way for a start in `cluster`, on which no server listens: end leftovers, drop the stale pid file.

    PostgreSQL itself only looks whether the recorded pid exists, which after a restart of a container is often
    true of a stranger, and of a zombie always. Leftovers get SIGQUIT, PostgreSQL's own order to end at once.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    leftovers = _servers(cluster)
    for process in leftovers:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGQUIT)
    _, alive = psutil.wait_procs(leftovers, timeout=3)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=3)
    pid_file.unlink(missing_ok=True)


def _servers(cluster: Path) -> list[psutil.Process]:
    """Processes of PostgreSQL that work in `cluster`; a zombie has no working directory and is not among them."""
    wanted = {"name": "postgres", "cwd": str(cluster)}
    return [process for process in psutil.process_iter(list(wanted)) if process.info == wanted]
