import pytest
from flask.testing import FlaskClient

from app.domain.vk.community import Community
from tests.support.fakes.vk.fake import FakeVk
from tests.web.visitor import Visitor


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


@pytest.fixture
def community(publisher: Community) -> Community:
    return publisher


@pytest.fixture
def posts(community: Community) -> str:
    """The address of the community's posts."""
    return f"/communities/{community.id}/posts"
