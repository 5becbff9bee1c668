import pytest

from tests.support.fakes.vk.fake import FakeVk
from tests.vk.writing_desk import WritingDesk


@pytest.fixture
def desk(vk: FakeVk) -> WritingDesk:
    return WritingDesk(vk)
