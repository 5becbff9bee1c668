import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.installation import Installation, installation

Install = Callable[..., Installation]


@pytest.fixture(scope="session")
def released_database(
    server_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database with the usual passwords, which take long to hash, and to which nobody is connected."""
    with databases.new_database(server_url, template_database) as url:
        Installation(url, tmp_path_factory.mktemp("release"))
        yield databases.name_of(url)


@pytest.fixture
def database_url(server_url: str, released_database: str) -> Iterator[str]:
    """A database of the test's own, migrated and released."""
    with databases.new_database(server_url, released_database) as url:
        yield url


@pytest.fixture
def install(database_url: str, tmp_path: Path) -> Iterator[Install]:
    """Makes an installation on a database of the test's own; keyword arguments are environment variables.

    At the end no log of any process may hold a password.
    """
    with contextlib.ExitStack() as stack:
        made: list[Installation] = []

        def make(url: str = database_url, **environment: str) -> Installation:
            is_released = url == database_url
            house = installation(url, tmp_path, is_released=is_released, **environment)
            made.append(stack.enter_context(house))
            return made[-1]

        yield make
        for running in made:
            running.assert_no_secret_in_logs()
