"""Pictures that VK shows, fetched for copies of our own."""

from collections.abc import Iterator

import pytest

from app.adapters.vk_api.pictures import VkPictures
from app.domain.vk.errors import VkUnreachable
from app.domain.vk.media import FILE_BYTES_MAX
from tests.adapters.vk_calls import HTTP, failing
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import FakeServer


class Pictures(FakeServer):
    def answer(self, call: Call) -> Reply:
        return Reply(200, b"\xff\xd8picture")


@pytest.fixture
def vk() -> Iterator[Pictures]:
    with Pictures() as running:
        yield running


@pytest.fixture
def pictures(vk: Pictures) -> VkPictures:
    return VkPictures(HTTP, vk.url)


def test_a_picture_is_fetched_from_where_vk_says(vk: Pictures, pictures: VkPictures) -> None:
    assert pictures.fetch(f"{vk.url}/photo/7.jpg?size=604x403") == b"\xff\xd8picture"
    [call] = vk.calls
    assert (call.method, call.path, call.query) == ("GET", "/photo/7.jpg", {"size": "604x403"})


@pytest.mark.parametrize(
    "behaviour",
    [
        server.status(404),
        server.status(502, b"<html>"),
        server.redirect("https://elsewhere.example/"),
        server.cut_short(),
        server.reset(),
        server.huge(FILE_BYTES_MAX + 1),
    ],
    ids=["gone", "gateway", "moved", "cut", "reset", "huge"],
)
def test_what_is_no_whole_picture_is_none(vk: Pictures, pictures: VkPictures, behaviour: server.Behaviour) -> None:
    vk.misbehave(behaviour)
    with failing(VkUnreachable):
        pictures.fetch(f"{vk.url}/photo/7.jpg")


@pytest.mark.parametrize(
    "url",
    [
        "http://sun9.userapi.com/7.jpg",
        "https://127.0.0.1/7.jpg",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/7.jpg",
        "file:///etc/passwd",
        "https://me:word@sun9.userapi.com/7.jpg",
        "",
    ],
)
def test_nothing_is_fetched_from_a_network_of_ours(pictures: VkPictures, url: str) -> None:
    with failing(VkUnreachable):
        pictures.fetch(url)
