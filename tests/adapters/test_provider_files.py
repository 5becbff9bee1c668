"""The contract of files that lie at providers, held by PostgreSQL and by the twin in memory."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.adapters.db.provider_files import PostgresRemoteFiles
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_provider_files import MemoryRemoteFiles
from tests.twins.memory_stores import MemoryStores

Files = MemoryRemoteFiles | PostgresRemoteFiles
Stores = MemoryStores | PostgresStores

HOUR = 3600
WHO = ("gemini", "account-digest")


@pytest.fixture
def files(stores: Stores) -> Files:
    if isinstance(stores, MemoryStores):
        return MemoryRemoteFiles(stores.database)
    return PostgresRemoteFiles(stores.database)


def test_what_was_kept_is_found_until_ten_minutes_before_its_end(files: Files, stores: Stores) -> None:
    files.keep(*WHO, "sha", "https://host/files/1", 47 * HOUR)
    assert files.find(*WHO, "sha") == "https://host/files/1"
    stores.pass_time(47 * HOUR - 615)
    assert files.find(*WHO, "sha") == "https://host/files/1"
    stores.pass_time(20)
    assert files.find(*WHO, "sha") is None


@pytest.mark.parametrize(
    "other", [("openai", "account-digest", "sha"), ("gemini", "another", "sha"), ("gemini", "account-digest", "ahs")]
)
def test_another_provider_account_or_content_has_files_of_its_own(files: Files, other: tuple[str, str, str]) -> None:
    files.keep(*WHO, "sha", "https://host/files/1", HOUR)
    assert files.find(*other) is None
    files.forget(*other)
    assert files.find(*WHO, "sha") == "https://host/files/1"


def test_what_is_kept_again_replaces_address_and_end(files: Files, stores: Stores) -> None:
    files.keep(*WHO, "sha", "https://host/files/1", HOUR)
    files.keep(*WHO, "sha", "https://host/files/2", 3 * HOUR)
    stores.pass_time(2 * HOUR)
    assert files.find(*WHO, "sha") == "https://host/files/2"


def test_what_was_forgotten_is_not_found(files: Files) -> None:
    files.keep(*WHO, "sha", "https://host/files/1", HOUR)
    for _ in range(2):
        files.forget(*WHO, "sha")
    assert files.find(*WHO, "sha") is None


def test_workers_that_uploaded_the_same_at_once_agree_on_one_address(files: Files) -> None:
    start = Barrier(4)

    def keep(number: int) -> None:
        start.wait()
        files.keep(*WHO, "sha", f"https://host/files/{number}", HOUR)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(keep, range(4)))
    assert files.find(*WHO, "sha") in {f"https://host/files/{number}" for number in range(4)}


def test_only_rows_whose_time_is_over_are_deleted_and_no_more_at_once_than_asked(files: Files, stores: Stores) -> None:
    for number in range(3):
        files.keep(*WHO, f"old {number}", "https://host/files/old", HOUR)
    files.keep(*WHO, "new", "https://host/files/new", 3 * HOUR)
    assert files.forget_expired(10) == 0
    stores.pass_time(2 * HOUR)
    assert [files.forget_expired(2), files.forget_expired(2), files.forget_expired(2)] == [2, 1, 0]
    assert files.find(*WHO, "new") == "https://host/files/new"
