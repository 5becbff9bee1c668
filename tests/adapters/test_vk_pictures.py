"""Pictures that VK shows are fetched from VK or the Internet, and from nowhere else."""

import pytest

from app.adapters.vk_api.pictures import VkPictures
from app.domain.vk.errors import VkUnreachable
from tests.adapters.vk_calls import HTTP
from tests.pictures import opened
from tests.support.fakes.server import status
from tests.support.fakes.vk.fake import FakeVk


@pytest.fixture
def pictures(vk: FakeVk) -> VkPictures:
    return VkPictures(HTTP, vk.url)


def test_a_picture_is_fetched(pictures: VkPictures, vk: FakeVk) -> None:
    assert opened(pictures.fetch(f"{vk.url}/group/avatar.jpg")).format == "JPEG"


def test_a_picture_that_is_gone(pictures: VkPictures, vk: FakeVk) -> None:
    with pytest.raises(VkUnreachable):
        pictures.fetch(f"{vk.url}/photo/-1_2_x.jpg")


def test_a_server_in_trouble(pictures: VkPictures, vk: FakeVk) -> None:
    vk.always(status(503))
    with pytest.raises(VkUnreachable):
        pictures.fetch(f"{vk.url}/group/avatar.jpg")


@pytest.mark.parametrize(
    "url",
    ["", "ftp://example.org/a.jpg", "http://user@example.org/", "http://127.0.0.1:9/a.jpg", "https://127.0.0.1/a.jpg"],
)
def test_no_other_place_is_called(pictures: VkPictures, url: str) -> None:
    with pytest.raises(VkUnreachable):
        pictures.fetch(url)
