"""The suite's PostgreSQL: one server, one migrated template, a fresh copy of it for each test that asks."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from psycopg2 import sql
from sqlalchemy import make_url

from app.adapters.db.migrate import upgrade
from app.adapters.embedded_postgres import EmbeddedPostgres


@contextlib.contextmanager
def public_directory() -> Iterator[Path]:
    """A temporary directory that lets other accounts through: as root the server is run by one of them."""
    with tempfile.TemporaryDirectory(prefix="photochanger-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@contextlib.contextmanager
def private_server() -> Iterator[EmbeddedPostgres]:
    """A server of its own that has not been started yet; crashed and forgotten at the end."""
    with public_directory() as directory:
        server = EmbeddedPostgres(directory / "postgres")
        try:
            yield server
        finally:
            server.stop("immediate")


@contextlib.contextmanager
def suite_server() -> Iterator[str]:
    """The URL of the server that `DATABASE_URL` names, or of an embedded one that saves the time of fsync."""
    if given := os.environ.get("DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
        return
    with private_server() as server:
        url = server.ensure_running()
        execute(url, "ALTER SYSTEM SET fsync = off")
        execute(url, "SELECT pg_reload_conf()")
        yield url


@contextlib.contextmanager
def migrated_template(server_url: str) -> Iterator[str]:
    """The name of a database with the current schema, to which nobody is connected."""
    with new_database(server_url) as url:
        upgrade(url)
        yield str(make_url(url).database)


@contextlib.contextmanager
def new_database(server_url: str, template: str = "template0") -> Iterator[str]:
    """The URL of a copy of `template`, dropped at the end whoever is still connected."""
    name = f"photochanger_test_{secrets.token_hex(6)}"
    execute(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)


def name_of(url: str) -> str:
    """The database's name, by which others are copied from it."""
    return str(make_url(url).database)


def execute(url: str, statement: str, *names: str) -> None:
    """Run one statement outside a transaction; `names` fill its placeholders as identifiers."""
    target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with contextlib.closing(psycopg2.connect(target)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
