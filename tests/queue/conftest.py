from collections.abc import Iterator

import pytest

from app.adapters.db.connection import Database
from app.adapters.db.queue import PostgresJobQueue


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=12, application_name="tests")
    yield database
    database.close()


@pytest.fixture
def queue(database: Database) -> PostgresJobQueue:
    return PostgresJobQueue(database, max_active=10_000)
