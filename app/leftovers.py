"""Processes that a killed `make run` left behind: found by a mark in their environment, so that none is mistaken."""

import contextlib
import os
import signal
from pathlib import Path

import psutil

from app.adapters.embedded_postgres.processes import end_all

MARK = "PHOTOCHANGER_RUN"
"""An environment variable that the runner gives its processes; its value is their VAR_DIR."""

_GRACE_SECONDS = 6
"""One more than honcho allows its processes."""


def end_leftovers(var_dir: Path) -> bool:
    """End every process of a run in `var_dir`, forcibly if need be; whether there were any."""
    found = [process for process in psutil.process_iter(["environ"]) if _belongs_to(process, var_dir)]
    end_all(found, signal.SIGTERM, _GRACE_SECONDS)
    return bool(found)


def _belongs_to(process: psutil.Process, var_dir: Path) -> bool:
    environ = process.info["environ"] or {}
    return process.pid != os.getpid() and environ.get(MARK) == str(var_dir)


def listener(port: int) -> str | None:
    """The process that listens on the TCP `port`, such as "process 4711 (nginx)"; None if that is not ours to see."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return None
