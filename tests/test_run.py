"""`make run` as its user sees it: one command, everything up, Ctrl-C, everything down."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from app.adapters.embedded_postgres import EmbeddedPostgres
from app.leftovers import MARK, end_leftovers
from tests.support import databases
from tests.waiting import until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parent.parent


class Run:
    """`python -m app run` in a folder of its own, in a session of its own as under a terminal."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.var_dir, self.port = folder / "var", port
        self._log = (folder / "run.log").open("w+")
        given = {"VAR_DIR": str(self.var_dir), "HOST": "127.0.0.1", "PORT": str(port)}
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", MARK)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "run"],
            cwd=ROOT,
            env=inherited | given | environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def output(self) -> str:
        return Path(self._log.name).read_text()

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def until_ready(self) -> "Run":
        def is_ready() -> bool:
            assert self.process.poll() is None, self.output
            return "Ready after" in self.output

        until(is_ready, seconds=60, what="readiness")
        return self

    def press_ctrl_c(self) -> int:
        """As the terminal does it: the whole group in the foreground gets the signal."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def members(self) -> list[psutil.Process]:
        """Processes started by this run, PostgreSQL's aside."""
        found = psutil.process_iter(["environ"])
        return [process for process in found if (process.info["environ"] or {}).get(MARK) == str(self.var_dir)]

    def member(self, command: str) -> psutil.Process:
        return next(process for process in self.members() if process.cmdline()[1:] == command.split())

    @property
    def postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.var_dir / "postgres")

    def wipe(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        end_leftovers(self.var_dir)
        if self.var_dir.is_dir():
            self.postgres.stop("immediate")
        self._log.close()


Start = Callable[..., Run]


@pytest.fixture
def folder() -> Iterator[Path]:
    with databases.public_directory() as directory:
        yield directory


@pytest.fixture
def start(folder: Path, free_port: int) -> Iterator[Start]:
    """Starts runs that share a folder and a port."""
    runs: list[Run] = []

    def begin(**environment: str) -> Run:
        runs.append(Run(folder, free_port, **environment))
        return runs[-1]

    yield begin
    for run in runs:
        run.wipe()


class TestEverythingAtOnce:
    def test_it_answers_and_tells_how_to_use_it(self, start: Start) -> None:
        run = start().until_ready()
        assert run.get("/readyz").status_code == 200
        assert re.search(r"serg: \S+", run.output)
        assert f"http://localhost:{run.port}" in run.output
        assert "curl " in run.output

    def test_ctrl_c_ends_all_of_it_and_is_no_failure(self, start: Start) -> None:
        run = start().until_ready()
        assert run.press_ctrl_c() == 0
        assert run.members() == []
        assert not run.postgres.is_running()

    def test_so_does_sigterm(self, start: Start) -> None:
        run = start().until_ready()
        run.process.terminate()
        assert run.process.wait(30) == 0
        assert run.members() == []
        assert not run.postgres.is_running()

    def test_a_second_start_finds_everything_as_it_was(self, start: Start) -> None:
        start().until_ready().press_ctrl_c()
        second = start().until_ready()
        assert "first password" not in second.output
        assert "curl " in second.output

    def test_a_configured_database_is_used_instead(self, start: Start, empty_database_url: str) -> None:
        run = start(DATABASE_URL=empty_database_url).until_ready()
        assert run.get("/readyz").status_code == 200
        assert not (run.var_dir / "postgres").exists()


class TestAccidents:
    def test_a_run_after_kill_9_ends_what_was_left(self, start: Start) -> None:
        killed = start().until_ready()
        killed.process.kill()
        killed.process.wait()
        left = killed.members()
        assert left
        start().until_ready()
        assert not [process for process in left if process.is_running()]

    def test_the_end_of_one_process_ends_all(self, start: Start) -> None:
        run = start().until_ready()
        run.member("queue_worker.py").kill()
        assert run.process.wait(30) == 1
        assert run.members() == []

    def test_a_killed_postgresql_comes_back(self, start: Start) -> None:
        run = start().until_ready()
        psutil.Process(int((run.postgres.home / "cluster" / "postmaster.pid").read_text().split()[0])).kill()
        until(lambda: run.get("/readyz").status_code == 200 and "is gone" in run.output, what="recovery")


class TestRefusals:
    def refusal(self, run: Run) -> str:
        assert run.process.wait(30) == 1
        assert "Traceback" not in run.output
        return run.output

    def test_a_port_that_is_taken(self, start: Start, free_port: int) -> None:
        with socket.create_server(("127.0.0.1", free_port)):
            told = self.refusal(start())
        assert f"port {free_port} of 127.0.0.1: taken by process {os.getpid()}" in told
        assert f"PORT={free_port + 1} make run" in told

    def test_a_folder_that_cannot_be_written(self, start: Start, folder: Path) -> None:
        (folder / "var").touch()
        told = self.refusal(start(SECRET_KEY="a secret of sixteen bytes"))
        assert f"VAR_DIR: {folder / 'var'} cannot be written" in told

    def test_a_bad_setting(self, start: Start) -> None:
        assert "PORT: must be a whole number" in self.refusal(start(PORT="eighty"))

    def test_a_second_run_in_the_same_folder(self, start: Start) -> None:
        start().until_ready()
        assert "it runs already" in self.refusal(start(PORT="1"))

    def test_a_database_that_does_not_answer(self, start: Start, free_port: int) -> None:
        assert start(DATABASE_URL=f"postgresql://127.0.0.1:{free_port}/none").process.wait(60) == 1
