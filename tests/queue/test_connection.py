"""A database that fails must fail quickly and by name, and leave nothing checked out."""

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.adapters.db import connection
from app.adapters.db.connection import Database
from app.domain.errors import DatabaseUnavailable
from tests.support.tcp_proxy import TcpProxy, tcp_proxy


@pytest.fixture
def proxy(database_url: str) -> Iterator[TcpProxy]:
    with tcp_proxy(database_url) as proxy:
        yield proxy


@pytest.fixture
def distant(proxy: TcpProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database behind the proxy, with less patience than in production so that the tests are quick."""
    monkeypatch.setattr(connection, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(connection, "POOL_WAIT_SECONDS", 0.1)
    database = Database(proxy.url, pool_size=2, application_name="tests")
    yield database
    proxy.resume()
    database.close()


def ask(database: Database) -> int:
    with database.transaction() as session:
        return int(session.scalar(text("SELECT 1")) or 0)


def test_a_hanging_database_is_given_up_in_time_and_used_again_afterwards(distant: Database, proxy: TcpProxy) -> None:
    assert ask(distant) == 1
    proxy.hang()
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable):
        ask(distant)
    assert time.monotonic() - began < 1.5
    proxy.resume()
    assert ask(distant) == 1


def test_a_cut_connection_is_replaced_before_it_is_used(distant: Database, proxy: TcpProxy) -> None:
    assert ask(distant) == 1
    proxy.cut()
    assert ask(distant) == 1


def test_an_unreachable_database_is_named_so(database_url: str) -> None:
    with tcp_proxy(database_url) as proxy:
        database = Database(proxy.url, pool_size=1, application_name="tests")
    with pytest.raises(DatabaseUnavailable):
        ask(database)


def test_an_empty_pool_is_unavailable_not_an_error(distant: Database) -> None:
    release, taken = threading.Event(), threading.Barrier(3)

    def occupy() -> None:
        with distant.transaction() as session:
            session.execute(text("SELECT 1"))
            taken.wait()
            release.wait()

    threads = [threading.Thread(target=occupy) for _ in range(2)]
    for thread in threads:
        thread.start()
    taken.wait()
    with pytest.raises(DatabaseUnavailable):
        ask(distant)
    release.set()
    for thread in threads:
        thread.join()
    assert distant.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_an_inner_transaction_joins_the_outer_and_shares_its_fate(distant: Database) -> None:
    with contextlib.suppress(RuntimeError), distant.transaction():
        with distant.transaction() as session:
            session.execute(text("UPDATE slot SET name = 'changed' WHERE id = 'slot-001'"))
        raise RuntimeError
    with distant.transaction() as session:
        assert session.scalar(text("SELECT name FROM slot WHERE id = 'slot-001'")) == "Слот 1"


def test_a_slow_statement_is_stopped_by_the_server_too(distant: Database) -> None:
    with pytest.raises(DatabaseUnavailable), distant.transaction() as session:
        session.execute(text("SELECT pg_sleep(5)"))
    assert ask(distant) == 1
