"""Behind a platform's router, where every connection comes from one address, clients are still told apart."""

from collections.abc import Callable

import pytest
import requests

from tests.processes.conftest import Install

pytestmark = pytest.mark.processes

Guess = Callable[[str], int]


@pytest.fixture
def guess(install: Install) -> Guess:
    """Sends a wrong password as the router passes it on, with this X-Forwarded-For; gives the status."""
    house = install(TRUSTED_PROXY="*")
    house.start_web()

    def post(forwarded_for: str) -> int:
        return requests.post(
            f"{house.url}/ingest/slot-001",
            data={"password": "wrong"},
            files={"fileToUpload": b"\xff\xd8"},
            headers={"X-Forwarded-For": forwarded_for},
            timeout=10,
        ).status_code

    return post


def test_one_that_guesses_does_not_shut_the_others_out(guess: Guess) -> None:
    assert [guess("203.0.113.1") for _ in range(11)] == [401] * 10 + [429]
    assert guess("203.0.113.2") == 401


def test_what_a_client_writes_about_itself_is_not_believed(guess: Guess) -> None:
    forged = [f"198.51.100.{number}, 203.0.113.1" for number in range(11)]
    assert [guess(header) for header in forged] == [401] * 10 + [429]
