from collections.abc import Iterator

import pytest

from tests.providers.gemini_at_work import GeminiAtWork, gemini_at_work
from tests.providers.public_folder import PublicFolder
from tests.providers.studio import Neighbours, Studio, studio
from tests.providers.subjects import SUBJECTS
from tests.support.fakes.server import FakeServer


@pytest.fixture
def gemini() -> Iterator[GeminiAtWork]:
    with gemini_at_work() as at_work:
        yield at_work


@pytest.fixture(scope="module")
def neighbours() -> Iterator[Neighbours]:
    with PublicFolder() as folder, FakeServer() as foreign:
        yield Neighbours(folder, foreign)


@pytest.fixture
def at_work(neighbours: Neighbours, provider: str) -> Iterator[Studio]:
    """A studio with the provider that the test is parametrised by."""
    with studio(SUBJECTS[provider], neighbours) as opened:
        yield opened
