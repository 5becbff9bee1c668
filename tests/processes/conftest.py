import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation, installation

Install = Callable[..., Installation]


@pytest.fixture
def install(database_url: str, tmp_path: Path) -> Iterator[Install]:
    """Makes an installation on a database of the test's own; keyword arguments are environment variables.

    At the end no log of any process may hold a password.
    """
    with contextlib.ExitStack() as stack:
        made: list[Installation] = []

        def make(url: str = database_url, **environment: str) -> Installation:
            made.append(stack.enter_context(installation(url, tmp_path, **environment)))
            return made[-1]

        yield make
        for running in made:
            running.assert_no_secret_in_logs()
