"""The suite's own databases: what other tests may rely on."""

import contextlib

import psycopg2
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from app.adapters.embedded_postgres import EmbeddedPostgres
from tests.support import databases


def test_each_test_gets_the_migrated_schema(database_url: str) -> None:
    engine = create_engine(database_url)
    assert {"job", "slot"} <= set(inspect(engine).get_table_names())
    engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_writes_the_next_does_not_see(database_url: str, turn: int) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (turn int)"))
    engine.dispose()


def test_a_database_goes_even_while_somebody_is_connected(server_url: str) -> None:
    with databases.new_database(server_url) as url:
        engine = create_engine(url)
        forgotten = engine.connect()
    with pytest.raises(OperationalError):
        forgotten.execute(text("SELECT 1"))
    engine.dispose()


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    plain = empty_database_url.replace("+psycopg2", "")
    with contextlib.closing(psycopg2.connect(plain)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchone() == (0,)


def test_a_private_server_is_not_the_suites(postgres_server: EmbeddedPostgres, server_url: str) -> None:
    assert postgres_server.is_running()
    assert postgres_server.url != server_url
