"""What an installation without a PostgreSQL of its own relies on: it starts, survives, and keeps others out."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import psycopg2.extensions
import pytest
from sqlalchemy import create_engine, text

from app.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.support import databases
from tests.waiting import until


@pytest.fixture(scope="module")
def survivor() -> Iterator[EmbeddedPostgres]:
    """One server that goes through all that is done to it here."""
    with databases.private_server() as server:
        yield server


@pytest.fixture
def server(survivor: EmbeddedPostgres) -> EmbeddedPostgres:
    survivor.ensure_running()
    return survivor


@pytest.fixture
def new_server() -> Iterator[EmbeddedPostgres]:
    with databases.private_server() as server:
        yield server


def connect(server: EmbeddedPostgres) -> psycopg2.extensions.connection:
    return psycopg2.connect(server.url.replace("+psycopg2", ""))


def query(server: EmbeddedPostgres, statement: str) -> Any:
    """The first value that `statement` returns."""
    with contextlib.closing(connect(server)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.home / "cluster" / "postmaster.pid").read_text().split()[0]))


def note(server: EmbeddedPostgres, value: int) -> None:
    query(server, f"CREATE TABLE IF NOT EXISTS note AS SELECT {value} AS value")


def noted(server: EmbeddedPostgres) -> Any:
    return query(server, "SELECT value FROM note")


class TestStart:
    def test_a_first_start_makes_the_database(self, server: EmbeddedPostgres) -> None:
        assert query(server, "SELECT current_database()") == "photochanger"

    def test_the_url_suits_sqlalchemy(self, server: EmbeddedPostgres) -> None:
        engine = create_engine(server.url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT lower('ФОТО')")).scalar() == "фото"
        engine.dispose()

    def test_starting_again_changes_nothing(self, server: EmbeddedPostgres) -> None:
        before = postmaster(server)
        assert server.ensure_running() == server.url
        assert postmaster(server) == before

    def test_a_missing_database_is_made_again(self, server: EmbeddedPostgres) -> None:
        databases.execute(server.url.replace("/photochanger?", "/postgres?"), "DROP DATABASE photochanger")
        server.ensure_running()
        assert query(server, "SELECT current_database()") == "photochanger"

    def test_commits_reach_the_disk(self, server: EmbeddedPostgres) -> None:
        assert query(server, "SHOW fsync") == "on"
        assert query(server, "SHOW synchronous_commit") == "on"

    def test_several_processes_may_start_it_at_once(self, new_server: EmbeddedPostgres) -> None:
        program = (
            "import pathlib, sys; from app.adapters.embedded_postgres import EmbeddedPostgres;"
            "print(EmbeddedPostgres(pathlib.Path(sys.argv[1])).ensure_running())"
        )
        command = [sys.executable, "-c", program, str(new_server.home)]
        starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        answers = [starter.communicate(timeout=60)[0].strip() for starter in starters]
        assert answers == [new_server.url] * 3
        assert query(new_server, "SELECT 1") == 1

    def test_an_interrupted_first_start_is_begun_afresh(self, new_server: EmbeddedPostgres) -> None:
        half = new_server.home / "cluster.new" / "base"
        half.mkdir(parents=True)
        new_server.ensure_running()
        assert not half.exists()

    @pytest.mark.parametrize("name", ["with space", "q'uote\"s", "$HOME", "фото", "a" * 120])
    def test_any_directory_name_will_do(self, new_server: EmbeddedPostgres, name: str) -> None:
        odd = EmbeddedPostgres(new_server.home.parent / name / "postgres")
        try:
            odd.ensure_running()
            assert query(odd, "SELECT 1") == 1
        finally:
            odd.stop("immediate")


class TestSurvival:
    @pytest.fixture(autouse=True)
    def _something_to_lose(self, server: EmbeddedPostgres) -> None:
        note(server, 7)

    @pytest.mark.parametrize("mode", ["fast", "immediate"])
    def test_data_survives_a_stop(self, server: EmbeddedPostgres, mode: Any) -> None:
        server.stop(mode)
        assert not server.is_running()
        server.ensure_running()
        assert noted(server) == 7

    def test_stopping_twice_is_no_error(self, server: EmbeddedPostgres) -> None:
        server.stop()
        server.stop()

    def test_a_stop_does_not_wait_for_open_sessions(self, server: EmbeddedPostgres) -> None:
        with contextlib.closing(connect(server)):
            server.stop()
        assert not server.is_running()

    def test_data_survives_the_kill_of_the_server(self, server: EmbeddedPostgres) -> None:
        postmaster(server).kill()
        until(lambda: not server.is_running(), what="death of the server")
        server.ensure_running()
        assert noted(server) == 7

    def test_data_survives_the_kill_of_all_its_processes(self, server: EmbeddedPostgres) -> None:
        os.killpg(postmaster(server).pid, signal.SIGKILL)
        until(lambda: not server.is_running(), what="death of the server")
        server.ensure_running()
        assert noted(server) == 7

    def test_the_kill_of_one_session_is_waited_out(self, server: EmbeddedPostgres) -> None:
        with contextlib.closing(connect(server)) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            server.ensure_running()
        assert noted(server) == 7

    def test_a_session_that_outlives_the_server_is_ended(self, server: EmbeddedPostgres) -> None:
        with contextlib.closing(connect(server)) as connection:
            orphan = psutil.Process(connection.info.backend_pid)
            orphan.suspend()
            postmaster(server).kill()
            until(lambda: not server.is_running(), what="death of the server")
            server.ensure_running()
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
        assert noted(server) == 7

    def test_the_pid_of_a_stranger_does_not_prevent_a_start(self, server: EmbeddedPostgres) -> None:
        pid_file = server.home / "cluster" / "postmaster.pid"
        recorded, account = pid_file.read_text(), postmaster(server).uids().real
        server.stop()
        with subprocess.Popen(["sleep", "60"], user=account if os.geteuid() == 0 else None) as stranger:
            pid_file.write_text("\n".join([str(stranger.pid), *recorded.splitlines()[1:], ""]))
            server.ensure_running()
            assert stranger.poll() is None
            stranger.kill()
        assert noted(server) == 7

    def test_a_lost_socket_is_made_again(self, server: EmbeddedPostgres) -> None:
        (server.home / "socket" / ".s.PGSQL.5432").unlink()
        server.ensure_running()
        assert noted(server) == 7


class TestPrivacy:
    def test_there_is_no_network_port(self, server: EmbeddedPostgres) -> None:
        assert postmaster(server).net_connections("tcp") == []

    def test_files_and_socket_are_closed_to_others(self, server: EmbeddedPostgres) -> None:
        home = server.home
        for path in (home, home / "cluster", home / "socket", home / "socket" / ".s.PGSQL.5432"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path

    def test_a_deep_directory_gets_a_private_socket_elsewhere(self, new_server: EmbeddedPostgres) -> None:
        deep = EmbeddedPostgres(new_server.home.parent / ("d" * 100) / "postgres")
        try:
            socket_dir = Path(deep.ensure_running().partition("host=")[2])
            assert len(str(socket_dir)) < 50
            assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
        finally:
            deep.stop("immediate")

    def test_a_socket_directory_that_is_open_to_others_is_refused(self, new_server: EmbeddedPostgres) -> None:
        planted = new_server.home / "socket"
        planted.mkdir(parents=True)
        planted.chmod(0o777)
        with pytest.raises(EmbeddedPostgresError, match="open to others"):
            new_server.ensure_running()


class TestErrors:
    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.touch()
        with pytest.raises(EmbeddedPostgresError, match=f"cannot use {blocked}.*: Not a directory|File exists"):
            EmbeddedPostgres(blocked / "postgres").ensure_running()

    def test_what_the_server_says_is_passed_on(self, postgres_server: EmbeddedPostgres) -> None:
        postgres_server.stop()
        (postgres_server.home / "cluster" / "PG_VERSION").write_text("9.6\n")
        with pytest.raises(EmbeddedPostgresError, match="FATAL:  database files are incompatible with server"):
            postgres_server.ensure_running()


class TestFullDisk:
    @pytest.fixture
    def small_disk(self) -> Iterator[Path]:
        with databases.public_directory() as directory:
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "tmpfs", directory])
            if mounted.returncode:
                pytest.skip("mounting a small disk takes root and its capabilities")
            try:
                yield directory
            finally:
                subprocess.run(["umount", "--lazy", directory], check=True)

    @pytest.fixture
    def server(self, small_disk: Path) -> Iterator[EmbeddedPostgres]:
        server = EmbeddedPostgres(small_disk / "postgres")
        yield server
        server.stop("immediate")

    def test_a_first_start_says_so_and_leaves_nothing(self, server: EmbeddedPostgres) -> None:
        with pytest.raises(EmbeddedPostgresError, match="No space left on device"):
            server.ensure_running()
        assert list(server.home.iterdir()) == []

    def test_a_later_start_says_so_and_works_once_there_is_room(
        self, server: EmbeddedPostgres, small_disk: Path
    ) -> None:
        subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
        server.ensure_running()
        server.stop()
        ballast = small_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with pytest.raises(EmbeddedPostgresError, match="No space left on device"):
            server.ensure_running()
        ballast.unlink()
        server.ensure_running()
        assert query(server, "SELECT 1") == 1
