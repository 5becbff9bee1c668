from collections.abc import Iterator

import pytest

from tests.providers.gemini_at_work import GeminiAtWork, gemini_at_work


@pytest.fixture
def gemini() -> Iterator[GeminiAtWork]:
    with gemini_at_work() as at_work:
        yield at_work
