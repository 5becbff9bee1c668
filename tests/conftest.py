import signal
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

from app.adapters.db.connection import Database
from app.adapters.embedded_postgres import EmbeddedPostgres
from tests.support import databases
from tests.support.fakes.vk.fake import FakeVk
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job, and so all it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("suite", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("suite")


_WAITING = {"browser", "processes"}
"""Folders of tests that wait for others most of their time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files whose tests wait come evenly among those whose tests compute: while some wait, others work."""
    files: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for item in items:
        files[item.path.parent.name in _WAITING][str(item.path)] = None
    places = {path: number / len(group) for group in files.values() for number, path in enumerate(group)}
    items.sort(key=lambda item: places[str(item.path)])


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The suite's one PostgreSQL server: do not stop it, do not write into the database that the URL names."""
    with databases.suite_server() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(server_url: str) -> Iterator[str]:
    """The name of the migrated database that `database_url` copies."""
    with databases.migrated_template(server_url) as name:
        yield name


@pytest.fixture
def database_url(server_url: str, template_database: str) -> Iterator[str]:
    """A database of the test's own, freshly migrated."""
    with databases.new_database(server_url, template_database) as url:
        yield url


@pytest.fixture(scope="session")
def shared_postgres(server_url: str, template_database: str) -> Iterator[PostgresStores]:
    """One database for all tests of `stores`, which empties it: twenty times quicker than a copy for each."""
    with databases.new_database(server_url, template_database) as url:
        database = Database(url, pool_size=12, application_name="tests")
        yield PostgresStores(database)
        database.close()


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> MemoryStores | PostgresStores:
    """What a new installation keeps in its database: for the contract that twin and real adapter share."""
    if request.param == "memory":
        return MemoryStores()
    shared: PostgresStores = request.getfixturevalue("shared_postgres")
    shared.reset()
    return shared


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database of the test's own without any table."""
    with databases.new_database(server_url) as url:
        yield url


@pytest.fixture
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """A running server of the test's own, to stop, kill and start again; its database is not migrated."""
    with databases.private_server() as server:
        server.ensure_running()
        yield server


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def vk() -> Iterator[FakeVk]:
    """VK on loopback with one community; the package tests.support.fakes.vk tells what it can."""
    with FakeVk() as fake:
        yield fake
