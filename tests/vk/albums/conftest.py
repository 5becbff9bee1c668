"""What tests of albums that fill begin with: the stores with one community, and a house with a fake VK."""

import pytest

from app.domain.vk.community import Community
from app.ports.vk.filling import AlbumUploads
from tests.support.fakes.vk.fake import FakeVk
from tests.vk.album_orders import Stores, connected
from tests.vk.filling_house import FillingHouse


@pytest.fixture
def uploads(stores: Stores) -> AlbumUploads:
    return stores.album_uploads


@pytest.fixture
def community(stores: Stores) -> Community:
    return connected(stores)


@pytest.fixture
def house(vk: FakeVk) -> FillingHouse:
    return FillingHouse(vk)
