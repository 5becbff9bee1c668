"""Calls of VK's API as plain as its documents show them."""

from typing import Any

import requests

from tests.pictures import jpeg
from tests.support.fakes.vk.fake import GROUP_ID, USER_TOKEN, FakeVk
from tests.support.fakes.vk.world import Album

OWNER_ID = -GROUP_ID


def ask(vk: FakeVk, method: str, token: str = USER_TOKEN, **parameters: Any) -> Any:
    """The whole answer."""
    fields = {"v": "5.199", "access_token": token, **parameters}
    return requests.post(f"{vk.url}/method/{method}", data=fields, timeout=10).json()


def do(vk: FakeVk, method: str, token: str = USER_TOKEN, **parameters: Any) -> Any:
    """What stands in `response`."""
    return ask(vk, method, token, **parameters)["response"]


def refused(vk: FakeVk, method: str, token: str = USER_TOKEN, **parameters: Any) -> int:
    """The code of the error."""
    return int(ask(vk, method, token, **parameters)["error"]["error_code"])


def send_files(url: str, **files: bytes) -> Any:
    """To an upload address; returns what is to be passed on."""
    named = {name: (f"{name}.jpg", data, "image/jpeg") for name, data in files.items()}
    return requests.post(url, files=named, timeout=10).json()


def upload_for_post(vk: FakeVk, token: str = USER_TOKEN, data: bytes | None = None) -> str:
    """The attachment's name."""
    place = do(vk, "photos.getWallUploadServer", token, group_id=GROUP_ID)
    sent = send_files(place["upload_url"], photo=data or jpeg(120, 80))
    [photo] = do(vk, "photos.saveWallPhoto", token, group_id=GROUP_ID, **sent)
    return f"photo{photo['owner_id']}_{photo['id']}_{photo['access_key']}"


def upload_to_album(vk: FakeVk, album: Album, **files: bytes) -> Any:
    """The photos that were saved."""
    place = do(vk, "photos.getUploadServer", group_id=GROUP_ID, album_id=album.id)
    sent = send_files(place["upload_url"], **files)
    return do(vk, "photos.save", group_id=GROUP_ID, album_id=sent.pop("aid"), **sent)


def write(vk: FakeVk, message: str = "Привет", token: str = USER_TOKEN, **parameters: Any) -> int:
    """The id of a post by `wall.post`."""
    return int(do(vk, "wall.post", token, owner_id=OWNER_ID, from_group=1, message=message, **parameters)["post_id"])


def in_an_hour(vk: FakeVk, minutes: int = 0) -> int:
    """Unix time by the fake's clock, for `publish_date`."""
    return vk.clock.unix() + 3600 + 60 * minutes
