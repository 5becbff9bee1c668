import pytest

from app.domain.vk.community import Community
from tests.support.fakes.vk.fake import FakeVk


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def community(publisher: Community) -> Community:
    return publisher


@pytest.fixture
def posts(community: Community) -> str:
    """The address of the community's posts."""
    return f"/communities/{community.id}/posts"
